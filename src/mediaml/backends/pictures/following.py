"""Things followed through the pictures of a video by how much their boxes overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mediaml.runtime.events import TOLERANCE
from mediaml.values.geometry import Box
from mediaml.values.timeline import Sighting, Track

SAME = 0.3
"""From this intersection over union on, two boxes in neighbouring pictures are the same thing (Bewley et al. 2016)."""


class Seen(NamedTuple):
    """The boxes of one label in a picture, which holds from `start` to `end`, in seconds."""

    start: float
    end: float
    boxes: Sequence[Box]


class _Open(NamedTuple):
    """A track that may go on, and until when its last box holds."""

    sightings: list[Sighting]
    end: float


def follow(pictures: Iterable[Seen], onset: float, gap_seconds: float) -> tuple[Track, ...]:
    """Join the boxes of one label into tracks; the best overlaps of all together decide (Hungarian method).

    Parameters
    ----------
    pictures
        In order.
    onset
        The confidence that at least one box of a track reaches.
    gap_seconds
        A thing that was not seen for so long begins a new track, as it would an event. In a picture that begins where
        its last one ends it goes on, however small this is.

    Returns
    -------
    By their beginnings.
    """
    unseen = max(gap_seconds - TOLERANCE, TOLERANCE)
    tracks: list[_Open] = []
    ended: list[_Open] = []
    for start, end, boxes in pictures:
        fresh = [one for one in tracks if start - one.end < unseen]
        ended += [one for one in tracks if start - one.end >= unseen]
        taken = dict(_pairs([one.sightings[-1].box for one in fresh], boxes))
        for number, box in enumerate(boxes):
            if number not in taken:
                fresh.append(_Open([], end))
            one = taken.get(number, -1)
            fresh[one].sightings.append(Sighting(time=start, box=box))
            fresh[one] = fresh[one]._replace(end=end)
        tracks = fresh
    every = [one.sightings for one in (*ended, *tracks)]
    sure = [one for one in every if any((sight.box.confidence or 0.0) >= onset for sight in one)]
    return tuple(Track(sightings=tuple(one)) for one in sorted(sure, key=lambda one: one[0].time))


def _pairs(before: Sequence[Box], now: Sequence[Box]) -> list[tuple[int, int]]:
    """Give pairs of a box of this picture and the track that it belongs to."""
    from scipy.optimize import linear_sum_assignment

    if not before or not now:
        return []
    overlaps = np.array([[one.iou(other) for other in now] for one in before])
    rows, columns = linear_sum_assignment(-overlaps)
    return [(int(c), int(r)) for r, c in zip(rows, columns, strict=True) if overlaps[r, c] >= SAME]
