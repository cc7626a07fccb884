"""Where to draw the line between a thing and nothing: a threshold a label, chosen on pictures that were held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mediaml.metrics.box_matching import matched_by_label
from mediaml.metrics.intervals import Bools, Floats, Ints
from mediaml.runtime.thresholds import BEST_F1, TARGET_PRECISION
from mediaml.values.detection_report import DetectionOutcome

NEVER = float("inf")


def best_thresholds(
    outcomes: Sequence[DetectionOutcome], labels: Sequence[str], criterion: str = BEST_F1, value: float = 0.0
) -> tuple[float, ...]:
    """Choose a threshold a label, at an intersection over union of 0.5.

    Parameters
    ----------
    outcomes
        Pictures that were held out, with all that was found in them.
    labels
        The model's.
    criterion
        ``best_f1``: the highest F1. ``target_precision``: of the boxes that are given the label, at least this share is
        right, and as many as can be are given.
    value
        The precision, 0 to 1.

    Returns
    -------
    One a label, in order; infinity where the label is never to be given: nothing was held out of it, nothing right was
    found, or the precision cannot be reached.

    Raises
    ------
    ValueError
        There is no such criterion.
    """
    if criterion not in (BEST_F1, TARGET_PRECISION):
        raise ValueError(f"the criterion is {BEST_F1!r} or {TARGET_PRECISION!r}, not {criterion!r}")
    matched = matched_by_label(outcomes)
    chosen = []
    for label in labels:
        own = matched.get(label)
        if own is None:
            chosen.append(NEVER)
            continue
        counted = ~own.ignored[0]
        score, right, truths = own.score[counted], own.hit[0, counted], int(own.truths.sum())
        chosen.append(best_f1(score, right, truths) if criterion == BEST_F1 else reaching(score, right, value))
    return tuple(chosen)


def best_f1(score: Floats, right: Bools, truths: int) -> float:
    """Choose the threshold with the highest F1, the highest of equals.

    Parameters
    ----------
    score
        Of the boxes that were found, [found].
    right
        Whether each is a true one, [found].
    truths
        How many true ones there are, found or not.

    Returns
    -------
    Halfway from a score to the next lower one, so that rounding changes nothing; infinity where nothing is right.
    """
    levels, hits, given = _ranked(score, right)
    if not hits.any():
        return NEVER
    return _between(levels, int(np.argmax(2.0 * hits / (given + truths))))


def reaching(score: Floats, right: Bools, precision: float) -> float:
    """Choose the lowest threshold from which on at least this share is right; infinity where there is none.

    Parameters
    ----------
    score, right
        As in `best_f1`.
    precision
        0 to 1.
    """
    levels, hits, given = _ranked(score, right)
    (good,) = np.nonzero(hits >= precision * given - 1e-9)
    return _between(levels, int(good[-1])) if len(good) and hits.any() else NEVER


def _ranked(score: Floats, right: Bools) -> tuple[Floats, Ints, Ints]:
    """Give the distinct scores from the highest down, and how many are right and given at each as a threshold."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, bool)
    real = ordered[last] > 0  # a score of 0 is no answer
    hits, given = np.cumsum(right[order])[last], np.arange(1, len(order) + 1)[last]
    return ordered[last][real], hits[real], given[real]


def _between(levels: Floats, chosen: int) -> float:
    below = levels[chosen + 1] if chosen + 1 < len(levels) else 0.0
    return float((levels[chosen] + below) / 2)
