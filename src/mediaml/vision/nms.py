"""From what a detector says of every anchor to boxes: the surest of each heap is kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.vision.anchors import decoded
from mediaml.vision.box_augment import iou

Floats = npt.NDArray[np.float32]

MOST_CANDIDATES = 400
MOST_BOXES = 100
SAME = 0.5  # boxes of one label that overlap more are one thing (Liu et al. 2016)
LEAST_SCORE = 0.01


class Boxes(NamedTuple):
    """Boxes of one picture, the surest first: corners in shares [n, 4], labels int64 [n], scores (logits) [n]."""

    corners: Floats
    labels: npt.NDArray[np.int64]
    scores: Floats


def boxes_of(scores: Floats, shifts: Floats, anchors: Floats) -> Boxes:
    """Choose the boxes of one picture.

    Parameters
    ----------
    scores
        Logits [anchors, labels].
    shifts
        [anchors, 4].
    anchors
        Corners [anchors, 4].
    """
    flat = scores.ravel()
    least = np.log(LEAST_SCORE / (1 - LEAST_SCORE))
    (candidates,) = np.nonzero(flat > least)
    if len(candidates) > MOST_CANDIDATES:
        candidates = candidates[np.argpartition(-flat[candidates], MOST_CANDIDATES)[:MOST_CANDIDATES]]
    candidates = candidates[np.argsort(-flat[candidates], kind="stable")]
    places, labels = candidates // scores.shape[1], candidates % scores.shape[1]
    corners = np.clip(decoded(shifts[places], anchors[places]), 0, 1)
    kept = suppressed(corners, labels)
    return Boxes(corners[kept], labels[kept].astype(np.int64), flat[candidates][kept])


def suppressed(corners: Floats, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Keep of each heap of one label the first, and at most so many: indices [n] of corners that stand in order."""
    overlap = (iou(corners, corners) > SAME) & (labels[:, None] == labels[None, :])
    alive = np.ones(len(corners), bool)
    kept = []
    for number in range(len(corners)):
        if alive[number]:
            kept.append(number)
            alive &= ~overlap[number]
            if len(kept) == MOST_BOXES:
                break
    return np.array(kept, np.int64)
