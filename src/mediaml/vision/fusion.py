"""What was found in several views of one picture, put together (Solovyev et al. 2021, "Weighted boxes fusion")."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mediaml.vision.box_augment import iou
from mediaml.vision.nms import MOST_BOXES, Boxes

Floats = npt.NDArray[np.float64]

SAME = 0.55  # IoU from which on boxes of two views are one thing (the paper's)
LEAST, MOST = 1e-6, 1 - 1e-6


def fused(views: Sequence[Boxes]) -> Boxes:
    """Join the boxes of views of one picture: their places are averaged, by confidence, and so are confidences.

    A box that only one of two views shows has half of its confidence.

    Parameters
    ----------
    views
        Boxes in the places of the picture itself.
    """
    if len(views) == 1:
        return views[0]
    corners = np.concatenate([one.corners for one in views])
    labels = np.concatenate([one.labels for one in views])
    sure = 1 / (1 + np.exp(-np.concatenate([one.scores for one in views]).astype(np.float64)))
    of_view = np.repeat(np.arange(len(views)), [len(one.labels) for one in views])
    order = np.argsort(-sure, kind="stable")
    corners, labels, sure, of_view = corners[order], labels[order], sure[order], of_view[order]
    overlap = (iou(corners, corners) >= SAME) & (labels[:, None] == labels[None, :])
    free = np.ones(len(sure), bool)
    places, kinds, means = [], [], []
    for number in range(len(sure)):
        if not free[number]:
            continue
        together = _one_a_view(np.flatnonzero(overlap[number] & free), of_view, number)
        free[overlap[number]] = False
        weights = sure[together]
        places.append((corners[together] * weights[:, None]).sum(axis=0) / weights.sum())
        kinds.append(labels[number])
        means.append(weights.sum() / len(views))
    return _boxes(np.array(places).reshape(-1, 4), np.array(kinds, np.int64), np.array(means))


def _one_a_view(members: npt.NDArray[np.int64], of_view: npt.NDArray[np.int64], first: int) -> npt.NDArray[np.int64]:
    """Keep the surest of each view; the first is always among them."""
    members = np.union1d(members, [first])  # a box without area does not overlap itself
    _, surest = np.unique(of_view[members], return_index=True)
    return np.asarray(members[surest], np.int64)


def _boxes(corners: Floats, labels: npt.NDArray[np.int64], sure: Floats) -> Boxes:
    order = np.argsort(-sure, kind="stable")[:MOST_BOXES]
    chances = np.clip(sure[order], LEAST, MOST)
    scores = np.log(chances / (1 - chances)).astype(np.float32)
    return Boxes(corners[order].astype(np.float32), labels[order], scores)


def flipped_back(boxes: Boxes, across: bool, down: bool) -> Boxes:
    """Bring boxes of a mirrored picture to their places in the picture itself."""
    corners = boxes.corners.copy()
    if across:
        corners[:, [0, 2]] = 1 - corners[:, [2, 0]]
    if down:
        corners[:, [1, 3]] = 1 - corners[:, [3, 1]]
    return boxes._replace(corners=corners)
