"""Markdown shows every text as it is: no label can become a link, a tag or another cell."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mediaml.data.files import printable
from mediaml.reports.markdown import bar, escaped, report_markdown, table
from tests.reports.conftest import outcome, report_of
from tests.reports.test_html import Page

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "a | b",
    "[click](https://evil.example)",
    "![x](y.png)",
    "**bold** _under_ __init__ `code` ~~gone~~",
    "- item",
    "1. first",
    "# heading",
    "a\nb",
    "\\| and \\",
    "&lt;b&gt;",
    "<https://evil.example>",
    "=====",
]


def shown(markdown: str) -> str:
    page = Page(READER.render(markdown))
    assert {name for name, _ in page.elements} <= {"table", "thead", "tbody", "tr", "th", "td", "p", "ul", "li"}
    return page.text.replace("\u2060", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_are_shown_as_they_are(text: str) -> None:
    assert one_cell(text) == " ".join(printable(text).split())
    assert shown(f"- {escaped(text)}").strip() == " ".join(printable(text).split())


@given(st.text(max_size=40))
def test_so_is_any_text(text: str) -> None:
    assert one_cell(text) == " ".join(printable(text).split())


def one_cell(text: str) -> str:
    """What stands in the cell of a table of one column and one row."""
    rendered = READER.render("\n".join(table(("label", "n"), [(text, "1")])))
    [cell] = re.findall(r"<tbody>\n<tr>\n<td>(.*)</td>\n", rendered)
    assert "<" not in cell, "a tag"
    return unescape(cell).replace("\u2060", "")


def test_nobody_is_called_and_no_address_is_made_a_link() -> None:
    assert escaped("@team and #12") == "@\u2060team and \\#\u206012"
    assert escaped("see https://evil.example or www.evil.example") == (
        "see https\\://evil.example or www\\.evil.example"
    )
    assert escaped("archive@example.org") == "archive@example.org", "an address of a mailbox stays what it is"
    assert escaped("dog_bark at 96 % (5-10 s)") == "dog_bark at 96 % (5-10 s)", "and so does all that is plain"


def test_a_hostile_label_changes_no_table_of_the_report(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)> | **b**"
    report = report_of([outcome(tmp_path / "a.wav", (evil, "hum", 0.9), ("hum", evil))] * 3, ("hum", evil), [evil])
    rendered = READER.render(report_markdown(report))
    assert "<img" not in rendered and "<strong>b" not in rendered
    rows = re.findall(r"<tr>(.*?)</tr>", rendered, re.S)
    widths = {row.count("<td") for row in rows if "onerror" in row}
    assert widths <= {2, 3, 8}, "facts, mix-ups, and the figures of labels"


def test_bars_show_shares_and_nothing_else() -> None:
    assert [bar(text) for text in ("0.00", "0.33", "1.00", "not tested")] == ["░" * 10, "███░░░░░░░", "█" * 10, ""]
