"""Timelines as tables: for programs, for Audacity and for Raven."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from mediaml.values.timeline import Event, Timeline

SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
WHOLE_BAND = (0.0, 22050.0)  # Hz: Raven wants a box, and the events reach over all of the spectrogram
RAVEN = (
    *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)"),
    *("Annotation", "Confidence"),
)


def csv_table(timeline: Timeline) -> str:
    """Write a row an event."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")  # RFC 4180; else a lone return in a label is not quoted
    several = any(event.model for event in timeline)
    table.writerow(["path", "start", "end", "label", "confidence", *(["model"] if several else [])])
    for event in timeline:
        row = [timeline.source, event.segment.start, event.segment.end, event.label, f"{event.confidence:.6g}"]
        table.writerow([*row, *([event.model] if several else [])])
    return text.getvalue()


def audacity_track(timeline: Timeline) -> str:
    """Write an Audacity label track."""
    return _tabbed((*_times(event), event.label) for event in timeline)


def raven_table(timeline: Timeline) -> str:
    """Write a Raven selection table."""
    low, high = _band(timeline.model.get("spectrogram"))
    rows = (
        (number, "Spectrogram 1", 1, *_times(event), f"{low:g}", f"{high:g}", event.label, f"{event.confidence:.4f}")
        for number, event in enumerate(timeline, 1)
    )
    return _tabbed([RAVEN, *rows])


def _times(event: Event) -> tuple[str, str]:
    return f"{event.segment.start:.6f}", f"{event.segment.end:.6f}"


def _tabbed(rows: Iterable[Sequence[object]]) -> str:
    return "".join("\t".join(SPACES.sub(" ", str(cell)).strip() for cell in row) + "\n" for row in rows)


def _band(spectrogram: object) -> tuple[float, float]:
    """Give the frequencies that the model listens to, where the timeline says so."""
    if not isinstance(spectrogram, Mapping) or "sample_rate" not in spectrogram:
        return WHOLE_BAND
    low, high = spectrogram.get("fmin"), spectrogram.get("fmax")
    return float(low or 0.0), float(high or spectrogram["sample_rate"] / 2)
