"""`mediaml sounds fit`, `evaluate`, `predict` and `detect`: the same answers as in Python, and batches that go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.cli.arguments import made
from mediaml.cli.fitting import Network
from mediaml.runtime.networks import NETWORKS
from tests.cli.conftest import Run
from tests.sounds import RATE, tone
from tests.weights import yamnet_weights

Facts = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hiss from 4 to 8 s in silence."""
    path = tmp_path_factory.mktemp("long") / "day.wav"
    quiet = np.zeros(4 * RATE, np.float32)
    soundfile.write(path, np.concatenate([quiet, tone("hiss", 90, 4.0), quiet]), RATE)
    return path


def test_every_network_can_be_asked_for() -> None:
    assert {one.value for one in Network} == set(NETWORKS)


@pytest.mark.filterwarnings("ignore:24 of 24 recordings of validation are in train")
def test_fit_saves_a_model_that_can_be_loaded(tones: Path, tmp_path: Path, facts: Facts) -> None:
    background = tmp_path / "street"
    background.mkdir()
    for number in range(3):
        noise = np.random.RandomState(number).standard_normal(RATE).cumsum()
        soundfile.write(background / f"{number}.wav", 0.3 * noise / np.abs(noise).max(), RATE)
    out = tmp_path / "models" / "tones"
    options = ["--epochs", "1", "--seed", "5", "--accept", "0.9", "--validation", tones, "--background", background]
    found = facts("sounds", "fit", tones, "--out", out, *options)
    assert found["model"] == str(out)
    assert found["labels"] == ["hiss", "hum", "whistle"]
    assert (found["network"], found["clips"], len(found["history"])) == ("cnn", 24, 1)
    assert {name: part["clips"] for name, part in found["training"]["data"].items()} == {
        "train": 24,
        "validation": 24,
        "background": 3,
    }
    loaded = mm.LocalAudioModel.load(out)
    assert (loaded.seed, loaded.accept, loaded.epochs) == (5, 0.9, 1)
    assert found["thresholds"] == {str(label): one for label, one in loaded.thresholds["threshold"].items()}


def test_fit_on_a_pretrained_network(tones: Path, tmp_path: Path, run: Run) -> None:
    yamnet_weights()
    told = run("sounds", "fit", tones, "--out", tmp_path / "model", "--network", "yamnet").stdout
    assert told.splitlines()[0] == "yamnet learned hiss, hum, whistle from 24 clips"
    assert mm.LocalAudioModel.load(tmp_path / "model").network == "yamnet"


@pytest.mark.filterwarnings("ignore:2 false alarms an hour cannot be told")
def test_fit_with_several_labels_a_row_and_a_limit_of_false_alarms(tones: Path, tmp_path: Path, facts: Facts) -> None:
    rows = [f"{one},{label}" for label in ("hum", "hum;whistle") for one in sorted((tones / "hum").glob("*.wav"))]
    (tmp_path / "clips.csv").write_text("\n".join(["path,label", *rows]))
    options = ["--multi-label", "--label-separator", ";", "--max-false-alarms-per-hour", "2", "--clip-seconds", "0.5"]
    hisses = ["--background", tones / "hiss"]
    found = facts("sounds", "fit", tmp_path / "clips.csv", "--out", tmp_path / "m", "--epochs", 1, *options, *hisses)
    assert found["labels"] == ["hum", "whistle"]
    loaded = mm.LocalAudioModel.load(tmp_path / "m")
    assert (loaded.multi_label, loaded.max_false_alarms_per_hour, loaded.builder.clip_seconds) == (True, 2, 0.5)
    measured = facts("sounds", "evaluate", tmp_path / "m", tmp_path / "clips.csv", "--label-separator", ";")
    assert measured["labels"] == ["hum", "whistle"]


def test_false_alarms_want_background(tones: Path, tmp_path: Path, run: Run) -> None:
    told = run("sounds", "fit", tones, "--out", tmp_path / "m", "--max-false-alarms-per-hour", "2", code=2).stderr
    assert "--background" in told


@pytest.mark.parametrize("wrong", [["--accept", "0.9", "--target-precision", "0.9"], ["--fine-tune"]], ids=str)
def test_options_that_make_no_model_are_not_understood(tones: Path, tmp_path: Path, run: Run, wrong: list[str]) -> None:
    told = run("sounds", "fit", tones, "--out", tmp_path / "m", *wrong, code=2).stderr
    assert told.strip()
    assert not (tmp_path / "m").exists()


def test_fit_without_its_weights_names_the_command(tones: Path, tmp_path: Path, run: Run) -> None:
    command = ["sounds", "fit", tones, "--out", tmp_path / "model", "--network", "yamnet"]
    told = run(*command, code=1, MEDIAML_WEIGHTS_DIR=str(tmp_path / "none"))
    assert "mediaml weights fetch yamnet" in told.stderr
    assert told.stdout == ""
    assert not (tmp_path / "model").exists(), "an empty folder would look like a model"


def test_a_fit_that_ends_early_leaves_no_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for place in (tmp_path / "new" / "model", tmp_path / "there"):
        with pytest.raises(KeyboardInterrupt), made(place):
            assert place.is_dir()
            raise KeyboardInterrupt
    assert sorted(tmp_path.iterdir()) == [tmp_path / "there"]
    with pytest.raises(KeyboardInterrupt), made(tmp_path / "full"):
        (tmp_path / "full" / "arrays").touch()
        raise KeyboardInterrupt
    assert (tmp_path / "full" / "arrays").exists()


def test_fit_says_before_the_training_that_its_folder_cannot_be(tones: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("not a folder")
    told = run("sounds", "fit", tones, "--out", tmp_path / "file" / "model", "--epochs", "1", code=1)
    assert "error: " in told.stderr
    assert "file" in told.stderr


def test_evaluate_says_what_python_says(model: Path, tones: Path, tmp_path: Path, run: Run, facts: Facts) -> None:
    expected = mm.LocalAudioModel.load(model).evaluate(mm.AudioDataset.from_folder(tones), progress=False)
    assert isinstance(expected, mm.AudioReport)
    assert run("sounds", "evaluate", model, tones).stdout == f"{expected}\n"
    found = facts("sounds", "evaluate", model, tones, "--report", tmp_path / "report.json")
    assert found["accuracy"] == expected.accuracy
    assert found["confusion"] == [list(row) for row in expected.confusion]
    assert "outcomes" not in found
    assert found["report"] == str(tmp_path / "report.json")
    assert len(mm.AudioReport.model_validate_json((tmp_path / "report.json").read_text()).outcomes) == 24


def test_evaluate_writes_a_page(model: Path, tones: Path, tmp_path: Path, run: Run) -> None:
    page = tmp_path / "report.html"
    run("sounds", "evaluate", model, tones, "--report", page)
    assert "whistle" in page.read_text()


def test_evaluate_refuses_a_label_that_the_model_does_not_know(
    model: Path, tones: Path, tmp_path: Path, run: Run
) -> None:
    table = tmp_path / "test.csv"
    pd.DataFrame({"path": [tones / "hum" / "0.wav"], "label": ["owl"]}).to_csv(table, index=False)
    assert "owl" in run("sounds", "evaluate", model, table, code=1).stderr


def test_predict_says_what_python_says(model: Path, tones: Path, run: Run, facts: Facts) -> None:
    files = [tones / "hum" / "0.wav", tones / "whistle" / "1.wav"]
    expected = mm.load(model).predict(files)
    lines = run("sounds", "predict", model, *files).stdout.splitlines()
    assert lines == [f"{file}: {one}" for file, one in zip(files, expected, strict=True)]
    found = facts("sounds", "predict", model, *files)
    assert [mm.AudioPrediction.model_validate(one) for one in found["predictions"]] == expected
    assert found["failed"] == 0


def test_predict_goes_on_over_what_cannot_be_read(
    model: Path, tones: Path, tmp_path: Path, run: Run, facts: Facts
) -> None:
    damaged = tmp_path / "damaged.wav"
    damaged.write_bytes(b"neither fish nor flesh")
    files = [tmp_path / "gone.wav", tones / "hum" / "0.wav", damaged, tmp_path]
    told = run("sounds", "predict", model, *files, code=1)
    assert [line.partition(": ")[0] for line in told.stdout.splitlines()] == [str(files[1])]
    assert [line.startswith("error: ") for line in told.stderr.splitlines()] == [True] * 3
    for file in (files[0], damaged):
        assert str(file) in told.stderr
    found = facts("sounds", "predict", model, *files, code=1)
    assert [one["error"] is None for one in found["predictions"]] == [False, True, False, False]
    assert found["failed"] == 3


def test_what_is_no_model_is_said(tones: Path, tmp_path: Path, facts: Facts) -> None:
    for words in (["evaluate", tmp_path, tones], ["predict", tmp_path, tones], ["detect", tmp_path, tones]):
        assert facts("sounds", *words, code=1)["error"]["kind"] == "SavedModelError"
    nowhere = tmp_path / "nowhere"
    message = facts("sounds", "predict", nowhere, tones, code=1)["error"]["message"]
    assert message == f"{nowhere}: there is no such folder"


def test_detect_says_what_python_says(model: Path, long_recording: Path, run: Run, facts: Facts) -> None:
    expected = mm.LocalAudioModel.load(model).detect(long_recording, 0.5)
    assert [event.label for event in expected] == ["hiss"]
    assert run("sounds", "detect", model, long_recording, "--hop", "0.5").stdout == f"{expected}\n"
    (found,) = facts("sounds", "detect", model, long_recording, "--hop", "0.5")["timelines"]
    assert found.pop("file") is None
    assert mm.Timeline.model_validate(found) == expected


@pytest.mark.parametrize("kind", ["csv", "txt", "selections.txt", "json"])
def test_detect_writes_a_file_a_recording(
    kind: str, model: Path, long_recording: Path, tmp_path: Path, run: Run
) -> None:
    told = run("sounds", "detect", model, long_recording, "--out", tmp_path / "events", "--format", kind).stdout
    written = tmp_path / "events" / f"day.{kind}"
    assert told == f"{written}: 1 event\n"
    expected = mm.LocalAudioModel.load(model).detect(long_recording)
    assert written.read_bytes() == expected.save(tmp_path / f"python.{kind}").read_bytes()


def test_detect_goes_on_over_what_cannot_be_read(
    model: Path, long_recording: Path, tmp_path: Path, facts: Facts
) -> None:
    gone = tmp_path / "gone.wav"
    found = facts("sounds", "detect", model, gone, long_recording, "--out", tmp_path / "events", code=1)
    assert [one["source"] for one in found["failed"]] == [str(gone)]
    (timeline,) = found["timelines"]
    assert Path(timeline["file"]).exists()


def test_detect_names_the_stretches_that_cannot_be_read(model: Path, tmp_path: Path, run: Run) -> None:
    samples = np.zeros(150 * RATE, np.float32)
    samples[:RATE] = np.nan
    samples[100 * RATE : 104 * RATE] = tone("hiss", 90, 4.0)
    damaged = tmp_path / "damaged.wav"
    soundfile.write(damaged, samples, RATE, subtype="FLOAT")
    told = run("sounds", "detect", model, damaged, "--out", tmp_path / "events")
    assert told.stdout == f"{tmp_path / 'events' / 'damaged.csv'}: 1 event\n"
    assert told.stderr.startswith(f"warning: {damaged}, not read: 0.0-")


def test_a_hop_that_skips_sound_is_a_wrong_option(model: Path, long_recording: Path, run: Run) -> None:
    for hop in ("0", "60", "nan"):
        told = run("sounds", "detect", model, long_recording, "--hop", hop, code=2)
        assert "--hop" in told.stderr
        assert told.stdout == ""
