"""`mediaml demo` does the main job, on synthetic recordings and on a user's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mediaml import demo
from mediaml.cli import app
from mediaml.features import weights
from tests.shared_data import shared
from tests.sounds import write_tones
from tests.weights import yamnet_weights


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["demo", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.slow
def test_a_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EPOCHS", 2)
    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "none"))
    folder = write_tones(tmp_path / "tones")
    result = run(folder, "--out", tmp_path / "out", "--json")
    printed = result.stderr
    assert "synthetic" not in printed
    assert "nothing recognised (silence)" in printed
    page, answer = tmp_path / "out" / "report.html", json.loads(result.stdout)
    assert answer["report"] == str(page.resolve())
    assert [one for one in answer.values() if not Path(one).exists()] == []
    assert "whistle" in page.read_text()
    assert "a small network learns from scratch" in printed
    assert "one long recording:" in printed
    assert (tmp_path / "out" / "long.html").exists()


def test_it_is_pretrained_where_the_weights_are_there(tmp_path: Path) -> None:
    yamnet_weights()
    folder = write_tones(tmp_path / "tones")
    printed = run(folder, "--out", tmp_path / "out").stderr
    assert "Pretrained: YAMNet" in printed
    events = printed.split("one long recording:\n")[1].splitlines()
    assert " events in " in events[0]


def test_a_wrong_folder_is_a_plain_sentence(tmp_path: Path) -> None:
    assert "there is no such folder" in run(tmp_path / "nowhere", "--out", tmp_path, code=1).stderr


@pytest.mark.slow
def test_synthetic_recordings(tmp_path: Path) -> None:
    told = run("--out", tmp_path)
    assert all(Path(line.partition(": ")[2]).exists() for line in told.stdout.splitlines())
    assert (tmp_path / "long.png").read_bytes().startswith(b"\x89PNG")
    printed = told.stderr
    assert "computed, not recorded" in printed
    accuracy = float(printed.split("accuracy ")[1].split(" %")[0])
    assert accuracy >= 70
    assert "noise: " in printed


@pytest.mark.slow
def test_real_recordings(tmp_path: Path) -> None:
    accuracy = float(run(shared("audio", "esc10"), "--out", tmp_path).stderr.split("accuracy ")[1].split(" %")[0])
    assert accuracy >= 60, "one third of the defaults' epochs"
