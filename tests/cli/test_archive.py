"""mediaml detect, scan, segments, export and review."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import mediaml as mm
from mediaml.cli import app
from tests.sounds import RATE, small_model, tone, write_tones


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    fitted = small_model(epochs=3).fit(mm.AudioDataset.from_folder(write_tones(folder / "tones", 10)), progress=False)
    fitted.thresholds = {"hiss": float("inf"), "hum": 0.6, "whistle": 0.6}
    return fitted.save(folder / "saved")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, label in (("one", "hum"), ("two", "whistle")):
        soundfile.write(folder / f"{name}.wav", np.concatenate([tone("hiss", 3), tone(label, 5, 3)]), RATE)
    (folder / "broken.mp4").write_bytes(b"no film" * 100)
    return folder


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.stdout


def test_an_archive_is_scanned_listed_and_exported(model, archive, tmp_path):
    store = tmp_path / "catalog.sqlite"

    told = json.loads(run("scan", archive, "--model", f"sounds={model}", "--store", store, "--json"))
    assert (told["files"], told["states"]) == (3, {"read": 2, "not read": 1})
    assert told["not_read"][0]["file"].endswith("broken.mp4")

    listed = json.loads(run("segments", store, "--label", "whistle", "--json"))["segments"]
    assert [Path(one["file"]).name for one in listed] == ["two.wav"]
    assert "two.wav" in run("segments", store, "--label", "whistle")
    assert run("segments", store, "--csv").startswith("file,start,end,label,confidence,model")

    assert "1 event" in run("export", store, tmp_path / "two.edl", "--file", "two.wav", "--label", "whistle")
    assert (tmp_path / "two.edl").read_text().startswith("TITLE: two.wav")
    assert "finds" in run("export", store, tmp_path / "best.otio", "--top", 2)
    assert "1 clip" in run("export", store, tmp_path / "clips", "--label", "whistle")
    assert len(list((tmp_path / "clips").glob("*.wav"))) == 1

    unknown = CliRunner().invoke(app, ["segments", str(store), "--want", "whistel=3"])
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "no model looked for 'whistel'" in unknown.stderr

    told = json.loads(run("review", store, tmp_path / "review", "--label", "whistle", "--top", 5, "--json"))
    assert Path(told["page"]) == tmp_path / "review" / "index.html"
    assert len(list((tmp_path / "review" / "media").rglob("*.mp3"))) == 1


def test_a_second_scan_finds_nothing_new(model, archive, tmp_path):
    words = ("scan", archive, "--model", model, "--store", tmp_path / "c.sqlite", "--json")

    assert run(*words) == run(*words)


def test_sounds_are_detected_in_any_file_and_written_for_editors(model, archive, tmp_path):
    assert "whistle" in run("detect", model, archive / "two.wav")

    run("detect", model, archive / "one.wav", archive / "two.wav", "--format", "fcpxml", "--out", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one.fcpxml", "two.fcpxml"]


def test_a_file_that_cannot_be_read_is_named_and_the_exit_code_is_1(model, archive):
    told = json.loads(run("detect", model, archive / "one.wav", archive / "broken.mp4", "--json", code=1))

    assert len(told["timelines"]) == 1
    assert told["failed"][0]["source"].endswith("broken.mp4")


@pytest.mark.parametrize(
    "words",
    [("--model", "a=x", "--model", "y"), ("--model", "a=x", "--model", "a=y"), ()],
)
def test_models_that_are_named_badly_are_not_understood(archive, words):
    run("scan", archive, *words, code=2)


def test_errors_are_one_line_and_the_exit_code_is_1(archive, tmp_path):
    done = CliRunner().invoke(app, ["segments", str(tmp_path / "none.sqlite")])

    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1
