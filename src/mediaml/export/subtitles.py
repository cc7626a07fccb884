"""Timelines as subtitles: what is found stands in the picture while it is there."""

from __future__ import annotations

import math

from mediaml.export.notes import title
from mediaml.values.timeline import Event, Timeline

SHORTEST = 1  # ms: a cue that ends when it begins is never shown


def webvtt(timeline: Timeline) -> str:
    """Write WebVTT; ``&``, ``<`` and ``>`` are escaped."""
    cues = []
    for number, event in enumerate(timeline, 1):
        start, end = _milliseconds(event)
        text = title(event).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cues.append(f"{number}\n{_clock(start, '.')} --> {_clock(end, '.')}\n{text}\n")
    return "\n".join(["WEBVTT\n", *cues])


def srt(timeline: Timeline) -> str:
    """Write SubRip."""
    cues = []
    for number, event in enumerate(timeline, 1):
        start, end = _milliseconds(event)
        cues.append(f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{title(event)}\n")
    return "\n".join(cues)


def _milliseconds(event: Event) -> tuple[int, int]:
    start = math.floor(event.segment.start * 1000 + 1e-6)
    return start, max(start + SHORTEST, math.ceil(event.segment.end * 1000 - 1e-6))


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"
