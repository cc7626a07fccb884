"""Which found boxes are which true ones, and the average precision of that, both as COCO's evaluation has them.

Lin et al. 2014, "Microsoft COCO: Common objects in context"; the reference is pycocotools' ``cocoeval.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mediaml.metrics.intervals import Bools, Floats, Ints, Weights
from mediaml.values.detection_report import DetectionOutcome, confidence_of, is_crowd
from mediaml.values.geometry import Box

LIMITS = np.linspace(0.5, 0.95, 10)
"""Of intersection over union, from which on a box is right."""
RECALLS = np.linspace(0.0, 1.0, 101)
"""Where precision is read."""
MOST_FOUND = 100  # of a label in a picture
AT_ONCE = 4_000_000  # boxes times draws in memory at a time


class Matched(NamedTuple):
    """What became of the found boxes of one label.

    Parameters
    ----------
    score
        By falling confidence, float64 [found].
    picture
        The number of the picture of each, int64 [found].
    hit
        Whether it is a true one, bool [limits, found].
    ignored
        Whether it counts neither as right nor as wrong, because it lies in a crowd, bool [limits, found].
    truths
        True boxes without crowds, int64 [pictures].
    """

    score: Floats
    picture: Ints
    hit: Bools
    ignored: Bools
    truths: Ints


def corners(boxes: Sequence[Box]) -> Floats:
    """Give left, top, right and bottom: float64 [boxes, 4]."""
    return np.array([(one.left, one.top, one.right, one.bottom) for one in boxes], np.float64).reshape(-1, 4)


def iou_matrix(found: Sequence[Box], truth: Sequence[Box]) -> Floats:
    """Give the intersection over union of each found box with each true one, float64 [found, truth].

    With a crowd it is the share of the found box that lies in it: nobody knows how large the single things are.
    """
    (one, other) = (corners(boxes) for boxes in (found, truth))
    spans = np.minimum(one[:, None, 2:], other[None, :, 2:]) - np.maximum(one[:, None, :2], other[None, :, :2])
    shared = np.where((spans > 0).all(axis=2), spans[..., 0] * spans[..., 1], 0.0)
    area, true_area = np.array([box.area for box in found]), np.array([box.area for box in truth])
    crowd = np.array([is_crowd(box) for box in truth], bool)
    either = np.where(crowd, area[:, None], area[:, None] + true_area - shared)
    return np.divide(shared, either, out=np.zeros_like(shared), where=shared > 0)


def partners(ious: Floats, crowd: Bools, limits: Floats = LIMITS) -> tuple[Ints, Bools]:
    """Pair found boxes with true ones: in order, each takes the free one that it overlaps best, the last of equals.

    Parameters
    ----------
    ious
        [found, truth], the surest found first.
    crowd
        Which true ones are crowds; these have room for any number, where nothing else is left. Bool [truth].
    limits
        What the intersection over union has to reach, [limits].

    Returns
    -------
    The true one of each found one, -1 for none, int64 [limits, found]; and which lie in a crowd, bool [limits, found].
    """
    own, single = ious[:, ~crowd], np.flatnonzero(~crowd)
    partner = np.full((len(limits), len(ious)), -1, np.int64)
    free = np.ones((len(limits), len(single)), bool)
    rows = np.arange(len(limits))
    for number in np.flatnonzero(own.max(axis=1, initial=-1.0) >= limits.min()):
        left = np.where(free, own[number], -1.0)
        best = len(single) - 1 - np.argmax(left[:, ::-1], axis=1)
        fits = left[rows, best] >= limits
        partner[fits, number] = single[best[fits]]
        free[rows[fits], best[fits]] = False
    in_crowd = ious[:, crowd].max(axis=1, initial=-1.0) >= limits[:, None]
    return partner, in_crowd & (partner < 0)


def matched_by_label(outcomes: Sequence[DetectionOutcome]) -> dict[str, Matched]:
    """Match all that was found, at most 100 boxes of a label in a picture: every label that is true or was found."""
    parts: dict[str, dict[int, _Part]] = defaultdict(dict)
    for number, outcome in enumerate(outcomes):
        true, found = _by_label(outcome.picture.boxes or ()), _by_label(outcome.found)
        for label in true.keys() | found.keys():
            parts[label][number] = _matched(true.get(label, []), found.get(label, []))
    return {label: _joined(own, len(outcomes)) for label, own in parts.items()}


class _Part(NamedTuple):
    """What became of the found boxes of one label in one picture."""

    score: Floats
    hit: Bools
    ignored: Bools
    truths: int


def _by_label(boxes: Sequence[Box]) -> Mapping[str, list[Box]]:
    found: dict[str, list[Box]] = defaultdict(list)
    for box in boxes:
        found[box.label].append(box)
    return found


def _matched(truth: Sequence[Box], found: Sequence[Box]) -> _Part:
    surest = sorted(found, key=confidence_of, reverse=True)[:MOST_FOUND]
    crowd = np.array([is_crowd(box) for box in truth], bool)
    partner, ignored = partners(iou_matrix(surest, truth), crowd)
    score = np.array([confidence_of(box) for box in surest], np.float64)
    return _Part(score, partner >= 0, ignored, int(np.count_nonzero(~crowd)))


def _joined(parts: Mapping[int, _Part], pictures: int) -> Matched:
    """Put the pictures of one label together, the surest first; of equals those of the earlier picture."""
    score = np.concatenate([one.score for one in parts.values()])
    order = np.argsort(-score, kind="stable")
    truths = np.zeros(pictures, np.int64)
    truths[list(parts)] = [one.truths for one in parts.values()]
    return Matched(
        score[order],
        np.repeat(list(parts), [len(one.score) for one in parts.values()])[order],
        np.concatenate([one.hit for one in parts.values()], axis=1)[:, order],
        np.concatenate([one.ignored for one in parts.values()], axis=1)[:, order],
        truths,
    )


def average_precision(matched: Matched | None, limit: int = 0) -> float | None:
    """Give the mean of the precision at 101 levels of recall from 0 to 1.

    The precision at a level is the highest at this recall or a higher one; 0 at a recall that is never reached.

    Parameters
    ----------
    matched
        Of one label; None where nothing is true and nothing was found.
    limit
        Which of `LIMITS`.

    Returns
    -------
    0 to 1; None where nothing is true.
    """
    if matched is None or not matched.truths.any():
        return None
    return float(weighted_average_precision(matched, np.ones((len(matched.truths), 1), np.float32), limit)[0])


def weighted_average_precision(matched: Matched, weights: Weights, limit: int = 0) -> Floats:
    """`average_precision` of pictures that count as often as they were drawn.

    Only where there is a hit does recall rise, and only there is precision highest: nothing else is looked at.

    Parameters
    ----------
    matched
        Of one label.
    weights
        [pictures, draws].
    limit
        Which of `LIMITS`.

    Returns
    -------
    float64 [draws]; NaN where nothing that was drawn is true.
    """
    step = max(1, AT_ONCE // max(1, len(matched.score)))
    blocks = [weights[:, start : start + step] for start in range(0, weights.shape[1], step)]
    return np.concatenate([_of_draws(matched, block, limit) for block in blocks])


def _of_draws(matched: Matched, weights: Weights, limit: int) -> Floats:
    total: Floats = matched.truths.astype(np.float64) @ weights.astype(np.float64)
    right, given = at_hits(matched, weights, limit)
    recall = _share(right, total)
    reached = np.searchsorted(RECALLS, recall, side="right")
    levels = np.diff(reached, axis=0, prepend=0)  # how many levels of recall each hit is the first to reach
    found = (_highest(_share(right, given)) * levels).sum(axis=0) / len(RECALLS)
    return np.where(total > 0, found, np.nan)


def at_hits(matched: Matched, weights: Weights, limit: int = 0) -> tuple[Floats, Floats]:
    """Count the hits so far, and the boxes so far that are right or wrong, at each hit: float64 [hits, draws], both."""
    hits = np.flatnonzero(matched.hit[limit])
    if len(hits) == 0:
        return np.zeros((0, weights.shape[1])), np.zeros((0, weights.shape[1]))
    drawn = weights[matched.picture[: hits[-1] + 1]]
    right = np.cumsum(drawn[hits], axis=0, dtype=np.float64)
    drawn[matched.ignored[limit, : hits[-1] + 1]] = 0
    starts = np.concatenate([[0], hits[:-1] + 1])
    return right, np.cumsum(np.add.reduceat(drawn, starts, axis=0), axis=0, dtype=np.float64)


def precision_recall(matched: Matched) -> tuple[Floats, Floats]:
    """Give precision, as average precision has it, and recall at each hit at a limit of 0.5: float64 [hits], both."""
    right, given = at_hits(matched, np.ones((len(matched.truths), 1), np.float32))
    return _highest(_share(right, given))[:, 0], right[:, 0] / max(1, int(matched.truths.sum()))


def _highest(precision: Floats) -> Floats:
    """Give the highest precision at each hit or a later one: [hits, draws]."""
    highest: Floats = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    return highest


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
