"""Brand marks as masks: the icons of the package ``simpleicons`` (CC0), drawn by ``resvg-py``."""

from __future__ import annotations

import difflib
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mediaml._extras import require
from mediaml.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

EXTRA = "logos"
PURPOSE = "drawing brand marks"


def brands() -> tuple[str, ...]:
    """Give the names of all marks, sorted: about 2,400.

    Raises
    ------
    MissingExtraError
        The extra ``logos`` is not installed.
    """
    return _names()


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(sorted(_icons()))


@lru_cache(maxsize=64)
def mark(brand: str, side: int) -> Image:
    """Draw a mark as a mask: 255 where it is, 0 where it is not, cut to what is drawn.

    Parameters
    ----------
    brand
        One of `brands`.
    side
        Pixels of the square that it is drawn in.

    Raises
    ------
    DataError
        There is no such brand.
    MissingExtraError
        The extra ``logos`` is not installed.
    """
    from PIL import Image

    icons = _icons()
    if brand not in icons:
        near = ", ".join(difflib.get_close_matches(brand.lower(), icons, n=3)) or "see samples.marks.brands()"
        raise DataError(f"there is no mark of {brand!r}; did you mean {near}?")
    draw = require("resvg_py", EXTRA, PURPOSE)
    with Image.open(io.BytesIO(bytes(draw.svg_to_bytes(svg_string=icons[brand], width=side)))) as drawn:
        mask = drawn.getchannel("A")
    return mask.crop(mask.getbbox())


@lru_cache(maxsize=1)
def _icons() -> dict[str, str]:
    """Give the SVG of every mark by its name."""
    found: Any = require("simpleicons.all", EXTRA, PURPOSE).icons
    return {icon.slug: icon.svg for icon in found.values()}


def shape(random: np.random.RandomState, side: int) -> Image:
    """Draw something that is no brand, as a mask of side by side: a ring, a cross, a star or bars."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    image = Pillow.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    kind = random.randint(4)
    if kind == 0:
        pen.ellipse((2, 2, side - 3, side - 3), outline=255, width=max(2, side // random.randint(4, 10)))
    elif kind == 1:
        arm = side // random.randint(4, 8)
        pen.rectangle((side // 2 - arm, 2, side // 2 + arm, side - 3), fill=255)
        pen.rectangle((2, side // 2 - arm, side - 3, side // 2 + arm), fill=255)
    elif kind == 2:
        points, start = random.randint(5, 9), random.uniform(0, np.pi)
        angles = start + np.arange(2 * points) * np.pi / points
        reach = np.where(np.arange(2 * points) % 2, 0.2, 0.48) * side
        pen.polygon(
            [(side / 2 + r * np.cos(a), side / 2 + r * np.sin(a)) for r, a in zip(reach, angles, strict=True)], fill=255
        )
    else:
        bars = random.randint(2, 6)
        for number in range(bars):
            left = int(side * number / bars)
            pen.rectangle((left, int(side * random.uniform(0, 0.5)), left + side // (2 * bars), side - 3), fill=255)
    return image
