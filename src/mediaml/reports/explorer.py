"""The threshold explorer: what each threshold would give, as tables and charts that need no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

from mediaml.data.files import printable
from mediaml.metrics.at_thresholds import Candidates, Step, candidates_of, chosen, given_by, hours_of, step, together
from mediaml.reports.charts import MARKS, Chart, Line, Tick, place
from mediaml.values.prediction import percentage
from mediaml.values.report import LabelReport, Report

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
CURVE = 60  # thresholds that a line is drawn through
MOST_LABELS = 24
NOTHING = "–"  # noqa: RUF001
COLUMNS = ("Threshold", "Given", "Right", "Found", "False")
HOURLY = "False an hour"


class Row(NamedTuple):
    """One threshold in words.

    Parameters
    ----------
    threshold
        Of the score; of the model's own ones in words.
    given, right, found, false
        How many are given; the share of them that is right; the share of the true ones that is found; how many of those
        given are false.
    hourly
        How many are false in an hour of the test; empty where its length is not known.
    own
        Whether these are the model's own thresholds.
    """

    threshold: str
    given: str
    right: str
    found: str
    false: str
    hourly: str
    own: bool


class Explored(NamedTuple):
    """One label, or all together, at every threshold.

    Parameters
    ----------
    name
        The label.
    summary
        What it does at the model's threshold, in words.
    rows
        A threshold each.
    chart
        Precision and recall over the threshold; None where nothing could be given.
    """

    name: str
    summary: str
    rows: tuple[Row, ...]
    chart: Chart | None


class Explorer(NamedTuple):
    """All labels at every threshold.

    Parameters
    ----------
    overall
        All labels together, with one threshold for all of them.
    labels
        Each for itself, at most 24: those with the most to find.
    left_out
        How many more there are.
    columns
        What the rows hold; the last one is missing where nobody knows how long the test is.
    """

    overall: Explored
    labels: tuple[Explored, ...]
    left_out: int
    columns: tuple[str, ...]


def explorer(report: Report) -> Explorer | None:
    """Explore the thresholds of a report; None where it holds no outcomes."""
    by_label = candidates_of(report)
    if not by_label:
        return None
    hours = hours_of(report)
    own = chosen(report)
    shown = sorted(by_label, key=lambda label: -by_label[label].true)[:MOST_LABELS]
    return Explorer(
        _overall(report, list(by_label.values()), hours),
        tuple(_of_label(label, by_label[label], own.get(label), hours) for label in by_label if label in shown),
        len(by_label) - len(shown),
        (*COLUMNS, HOURLY) if hours else COLUMNS,
    )


def _overall(report: Report, all_labels: Sequence[Candidates], hours: float) -> Explored:
    # a label of which the test has nothing counts here, too: what it is given to is false
    def at(threshold: float) -> Step:
        counted = together([step(one, threshold) for one in all_labels], threshold)
        # where examples have one label each, there are as many to find as examples
        return counted._replace(true=report.examples) if isinstance(report, LabelReport) else counted

    given = given_by(report)
    rows = [_row(at(threshold), hours) for threshold in THRESHOLDS]
    if given is not None:
        rows.append(_row(given, hours, "its own"))
    return Explored("All labels together", "", tuple(rows), _chart("All labels", at, None))


def _of_label(label: str, candidates: Candidates, own: float | None, hours: float) -> Explored:
    def at(threshold: float) -> Step:
        return step(candidates, threshold)

    rows = [(threshold, _row(at(threshold), hours)) for threshold in THRESHOLDS]
    summary = f"{candidates.true} to find"
    if own is not None:
        measured = _row(at(own), hours, f"{own:.3f} (own)" if isfinite(own) else "never (own)")
        rows.append((own, measured))
        summary += f"; at the model's threshold {_share(at(own).precision)} right, {_share(at(own).recall)} found"
    rows.sort(key=lambda one: one[0])
    drawn = _chart(label, at, own) if len(candidates.score) and candidates.true else None
    return Explored(label, summary, tuple(row for _, row in rows), drawn)


def _row(counted: Step, hours: float, name: str = "") -> Row:
    return Row(
        name or f"{counted.threshold:.2f}",
        str(counted.given),
        _share(counted.precision),
        _share(counted.recall),
        str(counted.false),
        _hourly(counted.false / hours) if hours else "",
        bool(name),
    )


def _hourly(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _share(value: float | None) -> str:
    return NOTHING if value is None else percentage(value)


def _chart(name: str, at: Callable[[float], Step], own: float | None) -> Chart:
    steps = [at(number / CURVE) for number in range(CURVE + 1)]
    precision = tuple(place(one.threshold, one.precision) for one in steps if one.precision is not None)
    recall = tuple(place(one.threshold, one.recall) for one in steps if one.recall is not None)
    return Chart(
        f"{printable(name)}: what a threshold gives",
        "threshold",
        tuple(Tick(place(mark, 0)[0], f"{mark:g}") for mark in MARKS),
        tuple(Tick(place(0, mark)[1], percentage(mark)) for mark in MARKS),
        (Line("right, of those given", precision, "solid", 0), Line("found, of those true", recall, "dotted", 0)),
        None if own is None or not 0 <= own <= 1 else place(own, 0)[0],
        mark_name="the model's threshold",
    )
