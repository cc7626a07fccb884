"""A report of several labels a clip, as a page that needs nothing but itself and as a part of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediaml.reports.curves import MOST_CHARTS, MOST_RELIABILITY, label_curves, label_reliability
from mediaml.reports.gallery import spectrograms
from mediaml.reports.html import shared_content
from mediaml.reports.pages import templates
from mediaml.reports.players import wrong_clips
from mediaml.reports.several import ShownSet, hits_of, shown_sets
from mediaml.reports.words import Figure, between
from mediaml.values.multi_label_report import LabelSetReport, MultiLabelOutcome, MultiLabelReport
from mediaml.values.prediction import percentage

MISSES, MISSES_IN_NOTEBOOK = 20, 6


def report_page(report: MultiLabelReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere."""
    hits = [one for one in hits_of(report) if isinstance(one, MultiLabelOutcome)]
    shown = {
        "wrong_clips": wrong_clips(report),
        "misses": _drawn(report, report.mistakes[:MISSES]),
        "hits": _drawn(report, hits),
    }
    page: str = templates().get_template("report.html.j2").render(**_content(report), **shown, whole=True)
    return page


def report_fragment(report: MultiLabelReport) -> str:
    """Write the main parts of a report for a notebook's cell, with its own style that touches nothing else."""
    shown = {
        "wrong_clips": wrong_clips(report, in_notebook=True),
        "misses": _drawn(report, report.mistakes[:MISSES_IN_NOTEBOOK]),
        "hits": [],
    }
    fragment: str = templates().get_template("fragment.html.j2").render(**_content(report), **shown, whole=False)
    return fragment


def _drawn(report: MultiLabelReport, outcomes: Sequence[MultiLabelOutcome]) -> list[ShownSet]:
    return shown_sets(outcomes, spectrograms(report.spectrogram, outcomes))


def _content(report: MultiLabelReport) -> dict[str, Any]:
    return {
        **shared_content(report),
        **several_content(report),
        "heading": "Report on several sounds at once",
        "body": "multi_label.html.j2",
        "gallery_heading": "Spectrograms",
        "drawn": "Spectrogram of",
    }


def several_content(report: LabelSetReport) -> dict[str, Any]:
    """Give what the pages of several labels at once need, whatever the labels are of."""
    return {
        "verdict": verdict(report),
        "figures": figures(report),
        "curves": label_curves(report),
        "curves_note": (
            "The area under each line is the label's average precision. The dot is what was given: it may lie beside "
            "the line, where a model weighs how familiar an example is, too."
        ),
        "most_curves": MOST_CHARTS,
        "reliability": label_reliability(report),
        "reliability_note": f"Of each label; at most {MOST_RELIABILITY}, the most frequent.",
    }


def verdict(report: LabelSetReport) -> str:
    """Say in one line what the evaluation found."""
    words = report.wording
    true = sum(score.support for score in report.per_label.values())
    exact = round(report.subset_accuracy * report.examples)
    return (
        f"{words.examples(report.examples)} have {true} labels; {percentage(report.recall)} of these were found, and "
        f"{percentage(report.precision)} of what was named is there. Every label is right in {exact} of the "
        f"{words.example}s."
    )


def figures(report: LabelSetReport) -> list[Figure]:
    """Give the figures of a report, each with its interval and what it means."""
    return [
        _number(
            report,
            "mean_average_precision",
            f"From 0 to 1: how well the {report.wording.example}s with a label stand before those without, when sorted "
            "by its confidence, whatever the thresholds. The mean of the labels that the test has.",
        ),
        _number(report, "macro_f1", "At the thresholds. Every label counts the same, however rare."),
        _number(report, "micro_f1", "At the thresholds. Every label of every one counts the same."),
        _share(report, "precision", "Of all labels that were given, the share that is true."),
        _share(report, "recall", "Of all true labels, the share that was given."),
        _share(
            report,
            "subset_accuracy",
            f"The {report.wording.example}s in which every label is right and nothing else is named.",
        ),
        _share(report, "coverage", f"The {report.wording.example}s that were given a label at all."),
        _number(
            report,
            "expected_calibration_error",
            "How far stated confidence and the share that is true are apart, on average; 0 is perfect. In a test of "
            f"this size, even a perfectly calibrated model shows about "
            f"{report.expected_calibration_error_by_chance:.3f}.",
        ),
        _number(report, "brier", "From 0 to 1: how far the confidences are from the truth, squared; 0 is perfect."),
    ]


NAMES = {"macro_f1": "Macro F1", "micro_f1": "Micro F1", "brier": "Brier score"}


def _number(report: LabelSetReport, name: str, meaning: str) -> Figure:
    value: float | None = getattr(report, name)
    written = "–" if value is None else f"{value:.3f}"  # noqa: RUF001
    return Figure(_name(name), written, between(report, name), meaning)


def _share(report: LabelSetReport, name: str, meaning: str) -> Figure:
    return Figure(_name(name), percentage(getattr(report, name)), between(report, name, share=True), meaning)


def _name(name: str) -> str:
    return NAMES.get(name, name.replace("_", " ").capitalize())
