"""Figures that explain themselves, and small pictures of a whole set that can be compared and found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import soundfile
from matplotlib.figure import Figure
from PIL import Image

import mediaml as mm
from mediaml.data.files import printable
from mediaml.errors import AudioError
from mediaml.features.items import open_sound
from mediaml.features.pictures import overview, picture
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.dsp import hz_to_mel

RATE = 8000
BUILDER = mm.SpectrogramBuilder(sample_rate=RATE, n_fft=512, hop_length=256, mel_bands=40, clip_seconds=1.0)


def sine(hertz: float, seconds: float = 1.0, level: float = 0.3) -> npt.NDArray[np.float32]:
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.asarray(level * wave, np.float32)


def written(path: Path, samples: npt.NDArray[np.float32]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE)
    return path


def brightness(path: Path) -> npt.NDArray[np.float64]:
    """Levels of grey [rows, columns], the first row at the top."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), float)


def size(path: Path) -> tuple[int, int]:
    """Width and height."""
    with Image.open(path) as image:
        return image.size


# -- the figure of one sound ------------------------------------------------------------------------------------------


def test_a_figure_names_the_file_and_has_axes_with_units(tmp_path: Path) -> None:
    figure = BUILDER.figure(written(tmp_path / "dog.wav", sine(440, 2.0)))
    axes, bar = figure.axes
    assert axes.get_title() == "dog.wav"
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("time (s)", "frequency (Hz)", "level (dB)")
    assert axes.get_xlim() == pytest.approx((0, 2), abs=0.05)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["125", "250", "500", "1k", "2k", "4k"]


@pytest.mark.parametrize("hertz", [250.0, 1000.0, 2000.0])
def test_a_tone_lies_at_its_frequency(hertz: float) -> None:
    axes = BUILDER.figure((sine(hertz), RATE)).axes[0]
    image = axes.images[0]
    levels, (_, _, low, high) = np.asarray(image.get_array()), image.get_extent()
    loudest = low + (int(levels.mean(axis=1).argmax()) + 0.5) * (high - low) / len(levels)
    assert loudest == pytest.approx(float(hz_to_mel(np.array(hertz))), abs=(high - low) / len(levels))


def test_narrow_ranges_have_round_frequencies_instead_of_octaves() -> None:
    bats = mm.SpectrogramBuilder(sample_rate=RATE, n_fft=1024, hop_length=512, mel_bands=20, fmin=2000, fmax=3000)
    labels = [label.get_text() for label in bats.figure((sine(2500), RATE)).axes[0].get_yticklabels()]
    assert labels[0] == "2k" and labels[-1] == "3k" and len(labels) >= 4


def test_a_segment_keeps_its_place_in_the_recording(tmp_path: Path) -> None:
    path = written(tmp_path / "day.wav", np.concatenate([sine(400, 2.0, 0.0), sine(400, 2.0)]))
    axes = BUILDER.figure(mm.Clip(path=path, segment=mm.Segment(start=2, end=3))).axes[0]
    assert axes.get_xlim() == pytest.approx((2, 3), abs=0.05)
    assert axes.get_title() == "day.wav, 2.000-3.000 s"


def test_of_a_long_sound_all_is_drawn_and_the_title_says_how() -> None:
    axes = BUILDER.figure((np.tile(sine(440), 100), RATE)).axes[0]
    assert axes.images[0].get_array().shape[1] <= 1500  # type: ignore[union-attr]
    assert axes.get_xlim()[1] == pytest.approx(100, abs=0.2)
    assert axes.get_title() == "array (a column: 0.096 s)"


def test_silence_is_black() -> None:
    image = BUILDER.figure((np.zeros(RATE, np.float32), RATE)).axes[0].images[0]
    assert float(np.max(np.asarray(image.get_array()))) <= image.get_clim()[0] + 1e-3


@pytest.mark.parametrize("name", ["price $5$ and $6.wav", r"$\frac$.wav", "\udce9.wav", "a\tb.wav", "x" * 150 + ".wav"])
def test_any_name_can_stand_in_the_title(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(written(tmp_path / "plain.wav", sine(440)).read_bytes())
    figure = BUILDER.figure(path)
    assert len(figure.axes[0].get_title()) <= 85
    assert shown(figure).startswith(b"\x89PNG")


def test_what_cannot_be_read_has_no_figure(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav"):
        BUILDER.figure(tmp_path / "gone.wav")


def shown(figure: Figure) -> bytes:
    content: bytes = figure._repr_png_()  # type: ignore[attr-defined]
    return content


NOTEBOOK = """
import json, sys, warnings
import numpy, mediaml as mm
from IPython.core.interactiveshell import InteractiveShell
figure = mm.SpectrogramBuilder().figure((numpy.zeros(22050, numpy.float32), 22050))
format = InteractiveShell.instance().display_formatter.format
before, pyplot = format(figure)[0], "matplotlib.pyplot" in sys.modules
import matplotlib.pyplot as plt
from IPython.core.pylabtools import select_figure_formats
select_figure_formats(InteractiveShell.instance(), {"png"})
after = format(figure)[0]
print(json.dumps([sorted(before), pyplot, sorted(after), plt.get_fignums()]))
"""


def test_a_figure_shows_itself_once_with_and_without_pyplot() -> None:
    answer = subprocess.run([sys.executable, "-c", NOTEBOOK], capture_output=True, text=True, check=True)
    before, pyplot, after, managed = json.loads(answer.stdout)
    assert before == after == ["image/png", "text/plain"]
    assert not pyplot
    assert managed == []  # what pyplot manages is shown a second time at the end of the cell


def test_figures_can_be_drawn_in_any_thread() -> None:
    drawn: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: drawn.append(shown(BUILDER.figure((sine(440), RATE))))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 2 and drawn[0] == drawn[1]


# -- a whole sound in few columns -------------------------------------------------------------------------------------


def test_a_sound_heard_in_blocks_is_the_same_as_heard_at_once() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE * 40).astype(np.float32)
    builder = mm.SpectrogramBuilder(sample_rate=RATE, n_fft=256, hop_length=64, mel_bands=20)
    levels, together = overview(open_sound((noise, RATE)), builder.spec, 100_000)
    assert together == 1
    np.testing.assert_allclose(levels, builder.transform(noise, RATE), atol=1e-3)


def test_columns_of_a_long_sound_hold_the_mean_power() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE * 4).astype(np.float32)
    levels, together = overview(open_sound((noise, RATE)), BUILDER.spec, 30)
    power = 10 ** (BUILDER.transform(noise, RATE) / 10)
    expected = [
        10 * np.log10(power[:, first : first + together].mean(axis=1)) for first in range(0, power.shape[1], together)
    ]
    assert levels.shape[1] <= 30
    np.testing.assert_allclose(levels, np.stack(expected, axis=1), atol=1e-3)


# -- small pictures of a whole set ------------------------------------------------------------------------------------


@pytest.fixture
def tones(tmp_path: Path) -> mm.AudioDataset:
    written(tmp_path / "tones" / "low" / "1.wav", sine(150))
    written(tmp_path / "tones" / "high" / "1.wav", sine(3000))
    written(tmp_path / "tones" / "high" / "2.wav", sine(3000, 2.5))
    return mm.AudioDataset.from_folder(tmp_path / "tones")


def test_every_clip_has_a_picture_and_a_row(tones: mm.AudioDataset, tmp_path: Path) -> None:
    table = BUILDER.save_images(tones.segments(1.0), tmp_path / "out")
    assert list(table.columns) == ["picture", "file", "segment", "start", "end", "label", "error"]
    assert list(table["segment"]) == ["0.000-1.000", "0.000-1.000", "1.000-2.000", "2.000-2.500", "0.000-1.000"]
    assert list(table["label"]) == ["high"] * 4 + ["low"]
    assert table["error"].isna().all()
    assert [Path(file).name for file in table["file"]] == ["1.wav", "2.wav", "2.wav", "2.wav", "1.wav"]
    assert all((tmp_path / "out" / name).is_file() for name in table["picture"])


def test_the_table_lies_beside_the_pictures(tones: mm.AudioDataset, tmp_path: Path) -> None:
    table = BUILDER.save_images(tones, str(tmp_path / "out"))
    again = pd.read_csv(tmp_path / "out" / "spectrograms.csv")
    assert list(again.columns) == list(table.columns)
    for column in table.columns.drop("error"):
        assert list(again[column]) == list(table[column])
    assert again["error"].isna().all()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {*table["picture"], "spectrograms.csv"}  # and nothing half-written


def test_a_pixel_is_a_frame_and_a_band(tones: mm.AudioDataset, tmp_path: Path) -> None:
    table = BUILDER.save_images(tones.segments(1.0), tmp_path / "out")
    sizes = [size(tmp_path / "out" / name) for name in table["picture"]]
    assert sizes == [(BUILDER.frames(RATE), 40)] * 3 + [(BUILDER.frames(RATE // 2), 40)] + [(BUILDER.frames(RATE), 40)]


def test_low_tones_are_bright_at_the_bottom(tones: mm.AudioDataset, tmp_path: Path) -> None:
    table = BUILDER.save_images(tones, tmp_path / "out")
    names = dict(zip(table["label"], table["picture"], strict=True))
    low, high = (brightness(tmp_path / "out" / names[label]).mean(axis=1) for label in ("low", "high"))
    assert low.argmax() > 30 > 10 > high.argmax()


def test_time_runs_to_the_right(tmp_path: Path) -> None:
    path = written(tmp_path / "late.wav", np.concatenate([sine(1000, 1.0, 0.0), sine(1000)]))
    table = BUILDER.save_images([mm.Clip(path=path)], tmp_path / "out")
    columns = brightness(tmp_path / "out" / table["picture"][0]).max(axis=0)
    assert columns[: len(columns) // 3].max() == 0 < columns[-len(columns) // 3 :].min()


def test_pictures_can_be_compared_the_louder_is_the_brighter() -> None:
    shades = [np.asarray(picture(np.full((1, 1), level, np.float32)))[0, 0] for level in (-90, -70, -25, 20, 35)]
    assert shades == [0, 0, 128, 255, 255]


def test_names_never_collide(tmp_path: Path) -> None:
    paths = [
        tmp_path / "one" / "call.wav",
        tmp_path / "two" / "call.wav",
        tmp_path / "one" / "CALL.wav",
        tmp_path / "one" / "call.flac",
    ]
    for number, path in enumerate(paths):
        written(path, sine(200.0 * (number + 1), 2.0))
    parts = [None, *(mm.Segment(start=start, end=start + 0.5) for start in (0.0, 0.0001, 0.0002, 1.0))]
    clips = [mm.Clip(path=path, segment=part) for path in paths for part in parts]
    table = BUILDER.save_images(clips, tmp_path / "out")
    assert len({name.lower() for name in table["picture"]}) == len(clips)  # some file systems take both for one


@pytest.mark.parametrize(
    "stem", ["-rf", "..", "a b/../c".replace("/", "\\"), "CON", "é" * 100, "Wäldchen (früh) #3 100%", "\udce9"]
)
def test_names_are_safe_on_any_file_system(tmp_path: Path, stem: str) -> None:
    path = written(tmp_path / "plain.wav", sine(440)).rename(tmp_path / f"{stem}.wav")
    name = BUILDER.save_images([mm.Clip(path=path)], tmp_path / "out")["picture"][0]
    assert (tmp_path / "out" / name).is_file()
    assert len(name.encode()) < 200
    assert name[0].isalnum() and not set(name) & set('\\/:*?"<>|%#& ()')


def test_what_cannot_be_read_has_a_row_with_the_reason(tmp_path: Path) -> None:
    good = mm.Clip(path=written(tmp_path / "good.wav", sine(440)), labels=("hum",))
    (tmp_path / "text.wav").write_text("no sound")
    bad = [
        mm.Clip(path=tmp_path / "gone.wav", segment=mm.Segment(start=1, end=2), labels=("hum",)),
        mm.Clip(path=tmp_path / "text.wav"),
    ]
    with pytest.warns(UserWarning, match="2 of 3 clips cannot be read") as warned:
        table = BUILDER.save_images([bad[0], good, bad[1]], tmp_path / "out")
    assert Path(warned[0].filename) == Path(__file__)
    assert table["picture"].notna().tolist() == [False, True, False]
    assert table["error"][0] == "no such file" and table["error"].notna().tolist() == [True, False, True]
    assert list(table.loc[0, ["segment", "start", "end", "label"]]) == ["1.000-2.000", 1.0, 2.0, "hum"]
    assert Path(table["file"][2]).name == "text.wav"


def test_several_labels_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "dawn.wav", sine(440))
    clips = [mm.Clip(path=path, labels=("rain", "wind")), mm.Clip(path=path)]
    table = BUILDER.save_images(clips, tmp_path / "out")
    assert list(table["label"]) == [("rain", "wind"), None]
    assert pd.read_csv(tmp_path / "out" / "spectrograms.csv")["label"][0] == "rain;wind"


def test_a_second_run_replaces_the_first(tones: mm.AudioDataset, tmp_path: Path) -> None:
    first = BUILDER.save_images(tones, tmp_path / "out")
    content = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / first["picture"][0]).write_bytes(b"torn")
    BUILDER.save_images(tones, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == content


def test_nothing_gives_an_empty_table(tmp_path: Path) -> None:
    table = BUILDER.save_images([], tmp_path / "out")
    assert len(table) == 0 and "picture" in table.columns
    assert (tmp_path / "out" / "spectrograms.csv").read_text().startswith("picture,file,")


def test_a_sound_without_samples_is_a_sliver_of_silence(tmp_path: Path) -> None:
    table = BUILDER.save_images([mm.Clip(path=written(tmp_path / "none.wav", sine(440, 0.0)))], tmp_path / "out")
    assert brightness(tmp_path / "out" / table["picture"][0]).max() == 0


def test_a_very_long_sound_has_a_picture_that_opens(tmp_path: Path) -> None:
    builder = mm.SpectrogramBuilder(sample_rate=RATE, n_fft=64, hop_length=32, mel_bands=8)
    path = written(tmp_path / "long.wav", sine(440, 40.0))
    table = builder.save_images([mm.Clip(path=path)], tmp_path / "out")
    assert 2000 < size(tmp_path / "out" / table["picture"][0])[0] <= 4000


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(tmp_path / "a.txt", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_printable_keeps_every_script_and_drops_what_is_no_text() -> None:
    assert printable("Amsel ♂ 鳥 🐦.wav") == "Amsel ♂ 鳥 🐦.wav"
    assert printable(os.fsdecode(b"\xe9") + "\n\x1b[31m") == "??" + "?[31m"


def test_labels_and_errors_are_no_mathematics(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a.png")
    (tmp_path / "b $x_{$.png").write_bytes(b"no picture")
    frame = mm.ImageDataset.from_folder(tmp_path, None).frame
    box = mm.Box(label="$x_{$", left=5, top=5, width=20, height=20)
    pictures = mm.ImageDataset(frame.assign(boxes=pd.Series([(box,), ()], dtype=object)))
    assert shown(pictures.show()).startswith(b"\x89PNG")
