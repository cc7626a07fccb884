"""True and found events of recordings to a report.

The figures of beginnings and of segments are those of sed_eval (Mesaros, Heittola & Virtanen 2016, "Metrics for
polyphonic sound event detection"): its events by onset alone, matched optimally, its segments without a stated length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.values.event_report import EventCounts, EventReport, EventScore

Stretch = tuple[str, float, float]
"""A label with its start and end in seconds."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Neighbours = Sequence[Sequence[int]]
"""For each true event, which found ones may be the same."""
EVENT, IOU, SEGMENT = "event", "iou", "segment"
NOTHING = EventCounts(truths=0, found=0, hits=0)
Counted = dict[tuple[str | None, str], EventCounts]
"""By label (None: all together) and kind."""


class FileEvents(NamedTuple):
    """What truly is in one recording, and what was found, in any order."""

    truth: Sequence[Stretch]
    found: Sequence[Stretch]


class Rules(NamedTuple):
    """When two events are the same.

    Parameters
    ----------
    collar
        Seconds, above 0.
    iou
        Above 0 to 1.
    resolution
        Seconds, above 0.
    """

    collar: float
    iou: float
    resolution: float


def event_report(
    files: Sequence[FileEvents],
    rules: Rules,
    seconds: float,
    warnings: Sequence[str] = (),
    model: Mapping[str, Any] | None = None,
) -> EventReport:
    """Sum up an evaluation.

    Parameters
    ----------
    files
        The events of each recording.
    rules
        When two events are the same.
    seconds
        How long the recordings are together.
    warnings
        Why the figures may mislead.
    model
        How the events were found.
    """
    labels = sorted({label for one in files for side in one for label, _, _ in side})
    counted = [count(one, rules) for one in files]
    together = {kind: _sum(one[None, kind] for one in counted) for kind in (EVENT, IOU, SEGMENT)}
    of_label = {
        label: {kind: _sum(one.get((label, kind), NOTHING) for one in counted) for kind in together} for label in labels
    }
    return EventReport(
        **_figures(together),
        labels=tuple(labels),
        per_label={label: EventScore(**_figures(of_label[label])) for label in labels},
        collar=rules.collar,
        iou=rules.iou,
        resolution=rules.resolution,
        files=len(files),
        seconds=seconds,
        warnings=tuple(warnings),
        model=dict(model or {}),
    )


def _figures(counts: Mapping[str, EventCounts]) -> dict[str, Any]:
    figures: dict[str, Any] = {"counts": dict(counts)}
    for kind, one in counts.items():
        figures[f"{kind}_precision"] = one.hits / max(1, one.found)
        figures[f"{kind}_recall"] = one.hits / max(1, one.truths)
        figures[f"{kind}_f1"] = 2 * one.hits / max(1, one.truths + one.found)
        if kind != IOU:
            errors = one.substitutions + one.deletions + one.insertions
            figures[f"{kind}_error_rate"] = errors / one.truths if one.truths else None
    return figures


def _sum(counts: Iterable[EventCounts]) -> EventCounts:
    total = dict.fromkeys(EventCounts.model_fields, 0)
    for one in counts:
        for name in total:
            total[name] += getattr(one, name)
    return EventCounts(**total)


def count(one: FileEvents, rules: Rules) -> Counted:
    """Count the events of one recording that are found, missed and made up, in all three ways.

    Events are taken in the order of time: of several largest sets of pairs, the order chooses one, and so decides what
    is left over for substitutions.
    """
    truth, found = sorted(one.truth, key=_by_time), sorted(one.found, key=_by_time)
    counts = count_segments(truth, found, rules.resolution)
    left: tuple[list[float], list[float]] = ([], [])  # starts of what has no partner
    hits, overlaps = 0, 0
    for label in sorted({label for label, _, _ in (*truth, *found)}):
        own, given = _times(truth, label), _times(found, label)
        pairs = matched(near(own, given, rules.collar))
        overlapping = len(matched(overlapping_by(own, given, rules.iou)))
        left[0].extend(np.delete(own[:, 0], list(pairs)))
        left[1].extend(np.delete(given[:, 0], list(pairs.values())))
        hits, overlaps = hits + len(pairs), overlaps + overlapping
        counts[label, EVENT] = EventCounts(truths=len(own), found=len(given), hits=len(pairs))
        counts[label, IOU] = EventCounts(truths=len(own), found=len(given), hits=overlapping)
    sizes = {"truths": len(truth), "found": len(found)}
    counts[None, EVENT] = EventCounts(**sizes, hits=hits, substitutions=_mistaken(*left, rules.collar))
    counts[None, IOU] = EventCounts(**sizes, hits=overlaps)
    return counts


def _by_time(stretch: Stretch) -> tuple[float, float, str]:
    label, start, end = stretch
    return start, end, label


def _times(stretches: Sequence[Stretch], label: str) -> Floats:
    """Give start and end of the events of one label, in order: [events, 2]."""
    return np.array([(start, end) for own, start, end in stretches if own == label], np.float64).reshape(-1, 2)


def _mistaken(missed: Sequence[float], made_up: Sequence[float], collar: float) -> int:
    """Count the missed events in whose place one of another label was found: each takes the earliest that is free."""
    starts, taken = np.sort(made_up), set()
    for start in sorted(missed):
        first = np.searchsorted(starts, start - 2 * collar)
        for number in range(int(first), len(starts)):
            if starts[number] - start > collar:
                break
            if number not in taken and abs(starts[number] - start) <= collar:
                taken.add(number)
                break
    return len(taken)


def near(truth: Floats, found: Floats, collar: float) -> list[list[int]]:
    """Find for each true event the found ones that begin within the collar of it.

    Parameters
    ----------
    truth, found
        Start and end in seconds, [events, 2], sorted by start.
    collar
        Seconds. The difference is taken as the numbers are: 2.2 and 2.0 are a hair more than 0.2 apart.
    """
    first = np.searchsorted(found[:, 0], truth[:, 0] - 2 * collar)
    last = np.searchsorted(found[:, 0], truth[:, 0] + 2 * collar)
    return [
        [int(n) for n in range(low, high) if abs(start - found[n, 0]) <= collar]
        for start, low, high in zip(truth[:, 0], first, last, strict=True)
    ]


def overlapping_by(truth: Floats, found: Floats, iou: float) -> list[list[int]]:
    """Find for each true event the found ones whose intersection with it is at least `iou` of their union.

    Two events without length overlap where they are the same.

    Parameters
    ----------
    truth, found
        Start and end in seconds, [events, 2], sorted by start.
    iou
        Above 0 to 1.
    """
    reach = (truth[:, 1] - truth[:, 0]) / iou  # what is longer or farther cannot overlap so far
    first = np.searchsorted(found[:, 0], truth[:, 0] - reach * 1.001)
    last = np.searchsorted(found[:, 0], truth[:, 1], side="right")
    neighbours = []
    for (start, end), low, high in zip(truth, first, last, strict=True):
        starts, ends = found[low:high].T
        both = np.minimum(ends, end) - np.maximum(starts, start)
        either = np.maximum(ends, end) - np.minimum(starts, start)
        neighbours.append([int(low + n) for n in np.flatnonzero((both >= 0) & (both >= iou * either))])
    return neighbours


def matched(neighbours: Neighbours) -> dict[int, int]:
    """Pair as many as can be, each with one (augmenting paths, Kuhn 1955): true event to found event."""
    partner: dict[int, int] = {}  # of the true
    owner: dict[int, int] = {}  # of the found
    hopeless: set[int] = set()  # no path through these ends at a free one any more
    for true in range(len(neighbours)):
        asked: dict[int, int] = {}
        free = _free(true, neighbours, owner, asked, hopeless)
        if free is None:
            hopeless |= asked.keys()
        while free is not None:
            asking = asked[free]
            given_up = partner.get(asking)
            owner[free], partner[asking] = asking, free
            free = given_up
    return partner


def _free(
    true: int, neighbours: Neighbours, owner: Mapping[int, int], asked: dict[int, int], hopeless: set[int]
) -> int | None:
    """Look for a found event that is free, or whose owner may take another; `asked` says who asks for which."""
    waiting = deque([true])
    while waiting:
        asking = waiting.popleft()
        for found in neighbours[asking]:
            if found in asked or found in hopeless:
                continue
            asked[found] = asking
            if found not in owner:
                return found
            waiting.append(owner[found])
    return None


def count_segments(truth: Sequence[Stretch], found: Sequence[Stretch], resolution: float) -> Counted:
    """Cut the time into segments, and count those that hold any part of each label, truly and as found.

    Only where something begins or ends does a count change, so that a long recording costs no more than a short one.

    Parameters
    ----------
    truth, found
        In any order.
    resolution
        Seconds of a segment; the first begins at 0.
    """
    sides = [
        [(label, np.floor(start / resolution), np.ceil(end / resolution)) for label, start, end in side]
        for side in (truth, found)
    ]
    bounds = np.unique([edge for side in sides for _, first, last in side for edge in (first, last)])
    lengths = np.diff(bounds)
    true_ones, found_ones, both = np.zeros((3, len(lengths)))
    counts: Counted = {}
    for label in sorted({label for side in sides for label, _, _ in side}):
        there, heard = (_held([one[1:] for one in side if one[0] == label], bounds) for side in sides)
        true_ones, found_ones, both = true_ones + there, found_ones + heard, both + (there & heard)
        sums = [int(lengths @ held) for held in (there, heard, there & heard)]
        counts[label, SEGMENT] = EventCounts(truths=sums[0], found=sums[1], hits=sums[2])
    counts[None, SEGMENT] = EventCounts(
        truths=int(lengths @ true_ones),
        found=int(lengths @ found_ones),
        hits=int(lengths @ both),
        substitutions=int(lengths @ (np.minimum(true_ones, found_ones) - both)),
    )
    return counts


def _held(stretches: Sequence[tuple[float, float]], bounds: Floats) -> Bools:
    """Tell between which bounds any of some stretches lies: [bounds - 1]."""
    changes = np.zeros(len(bounds), np.int64)
    for column, change in ((0, 1), (1, -1)):
        np.add.at(changes, np.searchsorted(bounds, [one[column] for one in stretches]), change)
    return np.cumsum(changes)[:-1] > 0
