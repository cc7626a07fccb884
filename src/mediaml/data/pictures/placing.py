"""Where boxes are in a picture as a person sees it, whichever way it was turned or scaled when they were drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mediaml.data.pictures import decode
from mediaml.data.pictures.decode import SIDEWAYS
from mediaml.values.picture import Picture

Floats = npt.NDArray[np.float32]


def shares_of(picture: Picture, width: int, height: int, orientation: int = 1) -> Floats:
    """Give corners of the boxes as shares of the picture: float32 [boxes, 4], left, top, right, bottom.

    Where the annotation states a size, the boxes are counted in it: that of a smaller copy, say. Where it states the
    size of the picture before it was turned, the boxes are turned with it.

    Parameters
    ----------
    picture
        With boxes.
    width, height
        Of the picture as a person sees it, pixels.
    orientation
        Of its EXIF, 1 to 8.
    """
    stated = picture.width or width, picture.height or height
    boxes = [(box.left, box.top, box.right, box.bottom) for box in picture.boxes or ()]
    corners = np.array(boxes, np.float64).reshape(-1, 4) / np.array([*stated, *stated], np.float64)
    if was_turned(stated, (width, height), orientation):
        corners = turned(corners, orientation)
    return corners.astype(np.float32)


def upright(picture: Picture, width: int, height: int) -> Picture:
    """Give a picture with its boxes in pixels of what a person sees, however they were drawn.

    Parameters
    ----------
    picture
        With boxes, or without.
    width, height
        As a person sees it, pixels.
    """
    if (picture.width or width, picture.height or height) == (width, height):
        return picture.model_copy(update={"width": width, "height": height})
    corners = shares_of(picture, width, height, decode.header(picture.path).orientation)
    places = corners * np.array([width, height] * 2)
    boxes = tuple(
        box.model_copy(
            update={"left": float(x), "top": float(y), "width": float(right - x), "height": float(bottom - y)}
        )
        for box, (x, y, right, bottom) in zip(picture.boxes or (), places, strict=True)
    )
    return picture.model_copy(update={"boxes": boxes, "width": width, "height": height})


def was_turned(stated: tuple[int, int], size: tuple[int, int], orientation: int) -> bool:
    """Tell whether a stated size is that of the picture before it was turned upright."""
    if orientation not in SIDEWAYS or stated == size:
        return False
    wide = stated[0] / stated[1]
    return abs(wide - size[1] / size[0]) < abs(wide - size[0] / size[1])


def turned(corners: npt.NDArray[np.float64], orientation: int) -> npt.NDArray[np.float64]:
    """Turn corners in shares of the stored picture as its EXIF orientation turns the picture."""
    x, y = corners[:, [0, 2]], corners[:, [1, 3]]
    across, down = {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (1 - y, x),
        7: (1 - y, 1 - x),
        8: (y, 1 - x),
    }[orientation]
    return np.stack([across.min(axis=1), down.min(axis=1), across.max(axis=1), down.max(axis=1)], axis=1)
