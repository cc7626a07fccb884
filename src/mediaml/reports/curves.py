"""Precision over recall: the label's confidence sorts everything, and each threshold is a point."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from mediaml.data.files import printable
from mediaml.metrics.calibration import bins_of
from mediaml.metrics.intervals import Bools, Floats
from mediaml.reports.charts import MARKS, Chart, Line, Tick, place, reliability_chart
from mediaml.values.multi_label_report import LabelSetReport
from mediaml.values.prediction import percentage
from mediaml.values.report import LabelReport

MOST_CHARTS, MOST_RELIABILITY = 12, 6
Point = tuple[float, float]


def label_curves(report: LabelReport | LabelSetReport) -> list[Chart]:
    """Chart each label that the test has against all others; where they are many, those with the most examples."""
    if not report.outcomes:
        return []
    tested = [label for label in report.labels if report.per_label[label].support]
    shown = sorted(tested, key=lambda label: -report.per_label[label].support)[:MOST_CHARTS]
    return [_of_label(report, label) for label in tested if label in shown]


def label_reliability(report: LabelSetReport) -> list[Chart]:
    """Chart for each label the share that truly has it over the confidence; at most six, those with the most."""
    tested = [label for label in report.labels if report.per_label[label].support and report.outcomes]
    shown = sorted(tested, key=lambda label: -report.per_label[label].support)[:MOST_RELIABILITY]
    return [
        reliability_chart(bins_of(*confidences_of(report, label)), f"{printable(label)}: true, over stated confidence")
        for label in tested
        if label in shown
    ]


def _of_label(report: LabelReport | LabelSetReport, label: str) -> Chart:
    confidence, true = confidences_of(report, label)
    score = report.per_label[label]
    # where one label is given, its precision and recall are of the likeliest label, which is no point of this line
    dot = (score.recall, score.precision) if isinstance(report, LabelSetReport) and score.precision > 0 else None
    return curve_chart(label, steps_through(*precision_recall(confidence, true)), dot)


def confidences_of(report: LabelReport | LabelSetReport, label: str) -> tuple[Floats, Bools]:
    """Give the confidence in a label, 0 where it is not named, and whether it is true: [examples], both."""
    sure = [
        next((score.confidence for score in one.prediction.alternatives if score.label == label), 0.0)
        for one in report.outcomes
    ]
    if isinstance(report, LabelReport):
        true = [one.truth == label for one in report.outcomes]
    else:
        true = [label in one.truths for one in report.outcomes]
    return np.array(sure, np.float64), np.array(true, bool)


def precision_recall(confidence: Floats, true: Bools) -> tuple[Floats, Floats]:
    """Give precision and recall at each distinct confidence as a threshold, the highest first: float64 [levels], both.

    Not interpolated: the area under its steps is `average_precision` of several labels.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    last = np.append(ranked[1:] != ranked[:-1], [True])
    right = np.cumsum(true[order])[last]
    return right / np.arange(1, len(ranked) + 1)[last], right / max(1, int(true.sum()))


def steps_through(precision: Floats, recall: Floats) -> tuple[Point, ...]:
    """Give the corners of the steps in a drawing; the line falls to nothing where recall ends."""
    starts = np.concatenate([[0.0], recall[:-1]])
    steps = zip(starts, recall, precision, strict=True)
    corners = [point for start, end, level in steps for point in (place(start, level), place(end, level))]
    corners.append(place(float(recall[-1]) if len(recall) else 0.0, 0.0))
    rounded = [(round(x, 1), round(y, 1)) for x, y in corners]
    by_height = [list(level) for _, level in groupby(rounded, key=lambda point: point[1])]
    return tuple(point for level in by_height for point in dict.fromkeys((level[0], level[-1])))


def curve_chart(label: str, corners: tuple[Point, ...], dot: Point | None) -> Chart:
    """Chart a label's line, and the point of recall and precision that the model's threshold gives."""
    lines = [Line("at every threshold", corners, "solid", 0.0)]
    if dot is not None:
        lines.append(Line("at the model's threshold", (place(*dot),), "dots", 4.5))
    return Chart(
        f"{printable(label)}: precision over recall",
        "recall",
        tuple(Tick(place(mark, 0)[0], percentage(mark)) for mark in MARKS),
        tuple(Tick(place(0, mark)[1], percentage(mark)) for mark in MARKS),
        tuple(lines),
    )
