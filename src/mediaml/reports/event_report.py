"""How well events are found, as a page that needs nothing but itself, and as a part of a notebook."""

from __future__ import annotations

from mediaml.reports.card import card
from mediaml.reports.pages import templates
from mediaml.reports.words import Figure
from mediaml.values.event_report import EventReport
from mediaml.values.prediction import percentage
from mediaml.values.timeline import clock


def report_page(report: EventReport) -> str:
    """Write a report as a whole HTML page: no script, no link to elsewhere."""
    return _rendered(report, whole=True)


def report_fragment(report: EventReport) -> str:
    """Write it for a notebook's cell, with its own style that touches nothing else."""
    return _rendered(report, whole=False)


def verdict(report: EventReport) -> str:
    """Say in one line what the evaluation found."""
    events, files = report.counts["event"], report.files
    return (
        f"{events.truths:,} events in {files:,} recording{'s' * (files != 1)} ({clock(report.seconds, 0)}): "
        f"{events.found:,} found, {events.hits:,} of them right."
    )


def figures(report: EventReport) -> list[Figure]:
    """Give the three ways to compare events, each with its counts."""
    ways = (
        ("event", "Beginnings", f"events of the same label that begin within {report.collar:g} s of each other"),
        ("iou", "Overlap", f"events of the same label of whose time both hold at least {percentage(report.iou)}"),
        ("segment", "Segments", f"segments of {report.resolution:g} s in which a label is heard, wherever in them"),
    )
    found = []
    for kind, name, meaning in ways:
        counts = report.counts[kind]
        recall, precision = (percentage(getattr(report, f"{kind}_{figure}")) for figure in ("recall", "precision"))
        told = f"{counts.hits:,} of {counts.truths:,} found ({recall}), {counts.hits:,} of {counts.found:,} right"
        f1 = getattr(report, f"{kind}_f1")
        found.append(Figure(f"{name}: F1", f"{f1:.3f}", "", f"{told} ({precision}): {meaning}."))
    return found


def _rendered(report: EventReport, *, whole: bool) -> str:
    template = templates().get_template("event_report.html.j2")
    return template.render(
        report=report, verdict=verdict(report), figures=figures(report), sections=card(report), whole=whole
    )
