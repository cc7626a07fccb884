"""Precision over recall of what a detector found, label by label."""

from __future__ import annotations

import numpy as np

from mediaml.metrics.box_matching import Matched, matched_by_label, precision_recall
from mediaml.metrics.calibration import bins_of
from mediaml.reports.charts import Chart, reliability_chart
from mediaml.reports.curves import MOST_CHARTS, Point, curve_chart, steps_through
from mediaml.values.detection_report import DetectionReport, DetectionScore


def precision_recall_charts(report: DetectionReport) -> list[Chart]:
    """Chart the labels of which something was found; where they are many, those with the most true boxes."""
    matched = matched_by_label(report.outcomes)
    tested = [label for label in report.labels if label in matched and report.per_label[label].average_precision]
    shown = sorted(tested, key=lambda label: -report.per_label[label].support)[:MOST_CHARTS]
    return [_chart(label, matched[label], report.per_label[label]) for label in report.labels if label in shown]


def reliability(report: DetectionReport) -> list[Chart]:
    """Chart the share of all found boxes that is right over their confidence; nothing where nothing was found."""
    matched = matched_by_label(report.outcomes).values()
    counted = [~one.ignored[0] for one in matched]
    confidence = [one.score[real] for one, real in zip(matched, counted, strict=True)]
    right = [one.hit[0, real] for one, real in zip(matched, counted, strict=True)]
    if not sum(map(len, confidence)):
        return []
    return [reliability_chart(bins_of(np.concatenate(confidence), np.concatenate(right)))]


def _chart(label: str, matched: Matched, score: DetectionScore) -> Chart:
    dot = (score.recall, score.precision) if score.precision > 0 else None
    return curve_chart(label, curve(matched), dot)


def curve(matched: Matched) -> tuple[Point, ...]:
    """Give the corners of precision over recall as average precision sees it: steps, and nothing where recall ends."""
    precision, recall = precision_recall(matched)
    return steps_through(precision, recall)
