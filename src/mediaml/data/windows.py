"""Fixed windows over recordings, and which labels they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

LABEL_SHARE = 0.5
SHORTEST_REST = 0.5
SHORTEST_STEP = 1e-3  # seconds; less is a slip of the unit, and millions of windows


def windows(start: float, end: float, seconds: float, hop: float | None = None) -> Iterator[tuple[float, float]]:
    """Cut a stretch into windows of equal length.

    What is left at the end becomes a last, shorter window where it is at least half as long as a full one, and is
    dropped otherwise. A stretch shorter than a window is one window, whatever its length.

    Parameters
    ----------
    start, end
        Seconds.
    seconds
        Length of a window.
    hop
        Seconds between the starts of two windows; None: `seconds`, so that they do not overlap.

    Yields
    ------
    Start and end in seconds.

    Raises
    ------
    ValueError
        `seconds` or `hop` is not above 0.
    """
    step = seconds if hop is None else hop
    if not (seconds > 0 and step > 0):
        raise ValueError(f"windows need seconds > 0 and hop > 0, not {seconds!r} and {hop!r}")
    if min(seconds, step) < SHORTEST_STEP:
        raise ValueError(f"windows and hops are at least {SHORTEST_STEP:g} s: seconds={seconds!r}, hop={hop!r}")
    if not isfinite(end):
        raise ValueError(f"windows need an end, not {end!r}")
    number, covered = 0, start
    while True:
        first = start + number * step
        length = min(seconds, end - first)
        # a rest that an earlier, overlapping window has heard already is no news
        if number > 0 and (length < SHORTEST_REST * seconds - 1e-9 or end - covered <= 1e-9):
            return
        covered = first + length
        yield round(first, 6), round(covered, 6)
        number += 1


def labels_within(
    start: float, end: float, annotations: Sequence[tuple[float, float, tuple[str, ...]]]
) -> tuple[str, ...]:
    """Give the labels of a window: of each annotation that fills half of the window, or lies in it by half.

    So a short call labels the window that holds most of it, and a long sound labels every window that it fills.

    Parameters
    ----------
    start, end
        Seconds.
    annotations
        Start, end and labels of each.

    Returns
    -------
    The labels, sorted, each once.
    """
    found: set[str] = set()
    for first, last, labels in annotations:
        overlap = min(end, last) - max(start, first)
        shorter = min(end - start, last - first)
        # a point in time (a label without length) belongs to the window that it stands in
        if (shorter > 0 and overlap >= LABEL_SHARE * shorter - 1e-9) or (shorter == 0 and start <= first < end):
            found.update(labels)
    return tuple(sorted(found))
