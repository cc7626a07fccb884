"""Small copies of pictures for pages, made in threads."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from mediaml.data.files import printable
from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.runtime.cores import available_cores

QUALITY = 80


class Thumbnail(NamedTuple):
    """A data URI; empty where `problem` says why there is none."""

    data: str
    problem: str


def thumbnails(paths: Sequence[str], side: int) -> list[Thumbnail]:
    """Make a copy of each picture whose longer side has at most so many pixels."""
    with ThreadPoolExecutor(available_cores(), "mediaml-thumbnails") as pool:
        return list(pool.map(lambda path: _thumbnail(path, side), paths))


def _thumbnail(path: str, side: int) -> Thumbnail:
    from PIL import Image

    try:
        image = Image.fromarray(decode.read(path, side))
    except ImageError as error:
        return Thumbnail("", printable(error.reason))
    image.thumbnail((side, side))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=QUALITY, optimize=True)
    return Thumbnail("data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii"), "")
