"""What is cut out of a file, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mediaml.values.geometry import Segment
from mediaml.values.reel import Find

MOMENT = 0.5  # seconds before and behind what has no length: a picture of a video


class Span(NamedTuple):
    """What is asked for: seconds from the start of the file (of a video: from its first picture)."""

    start: float
    end: float


class Cut(NamedTuple):
    """What a clip holds.

    Parameters
    ----------
    begins
        Where in the source a player begins, in seconds.
    copied
        Whether nothing was encoded anew with a loss: packets, samples or bytes were copied.
    """

    begins: float
    copied: bool


class Clipped(NamedTuple):
    """What became of a find.

    Parameters
    ----------
    find
        What was to be cut out.
    path
        The clip; None: there is none, see `error`.
    copied
        Whether packets, samples or bytes were copied; False: what is in the clip was encoded anew.
    error
        Why there is no clip; None: there is one.
    start
        Where in the source the clip really begins, in seconds: at the start of the find less the margin, or before it
        where a copy can only begin at a key picture. None: there is no clip.
    """

    find: Find
    path: Path | None
    copied: bool
    error: str | None
    start: float | None = None


class CannotCopyError(Exception):
    """One way of cutting does not work for a file; another may. The text says why."""


def span_of(segment: Segment, margin: float) -> Span:
    """Give what is cut for a segment; one without length gets half a second at both sides, or the margin if longer."""
    around = margin if segment.duration else max(margin, MOMENT)
    return Span(max(0.0, segment.start - around), segment.end + around)
