"""Reports of models that give labels to pictures, as whole pages and as parts of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediaml.reports import gallery
from mediaml.reports.html import label_content, shared_content
from mediaml.reports.multi_label import several_content
from mediaml.reports.pages import templates
from mediaml.reports.several import ShownSet, hits_of, shown_sets
from mediaml.reports.thumbnails import thumbnails
from mediaml.values.multi_label_report import ImageMultiLabelReport, LabelSetOutcome
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
            **several_content(report),
            "wrong_clips": [],
            "gallery_heading": "Pictures",
            "drawn": "",
            "misses": _several(report.mistakes[:most]),
            "hits": _several(hits_of(report)) if most == MISTAKES else [],
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


def _several(outcomes: Sequence[LabelSetOutcome]) -> list[ShownSet]:
    drawn = thumbnails([one.source for one in outcomes], SIDE)
    return shown_sets(outcomes, [gallery.Drawn(made.data, made.problem) for made in drawn])
