"""There is one report: every kind is saved as a page, as Markdown and as JSON, and tells the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mediaml as mm
from mediaml.errors import DataError
from mediaml.reports.card import AnyReport, card
from mediaml.reports.explorer import explorer
from mediaml.reports.summary import summary
from mediaml.values.report import Report
from tests.reports.kinds import KINDS
from tests.reports.test_html import Page
from tests.review.opened import PHONE, WIDE, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(params=list(KINDS))
def any_report(request: pytest.FixtureRequest, tmp_path: Path) -> AnyReport:
    return KINDS[request.param](tmp_path)


def test_the_page_and_the_markdown_hold_the_figures_the_warnings_and_the_card(
    any_report: AnyReport, tmp_path: Path
) -> None:
    told = summary(any_report)
    html = any_report.save(tmp_path / "report.html").read_text()
    page = re.sub(r"\s+", " ", Page(html).text)
    text = any_report.save(tmp_path / "report.md").read_text().replace("\\", "")
    assert told.verdict in page and told.verdict in text
    for figure in told.figures:
        assert figure.name in page and figure.value in page
        assert f"| {figure.name} | {figure.value} | {figure.between} |" in text
    for label in any_report.labels:
        assert label in page and label in text
    for warning in any_report.warnings:
        assert warning in page and warning in text
    assert [one.name for one in card(any_report)][-1] == "Use"
    for section in card(any_report):
        assert section.name in page and f"### {section.name}" in text
        for fact in section.facts:
            assert fact.value in page and f"| {fact.name} | {fact.value} |" in text


def test_json_comes_back_as_the_same_report(any_report: AnyReport, tmp_path: Path) -> None:
    noted = any_report.noted(intended_use="sorting an archive", contact="archive@example.org")
    path = noted.save(tmp_path / "report.json")
    loaded = mm.load_report(path)
    assert type(loaded) is type(any_report) and loaded == noted
    assert loaded.notes.intended_use == "sorting an archive" and loaded.notes.not_for == ""
    head = json.loads(path.read_text())
    assert (head["format"], head["kind"]) == (1, type(any_report).__name__)
    assert loaded.save(tmp_path / "again.html").exists()


def test_pages_need_no_script_and_nothing_from_outside(any_report: AnyReport, tmp_path: Path) -> None:
    html = any_report.save(tmp_path / "report.html").read_text()
    page = Page(html)
    assert not page.all("script") and not page.all("link")
    assert not re.search(r'(src|href|action)="(?!data:)', html)
    assert len(page.all("caption")) == len(page.all("table"))


def test_what_is_for_pictures_says_where_faces_are_spoken_of(tmp_path: Path) -> None:
    for name, make in KINDS.items():
        uses = {fact.name: fact.value for fact in card(make(tmp_path))[-1].facts}
        assert ("docs/faces.md" in uses["not for"]) == (name in ("pictures", "several in pictures", "boxes"))
        assert "Not stated" in uses["intended use"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "no JSON"),
        (b"[1]", "no report"),
        (b'{"accuracy": 1}', "no report"),
        (b'{"format": 99, "kind": "AudioReport"}', "newer mediaml"),
        (b'{"format": 1, "kind": "DietReport"}', "newer mediaml"),
        (b'{"format": 1, "kind": "EventReport", "files": "x"}', "damaged: event_f1: "),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_its_name(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "odd.json").write_bytes(content)
    with pytest.raises(DataError, match=rf"odd\.json.*{told}"):
        mm.load_report(tmp_path / "odd.json")


# -- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_sticks_out(any_report: AnyReport, browser: Browser, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    page = browser.new_page()
    page.goto(any_report.save(tmp_path / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for (width, height), colours in ((WIDE, "light"), (PHONE, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]  # a literal in a tuple
        found = axe.Axe().run(page).response
        told = [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]
        assert told == []
        assert len(found["passes"]) > 10
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.close()


@pytest.mark.slow
def test_on_paper_tables_for_single_labels_and_players_are_left_out(browser: Browser, tmp_path: Path) -> None:
    report = KINDS["sounds"](tmp_path)
    assert isinstance(report, Report) and explorer(report)
    page = browser.new_page(color_scheme="dark")
    page.goto(report.save(tmp_path / "report.html").as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    seen = "[...document.querySelectorAll('{}')].filter(one => one.offsetParent).length"
    assert page.evaluate(seen.format("details")) == 0 and page.evaluate(seen.format("audio")) == 0
    assert page.evaluate(seen.format(".on-paper")) == 1 and page.evaluate(seen.format(".steps")) == 1
    assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
