"""From a decoded picture to what a network looks at: a square of a fixed size, in the network's own numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mediaml.vision.efficientnet import MEAN, SCALE, SIDE

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FARTHEST = 4  # short sides of the long side: what lies further from the middle is never looked at
AROUND = 256  # the shorter side, of which the middle SIDE is looked at: 7/8, as in the weights' own training


def crop(pixels: Pixels, side: int = SIDE) -> Pixels:
    """Look at the middle: the shorter side is made 8/7 of `side`, bicubic, and a square is cut out of the middle."""
    from PIL import Image

    pixels = _middle(pixels)
    height, width = pixels.shape[:2]
    scale = round(side * AROUND / SIDE) / min(height, width)
    size = max(side, round(width * scale)), max(side, round(height * scale))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)), np.uint8)


def _middle(pixels: Pixels) -> Pixels:
    """Cut the ends of a very long picture off: enlarged with the rest, a line of pixels would fill the memory."""
    height, width = pixels.shape[:2]
    most = FARTHEST * min(height, width)
    top, left = max(0, height - most) // 2, max(0, width - most) // 2
    return pixels[top : top + most, left : left + most]


def squash(pixels: Pixels, side: int = SIDE) -> Pixels:
    """Look at all of it: bicubic to a square, whatever the shape of the picture."""
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC), np.uint8)


VIEWS: dict[str, Callable[[Pixels], Pixels]] = {"crop": crop, "squash": squash}


def as_input(views: npt.NDArray[np.uint8]) -> Floats:
    """Give squares uint8 [n, side, side, 3] as the network takes them: float32 [n, 3, side, side], about -1 to 1."""
    return np.ascontiguousarray((views.astype(np.float32).transpose(0, 3, 1, 2) - MEAN) * SCALE, np.float32)
