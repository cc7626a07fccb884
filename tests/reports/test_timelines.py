"""The page of a timeline, read as XML and as HTML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.metrics.events import FileEvents, Rules, event_report
from mediaml.reports.timelines import MOST_LANES, SHOWN, SHOWN_IN_NOTEBOOK, WIDTH, lanes, ticks, timeline_page
from mediaml.values.event_report import EventReport
from mediaml.values.timeline import Timeline
from tests.timelines import HEARD, timeline

# --- the page


def page(one: Timeline) -> ET.Element:
    """Parse the picture, which is XML; what is not closed or not escaped is an error."""
    found = re.search(r"<svg.*</svg>", timeline_page(one), re.DOTALL)
    assert found
    return ET.fromstring(found.group())


def bars(one: Timeline) -> list[dict[str, str]]:
    return [dict(rect.attrib) for rect in page(one).iter("rect") if rect.get("class") == "event"]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
@settings(deadline=None)
def test_no_label_breaks_the_page(label: str) -> None:
    page(timeline([(1.0, 2.0, label, 0.5), (3.0, 4.0, "owl", 0.5)]))


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    html = timeline(HEARD).save(tmp_path / "day.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search(r"<script|<link|src=|url\(|@import", html)
    assert "prefers-color-scheme: dark" in html


def test_a_bar_stands_where_its_event_is() -> None:
    first, last = bars(timeline([(0.0, 5.0, "owl", 1.0), (9.0, 10.0, "wren", 0.2)]))
    left, width = float(first["x"]), float(first["width"])
    assert float(last["x"]) == pytest.approx(left + width * 9 / 5, abs=0.02)
    assert float(last["width"]) == pytest.approx(width / 5, abs=0.02)
    assert float(first["y"]) < float(last["y"])
    assert float(last["opacity"]) < float(first["opacity"]) <= 1


def test_text_is_escaped() -> None:
    html = timeline_page(timeline([(0, 1, "<script>alert(1)</script>", 0.5)], source="/x/<b>&.wav"))
    assert "<script" not in html
    assert "<b>&" not in html
    assert "&lt;script&gt;" in html


def test_all_that_is_heard_is_named_with_its_time() -> None:
    html = timeline_page(timeline(HEARD))
    assert re.search(r"owl</th><td[^>]*>2</td><td[^>]*>0:00:03\.6</td><td[^>]*>(?:<span[^>]*></span>)?36\.3 %", html)
    assert "0:00:07.1" in html


def test_where_several_models_found_something_the_table_names_each() -> None:
    one = timeline([(0.0, 4.0, "owl", 0.9), (0.0, 4.3, "owl", 0.8)])
    named = zip(one.events, ("eyes", "<ears>"), strict=True)
    several = one.model_copy(update={"events": tuple(event.model_copy(update={"model": by}) for event, by in named)})
    html = timeline_page(several)
    assert '<th scope="col">model</th>' in html
    assert re.search(r"0:00:04\.3</td><td>owl</td>.*<td>&lt;ears&gt;</td>", html)
    assert '<th scope="col">model</th>' not in timeline_page(one)


def test_a_long_table_is_cut_and_says_so() -> None:
    many = timeline([(float(n), n + 0.5, "owl", 0.9) for n in range(SHOWN + 7)], duration=1000.0)
    assert "and 7 more" in timeline_page(many)
    assert f"and {SHOWN + 7 - SHOWN_IN_NOTEBOOK} more" in many._repr_html_()


def test_a_day_of_events_is_a_small_picture() -> None:
    random = np.random.default_rng(0)
    day = timeline([(start, start + 1.0, "owl", 0.5) for start in random.uniform(0, 86400, 20000)], duration=86400.0)
    (lane,) = lanes(day)
    assert len(lane.bars) < WIDTH
    assert len(timeline_page(day)) < 400_000


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 20), st.floats(0, 1)), max_size=40))
@settings(deadline=None)
def test_bars_lie_in_the_picture_apart_and_hold_every_event(rows: list[tuple[float, float, float]]) -> None:
    heard = [(start, start + length, "owl", sure) for start, length, sure in rows]
    one = timeline(heard, duration=120.0, labels=("owl",))
    assert len(lanes(one)) == bool(rows)
    for lane in lanes(one):
        ends = [bar.x + bar.width for bar in lane.bars]
        assert all(other.x > end for other, end in zip(lane.bars[1:], ends, strict=False))
        assert all(bar.x > 0 and end < WIDTH for bar, end in zip(lane.bars, ends, strict=True))
        assert max(bar.strength for bar in lane.bars) == max(sure for _, _, sure in rows)


def test_of_very_many_labels_the_rest_is_in_the_table() -> None:
    many = timeline([(0.0, 1.0, f"bird {n}", 0.5) for n in range(MOST_LANES + 3)])
    html = timeline_page(many)
    assert "3 more labels are in the table" in html
    assert html.count('class="lane"') == MOST_LANES


def test_nothing_heard_and_what_was_not_read_are_said() -> None:
    html = timeline_page(timeline([]).model_copy(update={"problems": ("0:00:03.0: <damaged>",)}))
    assert "Nothing was recognised" in html
    assert "0:00:03.0: &lt;damaged&gt;" in html


@given(st.floats(0.01, 40 * 86400))
@settings(deadline=None)
def test_the_axis_has_a_few_round_times(duration: float) -> None:
    marks = ticks(duration)
    assert 1 <= len(marks) <= 8
    assert duration < 0.2 or len(marks) >= 2
    assert len({tick.text for tick in marks}) == len(marks)
    assert marks[0].text.startswith("0:00:00")
    assert all(0 < tick.x < WIDTH for tick in marks)


# --- the report of an evaluation


@pytest.fixture
def report() -> EventReport:
    truth = [("owl", 1.0, 2.0), ("<wren>", 4.0, 6.0)]
    found = [("owl", 1.1, 2.0), ("owl", 4.0, 4.5)]
    return event_report([FileEvents(truth, found)], Rules(0.2, 0.5, 1.0), 10.0, ("<careful>",), {"model": "<net>"})


def test_a_report_of_events_is_a_page_and_json(report: EventReport, tmp_path: Path) -> None:
    html = report.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "0.500" in html
    for escaped in ("&lt;wren&gt;", "&lt;careful&gt;", "&lt;net&gt;"):
        assert escaped in html
    assert not re.search(r"<script|<link|src=|<wren>|<careful>|<net>", html)
    text = report.save(tmp_path / "report.json").read_text(encoding="utf-8")
    assert EventReport.model_validate_json(text) == report


def test_a_report_of_events_shows_itself_in_a_notebook(report: EventReport) -> None:
    assert "1 of 2 found (50" in report._repr_html_()


def test_a_report_of_events_where_nothing_is_true_has_no_error_rate() -> None:
    nothing = event_report([FileEvents([], [])], Rules(0.2, 0.5, 1.0), 10.0)
    assert "–" in nothing._repr_html_()  # noqa: RUF001
    assert "error rate" not in str(nothing)
