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
from mediaml.reports.discreet import names_only, without_account
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
    "octo/repo#12 and GH-12",
    "xmpp:a@b and mailto:a@b.example",
    ":smile: :+1: :100: a:b:c",
]
GITHUB = re.compile(  # what becomes a link or a picture there after Markdown was read, so no backslash helps
    r"(?<!\w)@\w|#\d|\bGH-\d|\b(?:xmpp|mailto):[^\s\u2060]|:(?:[+-]1|100|1234|\w*[a-z][\w-]*):", re.IGNORECASE
)


def shown(markdown: str) -> str:
    page = Page(READER.render(markdown))
    assert {name for name, _ in page.elements} <= {"table", "thead", "tbody", "tr", "th", "td", "p", "ul", "li"}
    return as_github_shows(page.text)


def as_github_shows(text: str) -> str:
    assert not GITHUB.search(text)
    return text.replace("\u2060", "")


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
    return as_github_shows(unescape(cell))


def test_nobody_is_called_and_no_address_is_made_a_link() -> None:
    assert escaped("@team and #12") == "@\u2060team and \\#\u206012"
    assert escaped("see https://evil.example or www.evil.example") == (
        "see https\\://evil.example or www\\.evil.example"
    )
    assert escaped("octo/repo#12, GH-12, :tada:") == "octo/repo\\#\u206012, GH-\u206012, :\u2060tada:"
    assert escaped("xmpp:a@b") == "xmpp:\u2060a@b"
    assert escaped("archive@example.org") == "archive@example.org", "an address of a mailbox stays what it is"
    assert escaped("dog_bark at 96 % (5-10 s)") == "dog_bark at 96 % (5-10 s)", "and so does all that is plain"
    assert escaped("2026-11-22T09:56:03+00:00") == "2026-11-22T09:56:03+00:00"


def test_a_hostile_label_changes_no_table_of_the_report(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)> | **b**"
    report = report_of([outcome(tmp_path / "a.wav", (evil, "hum", 0.9), ("hum", evil))] * 3, ("hum", evil), [evil])
    rendered = READER.render(report_markdown(report))
    assert "<img" not in rendered and "<strong>b" not in rendered
    rows = re.findall(r"<tr>(.*?)</tr>", rendered, re.S)
    widths = {row.count("<td") for row in rows if "onerror" in row}
    assert widths == {2, 3, 8}, "facts, mix-ups, and the figures of labels"


def test_it_tells_no_account_and_no_folder(tmp_path: Path) -> None:
    arn = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/one/1"
    unreadable = ["/home/jo's films/x.wav: gone", "s3://sagemaker-eu-west-1-123456789012/k/y.wav: not /tmp/z.wav"]
    report = report_of([outcome(tmp_path / "a.wav", ("hum", "hum", 0.9))], ("hum", "hiss"), unreadable)
    text = report_markdown(report.model_copy(update={"model": {"arn": arn}}))
    assert "arn:aws:rekognition:eu-central-1:ACCOUNT:project/logos/version/one/1" in text.replace("\u2060", "")
    assert "123456789012" not in text and str(tmp_path) not in text
    listed = [line for line in text.splitlines() if line.startswith("- ")][-2:]
    assert listed == ["- x.wav: gone", "- y.wav: not z.wav"]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("/home/jo's films/x.wav: [Errno 2] No such file: '/home/jo/x.wav'", "x.wav: [Errno 2] No such file: 'x.wav'"),
        (r"C:\Users\jo\x.wav: see C:\Users\jo\log.txt", "x.wav: see log.txt"),
        ("relative/x.wav: 3/4 of it, or 3 / 4", "x.wav: 3/4 of it, or 3 / 4"),
        ("s3://bucket/key/x.wav: FFmpeg: file:///tmp/y", "x.wav: FFmpeg: y"),
        ("x.wav: ends at 2.000 s; the clip is 1-3 s", "x.wav: ends at 2.000 s; the clip is 1-3 s"),
        ("2 annotations and/or none", "2 annotations and/or none"),
    ],
)
def test_names_of_files_are_left_of_paths(problem: str, told: str) -> None:
    assert names_only(problem) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/mxnet", "ACCOUNT.dkr.ecr.eu-west-1.amazonaws.com/mxnet"),
        ("s3://sagemaker-us-gov-west-1-123456789012/a", "s3://sagemaker-us-gov-west-1-ACCOUNT/a"),
        ("recorded 202611220956.wav", "recorded 202611220956.wav"),
    ],
)
def test_numbers_of_accounts_are_masked_and_others_are_not(text: str, told: str) -> None:
    assert without_account(text) == told


def test_bars_show_shares_and_nothing_else() -> None:
    assert [bar(text) for text in ("0.00", "0.33", "1.00", "not tested")] == ["░" * 10, "███░░░░░░░", "█" * 10, ""]
