"""A report as GitHub's Markdown, for a wiki or a pull request: figures, tables and the model card, no pictures.

Labels and names of files are whatever somebody called them: every sign that Markdown could take for more than a letter
is escaped, so that none can end a cell, begin a list, become a picture, an address of a page or an issue, or call
somebody by ``@``. Two things are left whole though GitHub makes links of them: addresses of mailboxes, which people
write as a contact, and what may be the hash of a commit of the same repository.

Wikis are read by more people than reports are sent to: numbers of AWS accounts are masked, and files are told by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from mediaml.data.files import printable
from mediaml.reports import facts, words
from mediaml.reports.card import AnyReport, card
from mediaml.reports.detection import box_mix_ups
from mediaml.reports.discreet import names_only, without_account
from mediaml.reports.explorer import Explored, explorer
from mediaml.reports.html import MIX_UPS, MixUp, mix_ups
from mediaml.reports.summary import Summary, summary
from mediaml.values.detection_report import DetectionReport
from mediaml.values.event_report import EventReport
from mediaml.values.report import LabelReport, Report
from mediaml.values.service_evaluation import ServiceEvaluation

SPECIAL = re.compile(r"([\\`*\[\]<>&|~#$])|((?<![^\W_])_|_(?![^\W_]))|(?<=www)(\.)|(:)(?=//)", re.IGNORECASE)
BEGINNING = re.compile(r"^([-+=]|\d+[.)](?=\s|$))")  # of a list, or of a heading
MENTION = re.compile(
    r"(?<!\w)[@#](?=\w)|#(?=\d)|\bGH-(?=\d)|\b(?:xmpp|mailto):(?=\S)"
    r"|:(?=(?:[+-]1|100|1234|\w*[a-z][\w-]*):)",  # an emoji; 09:56:03 is none
    re.IGNORECASE,
)
WORD_JOINER = "\u2060"  # GitHub changes @name, #1, GH-1 and :smile: whatever is escaped; this sign has no width
BAR = 10
MOST_UNREADABLE = 50

Lines = Iterator[str]


def report_markdown(report: AnyReport) -> str:
    """Write a report of any kind as GitHub's Markdown."""
    told = summary(report)
    lines = [*_top(report, told), *_labels(told)]
    if isinstance(report, LabelReport):
        lines += _mix_ups(mix_ups(report), report.wording.taken)
    if isinstance(report, DetectionReport):
        lines += _mix_ups(box_mix_ups(report), "found")
    if isinstance(report, EventReport):
        lines += _mistakes(report)
    if isinstance(report, Report):
        lines += _thresholds(report)
        lines += [] if report.service is None else _service(report.service)
    lines += _card(report)
    if isinstance(report, Report):
        lines += _unreadable(report)
    written = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return "\n".join([*lines, f"Written {written} by mediaml.", ""])


def escaped(text: str) -> str:
    """Write any text so that Markdown shows it as it is, in one line."""
    plain = SPECIAL.sub(lambda found: f"\\{found[0]}", _apart(text))
    return BEGINNING.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", plain)


def _apart(text: str) -> str:
    """Put a text into one line that calls nobody, and tells no number of an account."""
    return MENTION.sub(rf"\g<0>{WORD_JOINER}", without_account(" ".join(printable(text).split())))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: Collection[int] = (0,)) -> list[str]:
    """Write a table of plain texts; all but these columns stand to the right, as numbers do."""
    lines = [_row(columns), "|" + "|".join(" --- " if n in texts else " ---: " for n in range(len(columns))) + "|"]
    return [*lines, *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def bar(share: str) -> str:
    """Draw a share, as it is written, with ten blocks; nothing for what is no number."""
    try:
        filled = round(BAR * min(1.0, max(0.0, float(share))))
    except ValueError:
        return ""
    return "█" * filled + "░" * (BAR - filled)


def _top(report: AnyReport, told: Summary) -> Lines:
    yield from (f"# {told.heading}", "", f"**{escaped(told.verdict)}**", "")
    if report.warnings:
        yield from ("> [!WARNING]", "> **Before you rely on this**", ">")
        yield from (f"> - {escaped(warning)}" for warning in report.warnings)
        yield ""
    yield from ("## Figures", "")
    rows = [(figure.name, figure.value, figure.between or "", figure.meaning) for figure in told.figures]
    yield from table(("figure", "value", "95 % interval", "what it says"), rows, (0, 3))
    if isinstance(report, Report):
        yield from (f"- {escaped(caution)}" for caution in words.cautions(report))
        yield ""


def _labels(told: Summary) -> Lines:
    if not told.rows:
        return
    yield from ("## Label by label", "")
    columns = (told.columns[0], "", *told.columns[1:])
    yield from table(columns, [(row[0], bar(row[told.bar]), *row[1:]) for row in told.rows], (0, 1))


def _mix_ups(found: Sequence[MixUp], taken: str) -> Lines:
    if not found:
        return
    yield from ("## Most frequent mix-ups", "")
    rows = [(one.truth, one.heard, f"{one.number} of {one.of}") for one in found[:MIX_UPS]]
    yield from table(("truly", f"{taken} as", "how often"), rows, (0, 1))


def _thresholds(report: Report) -> Lines:
    explored = explorer(report)
    if explored is None:
        return
    yield from ("## What another threshold would give", "")
    yield from (
        "One threshold for all labels, in this test: how many are given, the share of these that is right, the share "
        "of the true ones that is found, and how many are false. The last row is the model's own thresholds.",
        "",
    )
    yield from _explored(explored.overall, explored.columns)
    for one in explored.labels:
        yield from ("<details>", f"<summary>{_in_html(one.name)}: {one.summary}</summary>", "")
        yield from _explored(one, explored.columns)
        yield from ("</details>", "")


def _explored(one: Explored, columns: Sequence[str]) -> list[str]:
    rows = [(row.threshold, row.given, row.right, row.found, row.false, row.hourly) for row in one.rows]
    return table(columns, [row[: len(columns)] for row in rows])


def _mistakes(report: EventReport) -> Lines:
    yield from ("## Mistakes", "")
    rates = (("event", "events", report.event_error_rate), ("segment", "segments", report.segment_error_rate))
    rows = []
    for kind, name, rate in rates:
        counts = report.counts[kind]
        told = (str(counts.substitutions), str(counts.deletions), str(counts.insertions))
        rows.append((name, *told, "–" if rate is None else f"{rate:.2f}"))  # noqa: RUF001
    yield from table(("", "another label in its place", "missed", "made up", "error rate"), rows)


def _in_html(text: str) -> str:
    """Escape for the one element that Markdown has no sign for."""
    return "".join(sign if sign.isalnum() or sign in f" {WORD_JOINER}" else f"&#{ord(sign)};" for sign in _apart(text))


def _service(service: ServiceEvaluation) -> Lines:
    yield from ("## As the service measured it", "")
    yield from ("Its own numbers, on the test dataset on which it also chose its thresholds.", "")
    mean = "" if service.average_precision is None else f", mean average precision {service.average_precision:.3f}"
    total = f"F1 {service.f1:.3f}, precision {service.precision:.3f}, recall {service.recall:.3f}{mean}"
    yield from (escaped(total), "")
    rows = [
        (label, *(_known(value) for value in (one.f1, one.precision, one.recall, one.threshold)), _count(one.pictures))
        for label, one in service.per_label.items()
    ]
    yield from table(("label", "F1", "precision", "recall", "threshold", "pictures"), rows)


def _known(value: float | None) -> str:
    return "not told" if value is None else f"{value:.2f}"


def _count(value: int | None) -> str:
    return "not told" if value is None else str(value)


def _card(report: AnyReport) -> Lines:
    yield from ("## Model card", "")
    if not isinstance(report, EventReport):
        things = report.wording
        columns = ("part", f"{things.example}s", f"{things.group}s", "labels", "content hash", "where it comes from")
        yield from ("### The data", "")
        yield from table(columns, facts.parts(report), (0, 4, 5))
    for section in card(report):
        yield from (f"### {section.name}", "")
        yield from table(("", ""), [(fact.name, fact.value) for fact in section.facts], (0, 1))


def _unreadable(report: Report) -> Lines:
    if not report.unreadable:
        return
    yield from ("## Not readable, not counted", "")
    yield from (f"- {escaped(names_only(one))}" for one in report.unreadable[:MOST_UNREADABLE])
    if len(report.unreadable) > MOST_UNREADABLE:
        yield f"- and {len(report.unreadable) - MOST_UNREADABLE} more"
    yield ""
