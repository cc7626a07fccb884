"""Pictures for a review page: a small copy for the list, and a large one, turned upright."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mediaml.data.pictures import decode
from mediaml.review.items import Candidate
from mediaml.review.prepared import Prepared, Shelf

if TYPE_CHECKING:
    from PIL.Image import Image

LARGE, SMALL = 1280, 192  # pixels of the longer side
QUALITY, QUALITY_OF_SMALL = 85, 75


def make(one: Candidate, shelf: Shelf) -> Prepared:
    """Make the files of a picture.

    Raises
    ------
    ImageError
        It cannot be read.
    """
    from PIL import Image

    found = decode.read_sized(one.source, LARGE)
    large, small = copies(Image.fromarray(found.pixels), shelf)
    return Prepared(thumb=small, picture=large, width=found.width, height=found.height)


def copies(image: Image, shelf: Shelf) -> tuple[str, str]:
    """Write a large and a small copy of a picture, and give their names."""
    return _copy(image, LARGE, QUALITY, ".jpg", shelf), _copy(image, SMALL, QUALITY_OF_SMALL, "-small.jpg", shelf)


def _copy(image: Image, side: int, quality: int, ending: str, shelf: Shelf) -> str:
    copy = image.copy()
    copy.thumbnail((side, side))
    content = io.BytesIO()
    copy.save(content, "JPEG", quality=quality)
    return shelf.write(ending, content.getvalue())
