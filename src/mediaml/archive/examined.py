"""What came of the files of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mediaml.archive.places import Place
from mediaml.backends.tracing import Moment, Trace
from mediaml.errors import AudioError, ImageError, VideoError
from mediaml.values.media import Media
from mediaml.values.timeline import Event

LeftTo = Literal["another engine", "the next scan"]


@dataclass(frozen=True)
class Found:
    """What one model found in one file.

    Parameters
    ----------
    key
        The model's.
    events
        By time.
    problems
        Stretches that could not be read, with the reason.
    traces
        What each event was like, in their order; empty where nobody measured it.
    moments
        What the file is like throughout; empty where the model makes no embeddings.
    """

    key: str
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What came of a file.

    Parameters
    ----------
    place
        The file.
    digest
        Of its content; empty where it could not be read at all.
    media
        Its streams; None: a still picture, or unreadable.
    found
        One a model; empty where the file could not be read.
    error
        Why it could not be read.
    left_to
        Who is to look at the file, where that could not be done: this engine cannot read it, or it was out of reach,
        which may be over at the next scan. What was found in it before stays. None: it was looked at.
    """

    place: Place
    digest: str = ""
    media: Media | None = None
    found: tuple[Found, ...] = ()
    error: str | None = None
    left_to: LeftTo | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return 0.0 if self.media is None else self.media.duration


def reason_of(error: BaseException) -> str:
    """Say why a file could not be read, without its name, which stands beside it."""
    if isinstance(error, AudioError | ImageError | VideoError):
        return error.reason
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def in_time(events: Sequence[Event], traces: Sequence[Trace] = ()) -> tuple[tuple[Event, ...], tuple[Trace, ...]]:
    """Sort events by time, and their traces with them."""
    order = sorted(range(len(events)), key=lambda number: _time(events[number]))
    return tuple(events[number] for number in order), tuple(traces[number] for number in order if traces)


def _time(event: Event) -> tuple[float, float, str]:
    return event.segment.start, event.segment.end, event.label
