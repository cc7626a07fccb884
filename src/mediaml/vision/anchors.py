"""Anchors: the rectangles that a single-shot detector starts from, fitted to the boxes of the training data.

Liu et al. 2016, "SSD"; Redmon & Farhadi 2017, "YOLO9000" (k-means on the sizes of boxes). All rectangles are corners
(left, top, right, bottom) as shares of the picture's width and height.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

STRIDES = (8, 16, 32, 64)
SIZES = 6
ROUNDS = 50
VARIANCES = (0.1, 0.1, 0.2, 0.2)  # what offsets are divided by, so that they are of the order of 1 (Liu et al.)
FITS = 4.0  # an anchor stands on the level whose stride is nearest to a quarter of its size


class Anchors(NamedTuple):
    """Widths and heights as shares of the picture, float32 [sizes, 2], and the level that each stands on, [sizes]."""

    sizes: Floats
    levels: npt.NDArray[np.int64]

    def of_level(self, level: int) -> Floats:
        """Give the sizes that stand on a level, float32 [n, 2]."""
        return np.asarray(self.sizes[self.levels == level], np.float32)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many sizes stand on each level."""
        return tuple(int((self.levels == level).sum()) for level in range(len(STRIDES)))

    def corners(self, side: int) -> Floats:
        """Lay them out over a square picture: float32 [anchors, 4], level by level, row by row, cell by cell."""
        parts = []
        for level, stride in enumerate(STRIDES):
            cells = side // stride
            middle = (np.arange(cells, dtype=np.float32) + 0.5) / cells
            sizes = self.of_level(level)
            y, x = np.meshgrid(middle, middle, indexing="ij")
            centre = np.stack([x, y], axis=-1)[:, :, None, :]
            laid = np.concatenate([centre - sizes / 2, centre + sizes / 2], axis=-1)
            parts.append(laid.reshape(-1, 4))
        return np.asarray(np.concatenate(parts), np.float32)


def fit_anchors(sizes: Floats, side: int, seed: int = 0) -> Anchors:
    """Find sizes that lie near to those of the training data's boxes: k-means with 1 - IoU as the distance.

    Parameters
    ----------
    sizes
        Widths and heights of boxes as shares of their pictures, float32 [boxes, 2].
    side
        Of the square that the network looks at, pixels.
    seed
        Of the first choice.
    """
    found = _k_means(np.asarray(sizes, np.float64), min(SIZES, len(np.unique(sizes, axis=0))), seed)
    found = found[np.argsort(found.prod(axis=1))]
    in_pixels = np.sqrt(found.prod(axis=1)) * side
    distance = np.abs(np.log2(in_pixels[:, None]) - np.log2(FITS * np.array(STRIDES))[None, :])
    return Anchors(found.astype(np.float32), distance.argmin(axis=1).astype(np.int64))


def _k_means(sizes: npt.NDArray[np.float64], count: int, seed: int) -> npt.NDArray[np.float64]:
    order = np.argsort(sizes.prod(axis=1), kind="stable")
    # spread over the sizes from small to large: no draw of luck
    middles = sizes[order[((np.arange(count) + 0.5) * len(sizes) / count).astype(int)]]
    random = np.random.RandomState(seed)
    for _ in range(ROUNDS):
        nearest = _shape_iou(sizes, middles).argmax(axis=1)
        moved = np.stack(
            [
                np.median(sizes[nearest == n], axis=0) if (nearest == n).any() else sizes[random.randint(len(sizes))]
                for n in range(count)
            ]
        )
        if np.allclose(moved, middles):
            break
        middles = moved
    return np.asarray(middles, np.float64)


def _shape_iou(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """IoU of rectangles that share a corner, [n, m]."""
    shared = np.minimum(one[:, None], other[None, :]).prod(axis=2)
    covered: npt.NDArray[np.float64] = one.prod(axis=1)[:, None] + other.prod(axis=1)[None, :] - shared
    return np.asarray(shared / covered, np.float64)


def decoded(offsets: Floats, corners: Floats) -> Floats:
    """Turn what the network says, [..., anchors, 4], into corners [..., anchors, 4]: the inverse of MultiBoxTarget."""
    size = corners[:, 2:] - corners[:, :2]
    middle = (corners[:, 2:] + corners[:, :2]) / 2
    centre = offsets[..., :2] * np.array(VARIANCES[:2], np.float32) * size + middle
    half = np.exp(np.clip(offsets[..., 2:] * np.array(VARIANCES[2:], np.float32), -6, 6)) * size / 2
    return np.asarray(np.concatenate([centre - half, centre + half], axis=-1), np.float32)
