"""A report of the detection of objects, as a page that needs nothing but itself and as a part of a notebook."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mediaml.reports.curves import MOST_CHARTS
from mediaml.reports.detection_charts import precision_recall_charts, reliability
from mediaml.reports.detection_gallery import show
from mediaml.reports.html import MIX_UPS, MixUp, shared_content
from mediaml.reports.pages import templates
from mediaml.reports.words import Figure, between
from mediaml.values.detection_report import SAME, DetectionOutcome, DetectionReport
from mediaml.values.prediction import percentage

MISTAKES, MISTAKES_IN_NOTEBOOK, RIGHT_ONES = 20, 6, 4
NAMES = {
    "mean_average_precision": "Mean average precision",
    "mean_average_precision_coco": "The same, strictly",
    "f1": "F1",
    "mean_iou": "Overlap",
}


def report_page(report: DetectionReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere, pictures inside."""
    shown = {"mistakes": show(report.hardest(MISTAKES)), "right_ones": show(right_ones(report))}
    page: str = templates().get_template("report.html.j2").render(**_content(report), **shown, whole=True)
    return page


def report_fragment(report: DetectionReport) -> str:
    """Write the main parts of a report for a notebook's cell, with its own style that touches nothing else."""
    shown = {"mistakes": show(report.hardest(MISTAKES_IN_NOTEBOOK)), "right_ones": []}
    fragment: str = templates().get_template("fragment.html.j2").render(**_content(report), **shown, whole=False)
    return fragment


def right_ones(report: DetectionReport) -> list[DetectionOutcome]:
    """Choose the pictures without a mistake in which the most was found."""
    right = [one for one in report.outcomes if one.hits and not one.missed and not one.false]
    return sorted(right, key=lambda one: -len(one.hits))[:RIGHT_ONES]


def _content(report: DetectionReport) -> dict[str, Any]:
    return {
        **shared_content(report),
        "heading": "Object detection report",
        "body": "detection.html.j2",
        "verdict": verdict(report),
        "figures": figures(report),
        "mix_ups": box_mix_ups(report),
        "curves": precision_recall_charts(report),
        "curves_note": "The area under each line is the label's average precision.",
        "most_curves": MOST_CHARTS,
        "reliability": reliability(report),
        "reliability_note": "All boxes that were found, whether they were given or not.",
        "wrong": sum(1 for one in report.outcomes if one.missed or one.false),
    }


def box_mix_ups(report: DetectionReport) -> list[MixUp]:
    """List as which other labels true boxes that were missed were found, the most frequent first.

    A box that was given in vain is taken for the missed one of another label that it overlaps best, by half or more.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in report.outcomes:
        for wrong in outcome.false:
            missed = [box for box in outcome.missed if box.label != wrong.label and box.label in report.per_label]
            iou, truth = max(((wrong.iou(box), box.label) for box in missed), default=(0.0, ""))
            if iou >= SAME:
                counts[truth, wrong.label] += 1
    return [
        MixUp(truth, found, number, report.per_label[truth].support)
        for (truth, found), number in counts.most_common(MIX_UPS)
    ]


def verdict(report: DetectionReport) -> str:
    """Say in one line what the evaluation found."""
    true = sum(score.support for score in report.per_label.values())
    hits = round(report.recall * true)
    seen = f"{report.wording.examples(report.examples)} with {true} true box{'es' * (true != 1)}"
    if true == 0:
        return f"{seen}: there is nothing to find."
    return (
        f"{seen}: {hits} ({percentage(report.recall)}) were found; {percentage(report.precision)} of the boxes that "
        f"were given are right."
    )


def figures(report: DetectionReport) -> list[Figure]:
    """Give the figures of a report, each with its interval and what it means."""
    return [
        _number(
            report,
            "mean_average_precision",
            "From 0 to 1: how well true boxes stand before false ones when all are sorted by confidence, whatever the "
            "thresholds. The mean of the labels that the test has. A box is right where it and the true one share at "
            "least half of what they cover together.",
        ),
        _number(
            report,
            "mean_average_precision_coco",
            "The mean of it over ten limits, of 50 to 95 % instead of half: how exactly the boxes lie counts, too. "
            "It is COCO's main figure, and mostly far lower.",
        ),
        _share(report, "precision", "Of the boxes that were given, the share that is right."),
        _share(report, "recall", "Of the true boxes, the share that was found."),
        _number(report, "f1", "At the thresholds: the harmonic mean of precision and recall."),
        _share(
            report,
            "mean_iou",
            "Of what a right box and its true one cover together, the share that both cover, on average.",
        ),
    ]


def _number(report: DetectionReport, name: str, meaning: str) -> Figure:
    value: float | None = getattr(report, name)
    return Figure(_name(name), "–" if value is None else f"{value:.3f}", between(report, name), meaning)  # noqa: RUF001


def _share(report: DetectionReport, name: str, meaning: str) -> Figure:
    value: float | None = getattr(report, name)
    written = "–" if value is None else percentage(value)  # noqa: RUF001
    return Figure(_name(name), written, between(report, name, share=True), meaning)


def _name(name: str) -> str:
    return NAMES.get(name, name.capitalize())
