"""From what is seen in single pictures of a video to stretches of time, in one pass and in flat memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.backends.pictures.following import Seen, follow
from mediaml.runtime.events import Found, Tracker
from mediaml.values.geometry import Box, Segment
from mediaml.values.timeline import Event

OFFSET = 0.5  # of the onset threshold
BRIDGED = 2.0  # steps: a thing that was missed in a single picture was there all the same
SHORTEST = 1e-4  # seconds


class Sight(NamedTuple):
    """How surely a label is seen in a picture.

    Parameters
    ----------
    score
        What is compared with the label's threshold.
    confidence
        Calibrated, 0 to 1.
    """

    score: float
    confidence: float


class Glimpse(NamedTuple):
    """What a model saw in one picture: each label's sight, all candidates for boxes, and what two are compared by."""

    sights: Mapping[str, Sight]
    boxes: tuple[Box, ...] = ()
    embedding: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Joining:
    """How pictures are joined.

    Parameters
    ----------
    minimum_seconds
        What is shorter is no event.
    gap_seconds
        Events of one label that are closer than this are one.
    """

    minimum_seconds: float = 0.0
    gap_seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("minimum_seconds", "gap_seconds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ValueError(f"{name} is a number of seconds, not {value!r}")


class Joiner:
    """Takes glimpses one after another, and gives the events that cannot grow any more."""

    def __init__(self, thresholds: Mapping[str, float], usual: float, joining: Joining) -> None:
        self._thresholds, self._usual, self._joining = thresholds, usual, joining
        self._labels: dict[str, _Label] = {}
        self._reached = 0.0

    def push(self, start: float, end: float, glimpse: Glimpse) -> list[Event]:
        """Take what is seen from `start` to `end`, in seconds.

        Each lasts a moment at least, also where two pictures of a video are closer than that: the later one then begins
        where the earlier one ends.
        """
        start = max(start, self._reached)
        self._reached = end = max(end, start + SHORTEST)
        for label in glimpse.sights:
            if label not in self._labels:
                self._labels[label] = _Label(label, self._thresholds.get(label, self._usual), self._joining)
        found = []
        for label, one in self._labels.items():
            boxes = [box for box in glimpse.boxes if box.label == label]
            found += one.push(start, end, glimpse.sights.get(label, Sight(0.0, 0.0)), boxes)
        return found

    def finish(self) -> list[Event]:
        """Give the events that are left: the video ends, or a stretch of it could not be read."""
        return [event for one in self._labels.values() for event in one.finish()]


class _Label:
    """One label's events, and the boxes that belong to them."""

    def __init__(self, label: str, onset: float, joining: Joining) -> None:
        self._label, self._onset, self._gap = label, onset, joining.gap_seconds
        bounds = np.array([onset]), np.array([OFFSET * onset])
        self._tracker = Tracker(*bounds, joining.minimum_seconds, joining.gap_seconds)
        self._seen: list[Seen] = []
        self._last = 0.0

    def push(self, start: float, end: float, sight: Sight, boxes: Sequence[Box]) -> list[Event]:
        found = self._tracker.push(start, end, np.array([sight.score]), np.array([sight.confidence]))
        events = self._events(found)
        if sight.score >= OFFSET * self._onset:
            near = [box for box in boxes if (box.confidence or 0.0) >= OFFSET * self._onset]
            self._seen.append(Seen(start, end, near))
            self._last = end
        elif start - self._last >= self._gap:
            self._seen = []  # whatever this was, it was no event, or it was given
        return events

    def finish(self) -> list[Event]:
        events = self._events(self._tracker.finish())
        self._seen = []
        return events

    def _events(self, found: Sequence[Found]) -> list[Event]:
        return [self._event(one) for one in found]

    def _event(self, found: Found) -> Event:
        inside = [one for one in self._seen if found.start <= one.start < found.end]
        self._seen = [one for one in self._seen if one.start >= found.end]
        return Event(
            label=self._label,
            segment=Segment(start=found.start, end=found.end),
            confidence=min(1.0, found.confidence),
            tracks=follow(inside, self._onset, self._gap) if any(one.boxes for one in inside) else (),
        )
