"""Reports of models that give labels to pictures, as whole pages and as parts of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediaml.reports import gallery
from mediaml.reports.html import label_content, shared_content
from mediaml.reports.multi_label import figures, verdict
from mediaml.reports.pages import templates
from mediaml.reports.thumbnails import thumbnails
from mediaml.values.multi_label_report import ImageMultiLabelReport, PictureLabelsOutcome
from mediaml.values.prediction import percentage
from mediaml.values.report import ImageReport, PictureOutcome

MISTAKES, MISTAKES_IN_NOTEBOOK = 24, 6
SIDE = 240  # pixels of the longer side of a picture in the page


def report_page(report: ImageReport | ImageMultiLabelReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere, pictures inside."""
    page: str = templates().get_template("report.html.j2").render(**_content(report, MISTAKES), whole=True)
    return page


def report_fragment(report: ImageReport | ImageMultiLabelReport) -> str:
    """Write the main parts of a report for a notebook's cell, with its own style that touches nothing else."""
    content = _content(report, MISTAKES_IN_NOTEBOOK)
    fragment: str = templates().get_template("fragment.html.j2").render(**content, whole=False)
    return fragment


def _content(report: ImageReport | ImageMultiLabelReport, most: int) -> dict[str, Any]:
    if isinstance(report, ImageMultiLabelReport):
        return {
            **shared_content(report),
            "heading": "Report on several labels a picture",
            "body": "multi_label.html.j2",
            "verdict": verdict(report),
            "figures": figures(report),
            "wrong_clips": [],
            "pictures": _several(report.mistakes[:most]),
        }
    right = gallery.right_ones(report.outcomes, report.labels) if most == MISTAKES else []
    return {
        **label_content(report),
        "heading": "Picture recognition report",
        "gallery_heading": "Pictures",
        "drawn": "",
        "mistakes": _single(report.mistakes[:most]),
        "right_ones": _single(right),
        "wrong_ones": [],
    }


def _single(outcomes: Sequence[PictureOutcome]) -> list[gallery.Shown]:
    drawn = thumbnails([one.source for one in outcomes], SIDE)
    return [gallery.shown(one, made.data, made.problem) for one, made in zip(outcomes, drawn, strict=True)]


def _several(outcomes: Sequence[PictureLabelsOutcome]) -> list[dict[str, Any]]:
    """Give the pictures with labels missing or too many, in words."""
    drawn = thumbnails([one.source for one in outcomes], SIDE)
    found = []
    for one, made in zip(outcomes, drawn, strict=True):
        sure = {score.label: score.confidence for score in one.prediction.alternatives}
        found.append(
            {
                "picture": made.data,
                "problem": made.problem,
                "file": one.source.rsplit("/", 1)[-1],
                "path": one.source,
                "truth": ", ".join(one.truths) or "nothing",
                "missed": ", ".join(f"{label} ({percentage(sure.get(label, 0.0))})" for label in one.missed),
                "added": ", ".join(f"{label} ({percentage(sure.get(label, 0.0))})" for label in one.added),
            }
        )
    return found
