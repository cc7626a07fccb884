"""Precision over recall of what a detector found, label by label."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from mediaml.data.files import printable
from mediaml.metrics.box_matching import Matched, matched_by_label, precision_recall
from mediaml.reports.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, Line, Tick
from mediaml.values.detection_report import DetectionReport, DetectionScore
from mediaml.values.prediction import percentage

MOST_CHARTS = 12
MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
Point = tuple[float, float]


def precision_recall_charts(report: DetectionReport) -> list[Chart]:
    """Chart the labels of which something was found; where they are many, those with the most true boxes."""
    matched = matched_by_label(report.outcomes)
    tested = [label for label in report.labels if label in matched and report.per_label[label].average_precision]
    shown = sorted(tested, key=lambda label: -report.per_label[label].support)[:MOST_CHARTS]
    return [_chart(label, matched[label], report.per_label[label]) for label in report.labels if label in shown]


def _chart(label: str, matched: Matched, score: DetectionScore) -> Chart:
    lines = [Line("at every threshold", curve(matched), "solid", 0.0)]
    if score.precision > 0:
        lines.append(Line("at the model's threshold", (_point(score.recall, score.precision),), "dots", 4.5))
    return Chart(
        f"{printable(label)}: precision over recall",
        "recall",
        tuple(Tick(_point(mark, 0)[0], percentage(mark)) for mark in MARKS),
        tuple(Tick(_point(0, mark)[1], percentage(mark)) for mark in MARKS),
        tuple(lines),
    )


def curve(matched: Matched) -> tuple[Point, ...]:
    """Give the corners of precision over recall as average precision sees it: steps, and nothing where recall ends."""
    precision, recall = precision_recall(matched)
    starts = np.concatenate([[0.0], recall[:-1]])
    steps = zip(starts, recall, precision, strict=True)
    corners = [point for start, end, level in steps for point in (_point(start, level), _point(end, level))]
    corners.append(_point(float(recall[-1]) if len(recall) else 0.0, 0.0))
    rounded = [(round(x, 1), round(y, 1)) for x, y in corners]
    by_height = [list(level) for _, level in groupby(rounded, key=lambda point: point[1])]
    return tuple(point for level in by_height for point in dict.fromkeys((level[0], level[-1])))


def _point(recall: float, precision: float) -> Point:
    return LEFT + recall * (WIDTH - LEFT - RIGHT), TOP + (1 - precision) * (HEIGHT - TOP - BOTTOM)
