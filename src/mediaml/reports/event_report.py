"""How well events are found, as a page that needs nothing but itself, and as a part of a notebook."""

from __future__ import annotations

from mediaml.reports.pages import templates
from mediaml.values.event_report import EventReport
from mediaml.values.prediction import percentage
from mediaml.values.timeline import clock


def report_page(report: EventReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere."""
    return _rendered(report, whole=True)


def report_fragment(report: EventReport) -> str:
    """Write it for a notebook's cell, with its own style that touches nothing else."""
    return _rendered(report, whole=False)


def _rendered(report: EventReport, *, whole: bool) -> str:
    ways = (
        ("event", "Beginnings", f"events of the same label that begin within {report.collar:g} s of each other"),
        ("iou", "Overlap", f"events of the same label of whose time both hold at least {percentage(report.iou)}"),
        ("segment", "Segments", f"segments of {report.resolution:g} s in which a label is heard, wherever in them"),
    )
    template = templates().get_template("event_report.html.j2")
    return template.render(report=report, ways=ways, length=clock(report.seconds, 0), whole=whole)
