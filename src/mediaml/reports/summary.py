"""What a report of any kind says, without regard to how it is laid out: for Markdown, which has no templates."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from mediaml.reports import detection, event_report, multi_label, words
from mediaml.values.detection_report import DetectionReport
from mediaml.values.event_report import EventReport
from mediaml.values.multi_label_report import ImageMultiLabelReport, LabelSetReport
from mediaml.values.prediction import percentage
from mediaml.values.report import ImageReport, LabelReport

NOT_TESTED = "not tested"


class Summary(NamedTuple):
    """A report in words and tables.

    Parameters
    ----------
    heading, verdict
        What it is, and what it found in a line.
    figures
        Each with its interval and what it means.
    columns, rows
        The table of the labels; the first column is the label.
    bar
        The column that a bar is drawn from.
    """

    heading: str
    verdict: str
    figures: list[words.Figure]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    bar: int = 1


@singledispatch
def summary(report: object) -> Summary:
    """Sum up a report of any kind."""
    raise TypeError(f"{type(report).__name__} is no report")


@summary.register
def _of_one(report: LabelReport) -> Summary:
    heading = "Picture recognition report" if isinstance(report, ImageReport) else "Sound recognition report"
    columns = ("label", "F1", "precision", "recall", "threshold", f"{report.wording.example}s", f"{_groups(report)}")
    rows = []
    for label in report.labels:
        score = report.per_label[label]
        told = _figures(score.support, score.f1, score.precision, score.recall)
        least = _threshold(report.thresholds[label]) if label in report.thresholds else "not recorded"
        rows.append((label, *told, least, str(score.support), str(score.groups)))
    return Summary(heading, words.verdict(report), words.figures(report), columns, rows)


@summary.register
def _of_several(report: LabelSetReport) -> Summary:
    pictures = isinstance(report, ImageMultiLabelReport)
    columns = (
        "label", "average precision", "precision", "recall", "F1", "threshold", "Brier", "calibration error",
        f"{report.wording.example}s", _groups(report),
    )  # fmt: skip
    rows = []
    for label in report.labels:
        one = report.per_label[label]
        told = _figures(one.support, one.average_precision or 0.0, one.precision, one.recall, one.f1)
        errors = (f"{one.brier:.3f}", f"{one.expected_calibration_error:.3f}")
        rows.append((label, *told, _threshold(one.threshold), *errors, str(one.support), str(one.groups)))
    heading = "Report on several labels a picture" if pictures else "Report on several sounds at once"
    return Summary(heading, multi_label.verdict(report), multi_label.figures(report), columns, rows)


@summary.register
def _of_boxes(report: DetectionReport) -> Summary:
    columns = (
        "label", "average precision", "strictly", "precision", "recall", "F1", "threshold", "true boxes", "pictures",
    )  # fmt: skip
    rows = []
    for label in report.labels:
        one = report.per_label[label]
        precise = (one.average_precision or 0.0, one.average_precision_coco or 0.0)
        told = _figures(one.support, *precise, one.precision, one.recall, one.f1)
        rows.append((label, *told, _threshold(one.threshold), str(one.support), str(one.pictures)))
    return Summary("Object detection report", detection.verdict(report), detection.figures(report), columns, rows)


@summary.register
def _of_events(report: EventReport) -> Summary:
    columns = (
        "label", "F1 of beginnings", "F1 of overlap", "F1 of segments", "precision", "recall", "true events", "found",
    )  # fmt: skip
    rows = []
    for label in report.labels:
        one = report.per_label[label]
        shares = (percentage(one.event_precision), percentage(one.event_recall))
        counts = (str(one.counts["event"].truths), str(one.counts["event"].found))
        f1 = (f"{value:.2f}" for value in (one.event_f1, one.iou_f1, one.segment_f1))
        rows.append((label, *f1, *shares, *counts))
    return Summary("Event detection report", event_report.verdict(report), event_report.figures(report), columns, rows)


def _groups(report: LabelReport | LabelSetReport) -> str:
    group = report.wording.group
    return f"{group}s" if group != report.wording.example else "groups"


def _figures(support: int, *values: float) -> tuple[str, ...]:
    return tuple(f"{value:.2f}" if support else NOT_TESTED for value in values)


def _threshold(value: float | None) -> str:
    return "never given" if value is None else f"{value:.2f}"
