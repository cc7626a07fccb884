"""What stands behind brand marks: scenes that are computed, or parts of the user's own photographs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mediaml.data.pictures import decode
from mediaml.data.pictures.decode import Pixels

Floats = npt.NDArray[np.float64]
SMOOTHEST, ROUGHEST = 60.0, 4.0  # pixels of a blob
LEAST_PART = 0.5  # of a photograph's side, that is taken


def scene(random: np.random.RandomState, size: tuple[int, int]) -> Pixels:
    """Make a scene: sky over ground or a wall, blurred blobs, boxes like windows, lines like text, and grain.

    Parameters
    ----------
    random
        What is drawn from.
    size
        Width and height, pixels.

    Returns
    -------
    uint8 [height, width, 3].
    """
    levels = _ground(random, size)
    levels = _blobs(levels, random, size)
    for _ in range(random.randint(0, 7)):
        _box(levels, random, size)
    if random.rand() < 0.4:
        _lines(levels, random, size)
    levels += random.normal(0, random.uniform(1, 8), levels.shape)
    return np.clip(levels, 0, 255).astype(np.uint8)


def _colour(random: np.random.RandomState) -> Floats:
    """Draw a colour, mostly a dull one."""
    grey = random.uniform(30, 230)
    return np.clip(grey + random.normal(0, random.choice([8, 45]), 3), 0, 255)


def _ground(random: np.random.RandomState, size: tuple[int, int]) -> Floats:
    width, height = size
    top, bottom = _colour(random), _colour(random)
    share = np.linspace(0, 1, height)[:, None, None]
    levels = np.asarray(top * (1 - share) + bottom * share) * np.ones((1, width, 1))
    if random.rand() < 0.6:
        levels[int(height * random.uniform(0.4, 0.85)) :] = _colour(random)
    return levels


def _blobs(levels: Floats, random: np.random.RandomState, size: tuple[int, int]) -> Floats:
    """Add soft spots: a few random colours, spread over the picture."""
    from PIL import Image

    step = random.uniform(ROUGHEST, SMOOTHEST)
    few = random.normal(0, random.uniform(5, 35), (max(2, int(size[1] / step)), max(2, int(size[0] / step)), 3))
    spread = [
        np.asarray(Image.fromarray(few[:, :, n].astype(np.float32)).resize(size, Image.Resampling.BICUBIC))
        for n in range(3)
    ]
    return np.asarray(levels + np.stack(spread, axis=2))


def _box(levels: Floats, random: np.random.RandomState, size: tuple[int, int]) -> None:
    width, height = size
    left, top = random.randint(width), random.randint(height)
    right, bottom = left + random.randint(10, max(11, width // 2)), top + random.randint(10, max(11, height // 2))
    share = random.uniform(0.4, 1.0)
    part = levels[top:bottom, left:right]
    levels[top:bottom, left:right] = part * (1 - share) + _colour(random) * share


def _lines(levels: Floats, random: np.random.RandomState, size: tuple[int, int]) -> None:
    """Draw short dark dashes in rows, as writing looks from afar."""
    width, height = size
    left, top = random.randint(max(1, width // 2)), random.randint(max(1, height // 2))
    step = random.randint(6, 14)
    ink = _colour(random) * 0.4
    for row in range(random.randint(2, 6)):
        at = left
        for _ in range(random.randint(3, 9)):
            long = random.randint(5, 30)
            levels[top + row * step : top + row * step + step // 3, at : at + long] = ink
            at += long + 4


def photograph(random: np.random.RandomState, size: tuple[int, int], paths: Sequence[Path]) -> tuple[Pixels, Path]:
    """Take a part of one of the user's photographs, and say of which.

    Raises
    ------
    ImageError
        It cannot be read.
    """
    from PIL import Image

    path = paths[random.randint(len(paths))]
    pixels = decode.read(path, max(size))
    rows, columns = pixels.shape[:2]
    share = random.uniform(LEAST_PART, 1.0)
    wide = min(columns, int(rows * size[0] / size[1])) * share
    high = wide * size[1] / size[0]
    left, top = random.uniform(0, columns - wide), random.uniform(0, rows - high)
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, (left, top, left + wide, top + high))
    return np.asarray(image, np.uint8), path
