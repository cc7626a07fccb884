"""From items to what the service is sent: looked at here first, so that it need not refuse them."""

from __future__ import annotations

import hashlib
import io
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from mediaml.aws.s3 import Location, Storage, is_uri, location
from mediaml.backends.pictures.items import PictureItem
from mediaml.data.pictures import decode
from mediaml.data.pictures.decode import Pixels
from mediaml.data.preflight import quotas
from mediaml.data.preflight.picture import check_picture_facts
from mediaml.errors import AwsError, ImageError
from mediaml.values.picture import Picture
from mediaml.values.prediction import PictureReason

INLINE = 4_000_000  # bytes: AWS's page says 4 MB, its model 5,242,880
FIRST = 1 << 18  # bytes of a picture on S3 that are read to learn its size
UPRIGHT = 1
BLANK = 2  # levels between the darkest and the brightest point, of 255
LOOKED_AT = 256  # pixels of the shorter side that are enough to tell a blank picture
SAME_FORMAT = {"MPO": "JPEG"}
QUALITIES = (95, 88, 80)
REQUESTS = "requests"


class Body(NamedTuple):
    """What is sent for one item.

    Parameters
    ----------
    name
        Of the item, as a person would name it.
    image
        The service's parameter ``Image``; None where nothing need be asked.
    width, height
        Pixels of the picture as a person sees it.
    nothing
        Why nothing is to be seen in it, known without asking.
    """

    name: str
    image: dict[str, Any] | None
    width: int = 0
    height: int = 0
    nothing: PictureReason | None = None


class Sender(NamedTuple):
    """Turns items into bodies.

    Parameters
    ----------
    storage
        S3.
    under
        Where a picture that is too large for a request is left; None: it is made smaller instead.
    """

    storage: Storage
    under: Location | None

    def body(self, item: Any) -> Body:
        """Give what is sent for an item.

        JPEG and PNG go as they are. All else (other formats, arrays, pictures that EXIF turns, or that have more than
        4,096 pixels a side) is brought to the service's limits.

        Raises
        ------
        ImageError
            It cannot be read, or is too narrow for the service.
        """
        if isinstance(item, Picture):
            item = item.path
        name = decode.name_of(item)
        if is_uri(item):
            return self._on_s3(name, item)
        content = _content(item, name)
        if content is None:
            return self._of_pixels(name, decode.read(item))
        return self._of_bytes(name, content)

    def _on_s3(self, name: str, uri: str) -> Body:
        try:
            at = location(uri)
            start, size = self.storage.start_of(at, FIRST)
            try:
                found = decode.header(start)._replace(bytes=size)
            except ImageError:
                found = decode.header(self.storage.get(at))
            if _as_it_is(found):
                image = {"S3Object": {"Bucket": at.bucket, "Name": at.key}}
                return Body(name, image, found.width, found.height)
            return self._of_bytes(name, self.storage.get(at))
        except AwsError as error:
            raise ImageError(name, str(error)) from error
        except ImageError as error:
            raise ImageError(name, error.reason) from error

    def _of_bytes(self, name: str, content: bytes) -> Body:
        try:
            found = decode.header(content)
            seen = decode.read(content, LOOKED_AT)
            if nothing := _nothing(seen, found.width, found.height):
                return Body(name, None, found.width, found.height, nothing)
            if not _as_it_is(found):
                return self._of_pixels(name, decode.read(content))
        except ImageError as error:
            raise ImageError(name, error.reason) from error
        if len(content) <= INLINE:
            return Body(name, {"Bytes": content}, found.width, found.height)
        if self.under is None:
            return self._of_pixels(name, decode.read(content))
        at = self.under / REQUESTS / f"{hashlib.sha256(content).hexdigest()[:32]}.{found.format.lower()}"
        self.storage.put(content, at)
        return Body(name, {"S3Object": {"Bucket": at.bucket, "Name": at.key}}, found.width, found.height)

    def _of_pixels(self, name: str, pixels: Pixels) -> Body:
        height, width = pixels.shape[:2]
        if nothing := _nothing(pixels, width, height):
            return Body(name, None, width, height, nothing)
        if max(width, height) > quotas.MOST_RATIO * min(width, height):
            raise ImageError(
                name, f"{width} x {height} is narrower than the {quotas.MOST_RATIO:g} to 1 that Custom Labels takes"
            )
        return Body(name, {"Bytes": _packed(pixels)}, width, height)


def _content(item: PictureItem, name: str) -> bytes | None:
    """Give the bytes of a file; None of what has none: arrays, and pictures of Pillow's."""
    if isinstance(item, np.ndarray) or hasattr(item, "getexif"):
        return None
    if isinstance(item, bytes | bytearray | memoryview):
        return bytes(item)
    try:
        if isinstance(item, decode.Readable):
            return item.read()
        return Path(fspath(cast("str | PathLike[str]", item))).read_bytes()
    except Exception as error:  # of a download, say, or of something that is no path at all
        raise ImageError(name, f"{type(error).__name__}: {error}") from error


def _as_it_is(found: decode.Header) -> bool:
    """Tell whether the service takes a picture as it is, and sees it as a person does."""
    known = SAME_FORMAT.get(found.format, found.format)
    return found.orientation == UPRIGHT and not check_picture_facts(known, found.width, found.height, found.bytes)


def _nothing(pixels: Pixels, width: int, height: int) -> PictureReason | None:
    if min(width, height) < quotas.SHORTEST_SIDE:
        return "too_small"
    if int(pixels.max()) - int(pixels.min()) <= BLANK:
        return "blank"
    return None


def _packed(pixels: Pixels) -> bytes:
    """Give pixels as PNG, or as JPEG where that is too large; smaller where they have more than the service takes."""
    from PIL import Image

    image = Image.fromarray(pixels)
    longest = max(image.size)
    if longest > quotas.LONGEST_SIDE:
        image = _scaled(image, quotas.LONGEST_SIDE / longest)
    content = _saved(image, "PNG")
    while len(content) > INLINE:
        for quality in QUALITIES:
            content = _saved(image, "JPEG", quality)
            if len(content) <= INLINE:
                return content
        image = _scaled(image, 0.7)
    return content


def _scaled(image: Any, scale: float) -> Any:
    least = quotas.SHORTEST_SIDE
    return image.resize((max(least, int(image.width * scale)), max(least, int(image.height * scale))))


def _saved(image: Any, kind: str, quality: int = 95) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return out.getvalue()
