"""`make demo` does the main job, on synthetic recordings and on a user's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaml import demo
from mediaml.features import weights
from tests.shared_data import shared
from tests.sounds import write_tones
from tests.weights import yamnet_weights


@pytest.mark.slow
def test_a_users_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EPOCHS", 2)
    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "none"))
    folder = write_tones(tmp_path / "tones")
    assert demo.main([str(folder), "--output", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "synthetic" not in printed
    assert "nothing recognised (silence)" in printed
    page = tmp_path / "out" / "report.html"
    assert printed.rstrip().endswith(str(page.resolve()))
    assert "whistle" in page.read_text()
    assert "a small network learns from scratch" in printed
    assert "one long recording:" in printed
    assert (tmp_path / "out" / "long.html").exists()


def test_it_is_pretrained_where_the_weights_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yamnet_weights()
    folder = write_tones(tmp_path / "tones")
    assert demo.main([str(folder), "--output", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "Pretrained: YAMNet" in printed
    events = printed.split("one long recording:\n")[1].splitlines()
    assert " events in " in events[0]


def test_a_wrong_folder_is_a_plain_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([str(tmp_path / "nowhere"), "--output", str(tmp_path)]) == 1
    assert "there is no such folder" in capsys.readouterr().err


@pytest.mark.slow
def test_synthetic_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "computed, not recorded" in printed
    accuracy = float(printed.split("accuracy ")[1].split(" %")[0])
    assert accuracy >= 70
    assert "noise: " in printed


@pytest.mark.slow
def test_real_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([str(shared("audio", "esc10")), "--output", str(tmp_path)]) == 0
    accuracy = float(capsys.readouterr().out.split("accuracy ")[1].split(" %")[0])
    assert accuracy >= 60, "one third of the defaults' epochs"
