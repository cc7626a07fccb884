"""Things followed through the pictures of a video by how much their boxes overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mediaml.values.geometry import Box
from mediaml.values.timeline import Sighting, Track

SAME = 0.3
"""From this intersection over union on, two boxes in neighbouring pictures are the same thing (Bewley et al. 2016)."""


def follow(pictures: Iterable[tuple[float, Sequence[Box]]], onset: float, gap_seconds: float) -> tuple[Track, ...]:
    """Join the boxes of one label into tracks; the best overlaps of all together decide (Hungarian method).

    Parameters
    ----------
    pictures
        Time in seconds and boxes of each, in order.
    onset
        The confidence that at least one box of a track reaches.
    gap_seconds
        A thing that was not seen for longer begins a new track.

    Returns
    -------
    By their beginnings.
    """
    open_tracks: list[list[Sighting]] = []
    ended: list[list[Sighting]] = []
    for time, boxes in pictures:
        fresh = [one for one in open_tracks if time - one[-1].time <= gap_seconds]
        ended += [one for one in open_tracks if time - one[-1].time > gap_seconds]
        taken = dict(_pairs([one[-1].box for one in fresh], boxes))
        for number, box in enumerate(boxes):
            if number in taken:
                fresh[taken[number]].append(Sighting(time=time, box=box))
            else:
                fresh.append([Sighting(time=time, box=box)])
        open_tracks = fresh
    sure = (one for one in (*ended, *open_tracks) if any((sight.box.confidence or 0.0) >= onset for sight in one))
    return tuple(Track(sightings=tuple(one)) for one in sorted(sure, key=lambda one: one[0].time))


def _pairs(before: Sequence[Box], now: Sequence[Box]) -> list[tuple[int, int]]:
    """Give pairs of a box of this picture and the track that it belongs to."""
    from scipy.optimize import linear_sum_assignment

    if not before or not now:
        return []
    overlaps = np.array([[one.iou(other) for other in now] for one in before])
    rows, columns = linear_sum_assignment(-overlaps)
    return [(int(c), int(r)) for r, c in zip(rows, columns, strict=True) if overlaps[r, c] >= SAME]
