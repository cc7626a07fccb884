"""A report as a page that needs nothing but itself, and as a part of a notebook."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from mediaml.metrics import trust
from mediaml.metrics.calibration import reliability_bins
from mediaml.reports import charts, facts, gallery, players, words
from mediaml.reports.card import card
from mediaml.reports.curves import MOST_CHARTS, label_curves
from mediaml.reports.explorer import explorer
from mediaml.reports.pages import templates
from mediaml.values.detection_report import DetectionReport
from mediaml.values.multi_label_report import LabelSetReport
from mediaml.values.report import AudioReport, LabelReport

MISTAKES, MISTAKES_IN_NOTEBOOK = 20, 6
MOST_LABELS_IN_MATRIX = 60
MIX_UPS = 12
MOST_UNREADABLE = 200


TrainedReport: TypeAlias = LabelReport | LabelSetReport | DetectionReport


class Cell(NamedTuple):
    """A count of the confusion matrix, and its share of the row."""

    number: int
    share: float
    right: bool


class MixUp(NamedTuple):
    """How often one label is taken for another."""

    truth: str
    heard: str
    number: int
    of: int


def report_page(report: AudioReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere, pictures inside."""
    shown = {
        "mistakes": gallery.show(report, report.mistakes[:MISTAKES]),
        "right_ones": gallery.show(report, gallery.right_ones(report.outcomes, report.labels)),
        "wrong_ones": players.wrong_ones(report),
    }
    page: str = templates().get_template("report.html.j2").render(**_content(report), **shown, whole=True)
    return page


def report_fragment(report: AudioReport) -> str:
    """Write the main parts of a report for a notebook's cell, with its own style that touches nothing else."""
    shown = {
        "mistakes": gallery.show(report, report.mistakes[:MISTAKES_IN_NOTEBOOK]),
        "right_ones": [],
        "wrong_ones": players.wrong_ones(report, in_notebook=True),
    }
    fragment: str = templates().get_template("fragment.html.j2").render(**_content(report), **shown, whole=False)
    return fragment


def _content(report: AudioReport) -> dict[str, Any]:
    return {
        **label_content(report),
        "heading": "Sound recognition report",
        "gallery_heading": "Spectrograms",
        "drawn": "Spectrogram of",
    }


def label_content(report: LabelReport) -> dict[str, Any]:
    """Give what the pages of all models with one label an example need."""
    bins = reliability_bins(report.outcomes) if report.outcomes else []
    return {
        **shared_content(report),
        "body": "body.html.j2",
        "verdict": words.verdict(report),
        "figures": words.figures(report),
        "matrix": _matrix(report) if len(report.labels) <= MOST_LABELS_IN_MATRIX else [],
        "mix_ups": mix_ups(report)[:MIX_UPS],
        "bins": bins,
        "reliability": charts.reliability_chart(bins) if bins else None,
        "calibration_remark": words.calibration_remark(report.outcomes) if bins else "",
        "curves": label_curves(report),
        "curves_note": f"Confidence in the label sorts all {report.wording.example}s, whatever is likelier.",
        "most_curves": MOST_CHARTS,
    }


def shared_content(report: TrainedReport) -> dict[str, Any]:
    """Give what the pages of all kinds of reports need."""
    kept = report.model.get("best_epoch")
    return {
        "report": report,
        "cautions": words.cautions(report),
        "training": charts.training_charts(report.history, kept if isinstance(kept, int) else None),
        "kept": kept,
        "parts": facts.parts(report),
        "sections": card(report),
        "explored": explorer(report),
        "most_in_matrix": MOST_LABELS_IN_MATRIX,
        "unreadable": report.unreadable[:MOST_UNREADABLE],
        "few": trust.FEW_OF_A_LABEL,
        "size": (charts.WIDTH, charts.HEIGHT, charts.LEFT, charts.RIGHT, charts.TOP, charts.BOTTOM),
        "written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _matrix(report: LabelReport) -> list[tuple[str, list[Cell]]]:
    return [
        (label, [Cell(count, count / max(1, sum(row)), row_number == n) for n, count in enumerate(row)])
        for row_number, (label, row) in enumerate(zip(report.labels, report.confusion, strict=True))
    ]


def mix_ups(report: LabelReport) -> list[MixUp]:
    """List which labels are taken for which others, the most frequent first."""
    found = [
        MixUp(truth, heard, count, sum(row))
        for truth, row in zip(report.labels, report.confusion, strict=True)
        for heard, count in zip(report.labels, row, strict=True)
        if count and heard != truth
    ]
    return sorted(found, key=lambda one: (-one.number, -one.number / one.of))
