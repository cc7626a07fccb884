"""What can be looked at: paths, bytes, files, arrays, images of Pillow's, rows of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import PathLike
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.runtime.cores import available_cores
from mediaml.values.picture import Picture
from mediaml.vision.views import Pixels

PictureItem: TypeAlias = "decode.Source | Picture"
"""A path, the bytes of a file, a binary file, an array, an image of Pillow's, or a row of a dataset."""

AT_ONCE = 64  # pictures that are decoded before a network looks at them


class Seen(NamedTuple):
    """An item that was opened.

    Parameters
    ----------
    name
        As a person would name it.
    pixels
        uint8 [height, width, 3]; None where it could not be read.
    width, height
        Of the whole picture; the pixels of a large JPEG may be fewer.
    error
        Why it could not be read.
    """

    name: str
    pixels: Pixels | None
    width: int
    height: int
    error: ImageError | None = None


def is_single(items: object) -> bool:
    """Tell one item from a list of them."""
    if isinstance(items, np.ndarray):
        return items.dtype.kind != "O" and items.ndim <= 3
    return (
        isinstance(items, str | PathLike | bytes | bytearray | memoryview | Picture)
        or hasattr(items, "read")
        or hasattr(items, "getexif")  # an image of Pillow's
        or not isinstance(items, Iterable)
    )


def opened(items: Iterable[PictureItem], at_least: int) -> Iterator[list[Seen]]:
    """Decode items in threads, so many at a time, in order; the memory does not grow with their number.

    Parameters
    ----------
    items
        May be endless.
    at_least
        Pixels that the shorter side of a large JPEG must keep.
    """
    rest = iter(items)
    with ThreadPoolExecutor(available_cores(), "mediaml-pictures") as pool:
        while some := list(islice(rest, AT_ONCE)):
            # binary files are read in turn: whoever gives them away may close them right afterwards
            held = [_held(item) for item in some]
            yield list(pool.map(lambda item: _seen(item, at_least), held))


def _held(item: Any) -> Any:
    if isinstance(item, Picture):
        return item.path
    if hasattr(item, "read") and not hasattr(item, "getexif"):
        name = decode.name_of(item)
        try:
            return _Named(name, item.read())
        except Exception as error:  # of a download, say
            return _Named(name, ImageError(name, f"{type(error).__name__}: {error}"))
    return item


class _Named(NamedTuple):
    name: str
    content: bytes | ImageError


def _seen(item: Any, at_least: int) -> Seen:
    name, source = (item.name, item.content) if isinstance(item, _Named) else (decode.name_of(item), item)
    try:
        if isinstance(source, ImageError):
            raise source
        found = decode.read_sized(source, at_least)
    except ImageError as error:
        return Seen(name, None, 0, 0, error if error.source == name else ImageError(name, error.reason))
    return Seen(name, found.pixels, found.width, found.height)
