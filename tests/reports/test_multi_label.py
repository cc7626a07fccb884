"""The page of several labels a clip says all that the report knows, and is a page like the others."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.metrics.multi_label import multi_label_report
from mediaml.reports.multi_label import figures, report_fragment, report_page, verdict
from mediaml.values.multi_label_report import MultiLabelReport
from tests.metrics.test_multi_label import LABELS, OUTCOMES, outcome
from tests.reports.test_html import Page


@pytest.fixture
def several() -> MultiLabelReport:
    return multi_label_report(
        OUTCOMES,
        LABELS,
        (0.5, 0.55, 0.6),
        ["d.wav: gone"],
        model={"model": "LocalAudioModel", "network": "yamnet", "data": {"train": {"content": "aaaa"}}},
        data={"content": "aaaa"},
        history=[{"epoch": 1, "training_loss": 1.0, "validation_loss": 0.9}],
    )


def test_every_figure_and_interval_is_on_the_page(several: MultiLabelReport) -> None:
    text = Page(report_page(several)).text
    shown = figures(several)
    assert len(shown) == 9 and all(figure.between for figure in shown)
    for figure in shown:
        assert figure.name in text and figure.value in text and figure.between in text
    assert verdict(several) in text
    assert "75 % of these were found" in verdict(several)


def test_each_label_has_its_figures(several: MultiLabelReport) -> None:
    rows = {row[0]: row[1:] for row in Page(report_page(several)).cells["labels"][1:]}
    assert rows["bird"][:5] == ["0.83", "0.50", "0.50", "0.50", "0.50"]
    assert rows["rain"][-2:] == ["2", "few:1"]
    assert rows["wind"][:4] == ["not tested"] * 4


def test_clips_heard_wrong_stand_with_what_was_missed_and_what_was_added(several: MultiLabelReport) -> None:
    worst = several.mistakes
    assert worst and all(one.missed or one.added for one in worst)
    assert len(worst) == round((1 - several.subset_accuracy) * several.clips)
    rows = Page(report_page(several)).cells["wrong-ones"][1:]
    assert [row[0] for row in rows] == [one.clip.path.name for one in worst]
    assert [row[1:3] for row in rows] == [[", ".join(one.missed), ", ".join(one.added)] for one in worst]
    assert "no player" in rows[0][3], "these recordings do not exist"


def test_warnings_data_training_and_unreadable_are_there(several: MultiLabelReport) -> None:
    text = Page(report_page(several)).text
    for warning in several.warnings:
        assert warning in text
    for said in ("d.wav: gone", "Loss by epoch", "yamnet", "aaaa"):
        assert said in text


def test_it_shows_itself_and_is_saved_as_page_and_as_json(several: MultiLabelReport, tmp_path: Path) -> None:
    fragment = several._repr_html_()
    assert fragment == report_fragment(several) and not Page(fragment).all("h1")
    assert several.warnings[0] in unescape(fragment)
    assert several.save(tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    text = several.save(tmp_path / "report.json").read_text()
    assert MultiLabelReport.model_validate_json(text) == several


def test_names_cannot_inject_anything() -> None:
    evil = "<script>alert(1)</script>"
    nasty = multi_label_report([outcome([evil], {evil: 0.9, "b": 0.2})], (evil, "b"), (0.5, 0.5), [f"{evil}: gone"])
    for html in (report_page(nasty), report_fragment(nasty)):
        assert not Page(html).all("script")
        assert evil in Page(html).text


def test_a_test_without_labels_is_still_a_page() -> None:
    silent = multi_label_report([OUTCOMES[2]], LABELS, (0.5, 0.5, 0.5))
    assert "–" in [figure.value for figure in figures(silent)]  # noqa: RUF001
    Page(report_page(silent))


def test_a_report_of_sounds_is_no_report_of_several(report: mm.AudioReport) -> None:
    assert report.pages != MultiLabelReport.pages
    assert "Report on several sounds at once" not in report._repr_html_()
