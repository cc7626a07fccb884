"""A small archive of sounds, videos, pictures and what is none of these, and two models that know what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import mediaml as mm
from tests.media import coloured
from tests.sounds import RATE, small_model, tone, write_tones
from tests.watching import ColourModel

QUIET = 0.1


def scene(placed: list[tuple[str, float, float]], seconds: float) -> np.ndarray:
    """Quiet noise with tones in it."""
    samples = 0.01 * np.random.RandomState(3).standard_normal(int(seconds * RATE))
    for label, start, end in placed:
        samples[int(start * RATE) : int(end * RATE)] += tone(label, 70, end - start)
    return np.asarray(samples, np.float32)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> mm.LocalAudioModel:
    """Knows hums and whistles, and the quiet between them."""
    folder = write_tones(tmp_path_factory.mktemp("tones"), per_label=12)
    for path in (folder / "hiss").iterdir():
        soundfile.write(path, QUIET * soundfile.read(path)[0], RATE)
    data = mm.AudioDataset.from_folder(folder).relabel({"hiss": "quiet"})
    model = small_model(epochs=3).fit(data, progress=False)
    model.thresholds = {"quiet": float("inf"), "hum": 0.7, "whistle": 0.7}
    return model


@pytest.fixture
def pictures() -> ColourModel:
    return ColourModel()


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "tapes").mkdir()
    soundfile.write(folder / "tapes" / "hum.wav", scene([("hum", 3, 6)], 12), RATE)
    soundfile.write(folder / "tapes" / "whistle.flac", scene([("whistle", 2, 7)], 9), RATE)
    soundfile.write(folder / "tapes" / "quiet.ogg", scene([], 5), RATE)
    soundfile.write(folder / "track.wav", scene([("whistle", 1, 5)], 8), RATE)
    coloured(folder / "Größe 日本.mkv", [("red", 4.0), ("blue", 4.0)], sound=folder / "track.wav")
    (folder / "track.wav").unlink()
    for name, colour in (("red.png", (220, 10, 10)), ("grey.JPG", (128, 128, 128)), ("green.bmp", (0, 230, 0))):
        Image.new("RGB", (40, 30), colour).save(folder / name)
    (folder / "broken.mp4").write_bytes(bytes(range(256)) * 8)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (folder / "empty.wav").touch()
    (folder / "notes.txt").write_text("nothing to see")
    (folder / ".hidden.wav").write_bytes(b"x")
    return folder


@pytest.fixture
def archive(original: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    import shutil

    copy = tmp_path / "archive"
    shutil.copytree(original, copy, copy_function=shutil.copy2)
    return copy


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch):
    """Let the system refuse a folder or a file, as where a right is missing; root, who may run the tests, has all."""

    def refusing(whole: Callable, refused: Path) -> Callable:
        def ask(path, *args, **kwargs):
            if str(path) == str(refused):
                raise PermissionError(13, "Permission denied", str(refused))
            return whole(path, *args, **kwargs)

        return ask

    @contextmanager
    def block(refused: Path) -> Iterator[None]:
        with monkeypatch.context() as patch:
            for name in ("scandir", "stat"):
                patch.setattr(os, name, refusing(getattr(os, name), refused))
            yield

    return block


def rows(catalog: mm.Catalog) -> list[tuple[str, str, float, float, str]]:
    """File, label, start, end and model."""
    frame = catalog.segments()
    names = [Path(file).name for file in frame["file"]]
    times = (frame[column].round(1) for column in ("start", "end"))
    return list(zip(names, frame["label"], *times, frame["model"], strict=True))
