"""Pictures changed at random together with their boxes: what is true before is true after.

The crops and the zoom are SSD's (Liu et al. 2016, section 2.2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.vision.views import Pixels

Floats = npt.NDArray[np.float32]

NEVER, HORIZONTAL, BOTH = "never", "horizontal", "both"
FLIPS = (NEVER, HORIZONTAL, BOTH)
"""Whether left and right may be swapped, and top and bottom, too: not where this makes another thing of it."""

CROPS, ZOOMS = 0.5, 0.15  # shares of the pictures
LEAST_IOU = (0.1, 0.3, 0.5, 0.7, 0.0)  # that a crop has with some box; drawn
ATTEMPTS = 20
LEAST_SIDE = 0.4  # of a crop
LARGEST_ZOOM = 2.0
STRETCH = 1.6  # of a crop's sides
BRIGHTNESS, CONTRAST, SATURATION = 0.25, 0.3, 0.4
GREY = 127


class Example(NamedTuple):
    """A picture uint8 [height, width, 3], corners of boxes in shares of it float32 [n, 4], and labels int64 [n]."""

    pixels: Pixels
    corners: Floats
    labels: npt.NDArray[np.int64]


def changed(example: Example, random: np.random.RandomState, flips: str = HORIZONTAL) -> Example:
    """Crop, zoom out, mirror (as `FLIPS` allows) and recolour, each sometimes."""
    draw = random.rand()
    if draw < CROPS and len(example.corners):
        example = cropped(example, random)
    elif draw > 1 - ZOOMS:
        example = zoomed_out(example, random)
    if flips != NEVER and random.rand() < 0.5:
        example = mirrored(example)
    if flips == BOTH and random.rand() < 0.5:
        example = upside_down(example)
    return example._replace(pixels=recoloured(example.pixels, random))


def mirrored(example: Example) -> Example:
    """Swap left and right."""
    corners = example.corners.copy()
    corners[:, [0, 2]] = 1 - corners[:, [2, 0]]
    return Example(np.ascontiguousarray(example.pixels[:, ::-1]), corners, example.labels)


def upside_down(example: Example) -> Example:
    """Swap top and bottom."""
    corners = example.corners.copy()
    corners[:, [1, 3]] = 1 - corners[:, [3, 1]]
    return Example(np.ascontiguousarray(example.pixels[::-1]), corners, example.labels)


def cropped(example: Example, random: np.random.RandomState) -> Example:
    """Cut out a part that overlaps some box enough; boxes whose middle lies outside are gone."""
    least = LEAST_IOU[random.randint(len(LEAST_IOU))]
    for _ in range(ATTEMPTS):
        size = random.uniform(LEAST_SIDE, 1.0)
        stretch = np.exp(random.uniform(-np.log(STRETCH), np.log(STRETCH)) / 2)
        width, height = min(1.0, size * stretch), min(1.0, size / stretch)
        left, top = random.uniform(0, 1 - width), random.uniform(0, 1 - height)
        part = np.array([left, top, left + width, top + height], np.float32)
        if iou(part[None], example.corners).max() < least:
            continue
        cut = _cut(example, part)
        if len(cut.corners):
            return cut
    return example


def _cut(example: Example, part: Floats) -> Example:
    rows, columns = example.pixels.shape[:2]
    # whole pixels, and the part that they really are
    left, top = min(columns - 1, round(part[0] * columns)), min(rows - 1, round(part[1] * rows))
    right, bottom = max(left + 1, round(part[2] * columns)), max(top + 1, round(part[3] * rows))
    origin = np.array([left / columns, top / rows] * 2, np.float32)
    size = np.array([(right - left) / columns, (bottom - top) / rows] * 2, np.float32)
    middle = (example.corners[:, :2] + example.corners[:, 2:]) / 2
    inside = ((middle > origin[:2]) & (middle < origin[:2] + size[:2])).all(axis=1)
    corners = np.clip((example.corners[inside] - origin) / size, 0, 1)
    return Example(np.ascontiguousarray(example.pixels[top:bottom, left:right]), corners, example.labels[inside])


def zoomed_out(example: Example, random: np.random.RandomState) -> Example:
    """Put the picture somewhere on a larger grey one."""
    rows, columns = example.pixels.shape[:2]
    zoom = random.uniform(1.0, LARGEST_ZOOM)
    height, width = round(rows * zoom), round(columns * zoom)
    top, left = random.randint(height - rows + 1), random.randint(width - columns + 1)
    larger = np.full((height, width, 3), GREY, np.uint8)
    larger[top : top + rows, left : left + columns] = example.pixels
    scale = np.array([columns / width, rows / height] * 2, np.float32)
    origin = np.array([left / width, top / height] * 2, np.float32)
    return Example(larger, example.corners * scale + origin, example.labels)


def recoloured(pixels: Pixels, random: np.random.RandomState) -> Pixels:
    """Change brightness, contrast and saturation."""
    levels = pixels.astype(np.float32)
    levels *= 1 + random.uniform(-BRIGHTNESS, BRIGHTNESS)
    mean = levels.mean()
    levels = mean + (levels - mean) * (1 + random.uniform(-CONTRAST, CONTRAST))
    grey = levels.mean(axis=2, keepdims=True)
    levels = grey + (levels - grey) * (1 + random.uniform(-SATURATION, SATURATION))
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def iou(one: Floats, other: Floats) -> Floats:
    """Intersection over union of corners [n, 4] and [m, 4]: float32 [n, m]."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(corners[:, 2:] - corners[:, :2]).prod(axis=1) for corners in (one, other)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-12), np.float32)
