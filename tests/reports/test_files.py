"""A report is saved for people or for programs, whole or not at all."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.values.report import AudioReport


def test_html_for_people(report: AudioReport, tmp_path: Path) -> None:
    path = report.save(tmp_path / "report.html")
    assert path == tmp_path / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_json_for_programs_comes_back_as_the_same_report(report: AudioReport, tmp_path: Path) -> None:
    text = report.save(str(tmp_path / "report.json")).read_text(encoding="utf-8")
    assert mm.AudioReport.model_validate_json(text) == report
    assert json.loads(text)["accuracy"] == report.accuracy


def test_a_loss_that_is_no_number_comes_back(report: AudioReport, tmp_path: Path) -> None:
    diverged = report.model_copy(update={"history": ({"epoch": 1.0, "training_loss": math.nan},)})
    text = diverged.save(tmp_path / "report.json").read_text(encoding="utf-8")
    assert math.isnan(mm.AudioReport.model_validate_json(text).history[0]["training_loss"])
    diverged.save(tmp_path / "report.html")


def test_a_file_name_that_is_no_text_does_not_stop_it(report: AudioReport, tmp_path: Path) -> None:
    odd = report.model_copy(update={"unreadable": ("/x/\udce9.wav: empty",)})
    first = odd.outcomes[0]
    clip = first.clip.model_copy(update={"path": Path("/x/\udce9.wav")})
    odd = odd.model_copy(update={"outcomes": (first.model_copy(update={"clip": clip}), *odd.outcomes[1:])})
    loaded = mm.load_report(odd.save(tmp_path / "report.json"))
    assert loaded == odd
    for ending in ("html", "md"):
        assert loaded.save(tmp_path / f"report.{ending}").exists()


@pytest.mark.parametrize("name", ["report.pdf", "report", "report.html.gz"])
def test_another_ending_is_refused_with_those_that_work(report: AudioReport, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.html, \.md or \.json"):
        report.save(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_the_ending_may_be_written_large_and_folders_are_made(report: AudioReport, tmp_path: Path) -> None:
    assert report.save(tmp_path / "a" / "b" / "REPORT.HTML").exists()


def test_an_older_report_is_replaced_and_nothing_else_is_left(report: AudioReport, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.html").write_text("old")
    report.save(folder / "report.html")
    assert (folder / "report.html").read_text(encoding="utf-8") != "old"
    assert [path.name for path in folder.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_leaves_nothing_behind(report: AudioReport, tmp_path: Path) -> None:
    (tmp_path / "reports" / "report.html").mkdir(parents=True)
    with pytest.raises(OSError, match=r"report\.html"):
        report.save(tmp_path / "reports" / "report.html")
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["report.html"]
