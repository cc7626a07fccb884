"""Saved models that are damaged, and requests that are none: an error of mediaml's own, or an answer; never a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.runtime import inference, store, wav
from tests.pictures import pretrained, small_image_model, write_shapes
from tests.runtime.test_inference import npy
from tests.security import saved_models
from tests.security.mutations import Meter, fuzz
from tests.sounds import RATE, small_model, tone, write_tones

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model of sounds."""
    folder = tmp_path_factory.mktemp("sounds")
    data = mm.AudioDataset.from_folder(write_tones(folder / "tones", per_label=4))
    train, validation = data.split(0.5, 0.5, seed=1)
    return small_model(epochs=1).fit(train, validation, progress=False).save(folder / "model")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model of pictures."""
    pretrained()
    folder = tmp_path_factory.mktemp("pictures")
    data = mm.ImageDataset.from_folder(write_shapes(folder / "shapes", 4))
    return small_image_model().fit(data, progress=False).save(folder / "model")


def test_a_few_saved_models(sounds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meter = Meter()
    saved_models.tried(meter, sounds, tmp_path / "changed", "sounds", range(12))
    meter.tell("saved models of sounds", capsys)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("sounds", 180), ("pictures", 20)])
def test_saved_models_in_a_process_of_their_own(
    kind: str, count: int, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = request.getfixturevalue(kind)
    command = [
        sys.executable,
        "-m",
        "tests.security.saved_models",
        str(good),
        str(tmp_path / "changed"),
        kind,
        str(count),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=900)
    where = (tmp_path / "at").read_text() if (tmp_path / "at").exists() else "its start"
    assert done.returncode == 0, f"ended by {done.returncode} at example {where}:\n{done.stderr[-3000:]}"
    told = json.loads(done.stdout.splitlines()[-1])
    assert sum(told["outcomes"].values()) == count
    meter = Meter(Counter(told["outcomes"]), told["slowest"], told["total"])
    meter.tell(f"saved models of {kind}", capsys)


@pytest.fixture(scope="module")
def served(sounds: Path) -> inference.Served:
    return inference.model_fn(str(sounds))


SOUND = tone("hum", 5, 0.5)
BODIES = [
    wav.write(SOUND, RATE),
    wav.write(SOUND[:50], 44100),
    bytes(npy(SOUND[:200])),
    bytes(npy(np.stack([SOUND[:100]] * 2, axis=1))),
    json.dumps({"samples": SOUND[:60].tolist(), "sample_rate": RATE}).encode(),
]
TYPES = (
    "audio/wav",
    "application/x-npy",
    "application/json",
    "audio/wav; x=y",
    "",
    "text/plain",
    "application/x-npy; rate=1",
)
ACCEPTS = (
    *("application/json", "*/*", "application/json; detail=impression", "application/json; detail=events", "text/csv"),
    *("application/json; detail=events; hop=0.25; batch=4", "application/json; detail=events; hop=nan", ""),
    *("application/json; detail=events; batch=99999999999", "application/json; detail=events; hop=1e-9"),
)  # fmt: skip


@pytest.mark.parametrize("count", [100, pytest.param(4000, marks=pytest.mark.slow)])
def test_requests(served: inference.Served, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    meter = Meter()

    def run(content: bytes) -> None:
        choice = sum(content[-3:])
        body: bytes | str = content.decode("latin-1") if choice % 11 == 0 else content
        kind = TYPES[choice % 3 if choice % 5 else choice % len(TYPES)]
        with meter.example(inference.Refusal):
            answer, _ = inference.transform_fn(served, body, kind, ACCEPTS[choice // 3 % len(ACCEPTS)])
            json.loads(answer, parse_constant=_no_json)

    fuzz(BODIES, count, run)
    meter.tell("requests", capsys)


def _no_json(name: str) -> None:
    raise AssertionError(f"the answer holds {name}, which JSON does not know")


def test_a_model_whose_answers_are_no_numbers_says_so(sounds: Path, tmp_path: Path) -> None:
    """Weights of 3e38 are finite, and what comes of them is not: 100 % for every label, before this was looked at."""
    facts, arrays = store.read(str(sounds), "model")
    weight = arrays["network/head_weight"]
    weight[:] = np.where(np.arange(weight.shape[1]) % 2, 3e38, -3e38)
    store.write(str(tmp_path / "huge"), "model", facts, arrays)
    model = mm.load(tmp_path / "huge")
    assert isinstance(model, mm.LocalAudioModel)
    with pytest.raises(mm.errors.BackendError, match="no numbers"):
        model.predict((SOUND, RATE))


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("labels", "hum", "list of labels"),
        ("labels", ["hum", "hum", "hiss"], "two labels are the same"),
        ("labels", ["hum"] * 100_000, "two labels are the same"),
        ("labels", [str(number) for number in range(100_000)], "not those of the weights"),
        ("calibration", {"temperature": "warm"}, "not what mediaml writes"),
        ("spectrogram", {"mel_bands": 10**9}, "too much"),
        ("spectrogram", {"clip_seconds": 1e300}, "too much"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_facts_that_would_make_giants_or_do_not_fit(
    sounds: Path, tmp_path: Path, key: str, value: object, reason: str
) -> None:
    facts, arrays = store.read(str(sounds), "model")
    facts[key] = {**facts[key], **value} if isinstance(value, dict) else value
    store.write(str(tmp_path / "changed"), "model", facts, arrays)
    with pytest.raises((mm.errors.SavedModelError, mm.errors.SpecMismatchError), match=reason):
        mm.load(tmp_path / "changed")


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "1", "", "\xff", '{"format": 1e400}'])
def test_facts_that_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(mm.errors.SavedModelError):
        mm.load(tmp_path)


def test_a_model_of_gigabytes_is_not_read(sounds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST_ARRAYS", 1000)
    with pytest.raises(mm.errors.SavedModelError, match="too large"):
        mm.load(sounds)
    monkeypatch.setattr(store, "LARGEST_FACTS", 100)
    with pytest.raises(mm.errors.SavedModelError, match="too large"):
        mm.load(sounds)
