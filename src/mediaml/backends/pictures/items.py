"""What can be looked at: paths, bytes, files, arrays, images of Pillow's, rows of a dataset."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
MOST_BYTES = 256 << 20  # of their pixels: 64 large ones would take gigabytes
AHEAD = 2  # pictures a core that are decoded beyond those


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
    """Decode items in threads, so many at a time, in order; the memory grows neither with their number nor their size.

    Parameters
    ----------
    items
        May be endless.
    at_least
        Pixels that the shorter side of a large JPEG must keep.
    """
    some: list[Seen] = []
    for one in _decoded(items, at_least):
        some.append(one)
        if len(some) == AT_ONCE or sum(seen.pixels.nbytes for seen in some if seen.pixels is not None) >= MOST_BYTES:
            yield some
            some = []
    if some:
        yield some


def _decoded(items: Iterable[PictureItem], at_least: int) -> Iterator[Seen]:
    """Decode items in order, a few of them ahead."""
    ahead: deque[Future[Seen]] = deque()
    with ThreadPoolExecutor(cores := available_cores(), "mediaml-pictures") as pool:
        for item in items:
            # binary files are read in turn: whoever gives them away may close them right afterwards
            ahead.append(pool.submit(_seen, _held(item), at_least))
            if len(ahead) > AHEAD * cores:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


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
