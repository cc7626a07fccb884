"""Pictures from files, bytes and arrays: upright, in colour, eight bits, as Pillow reads them."""

from __future__ import annotations

import io
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from mediaml.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""uint8 [height, width, 3], red, green, blue."""

ORIENTATION = 0x0112  # of EXIF
SIDEWAYS = frozenset((5, 6, 7, 8))  # orientations that swap width and height
PAPER = (255, 255, 255)  # what is behind see-through parts: marks are mostly drawn for white paper
BY_PROGRAMS = frozenset(("EPS", "WMF"))  # Pillow hands them to Ghostscript, or to Windows: a picture is no program
DOCUMENTS = frozenset((".pdf", ".ps", ".eps", ".h5", ".hdf"))  # Pillow names them, and reads no picture out of them
TRANSPARENT = ("RGBA", "LA", "PA", "La", "RGBa")


@runtime_checkable
class Readable(Protocol):
    """A binary file."""

    def read(self) -> bytes:
        """Give all that is left of it."""
        ...


Source: TypeAlias = "str | PathLike[str] | bytes | bytearray | memoryview | Readable | npt.NDArray[Any] | Image.Image"
"""A path, the bytes of a file, a binary file, an array [height, width(, 3 or 4)], or an image of Pillow's."""


class Header(NamedTuple):
    """What a picture's file says of itself.

    Parameters
    ----------
    format
        As Pillow names it: ``JPEG``, ``PNG`` ...
    width, height
        Pixels, as a person sees the picture: turned as its EXIF says.
    orientation
        Of EXIF, 1 to 8; 1 is upright, and stands where the file says nothing.
    bytes
        Of the file.
    """

    format: str
    width: int
    height: int
    orientation: int
    bytes: int


def header(source: str | PathLike[str] | bytes) -> Header:
    """Read what a picture's file, or its bytes, say of it, without decoding it.

    Raises
    ------
    ImageError
        There is no such file, or it is no picture.
    """
    name = name_of(source)
    size = len(source) if isinstance(source, bytes) else _size_of(name)
    with _Opened(source, name) as image:
        turn = orientation(image)
        # Pillow turns TIFFs by itself
        width, height = image.size[::-1] if turn in SIDEWAYS and image.format != "TIFF" else image.size
        return Header(str(image.format), width, height, turn, size)


class Decoded(NamedTuple):
    """A picture: its pixels, which may be fewer than it has, and the width and height that it has."""

    pixels: Pixels
    width: int
    height: int


def read(source: Source, at_least: int | None = None) -> Pixels:
    """Decode a picture; see `read_sized`."""
    return read_sized(source, at_least).pixels


def read_sized(source: Source, at_least: int | None = None) -> Decoded:
    """Decode a picture: the first frame of an animation, upright as its EXIF says, see-through parts on white.

    Parameters
    ----------
    source
        See `Source`. Arrays are taken as they are: whole numbers from 0 to 255, or fractions from 0 to 1.
    at_least
        Pixels that its shorter side must have: a large JPEG is decoded at an eighth, a quarter or half of its size
        where that is enough, several times as fast. None: all of it.

    Raises
    ------
    ImageError
        It is no picture, is damaged, or has more pixels than ``PIL.Image.MAX_IMAGE_PIXELS`` allows.
    """
    name = name_of(source)
    if isinstance(source, np.ndarray):
        pixels = _from_array(source, name)
        return Decoded(pixels, pixels.shape[1], pixels.shape[0])
    with _Opened(source, name) as image:
        long, short = max(image.size), min(image.size)
        if at_least is not None and image.format == "JPEG":
            # draft() keeps the side that it is given or more, for both sides
            image.draft("RGB", (at_least, at_least))
        pixels = np.asarray(_in_colour(_upright(image)), np.uint8)
        wide = pixels.shape[1] >= pixels.shape[0]
        return Decoded(pixels, *((long, short) if wide else (short, long)))


@cache
def endings() -> frozenset[str]:
    """Give the endings, with their dots, of files that Pillow reads as pictures."""
    from PIL import Image

    return frozenset(Image.registered_extensions()) - DOCUMENTS


def name_of(source: object) -> str:
    """Name an item as a person would."""
    if isinstance(source, str | PathLike):
        return fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(source, np.ndarray):
        return "array"
    held = getattr(source, "filename", "") or getattr(source, "name", "")
    return held if isinstance(held, str) and held else "picture" if hasattr(source, "mode") else "file"


def orientation(image: Image.Image) -> int:
    """Give the orientation of EXIF, 1 to 8; 1 where the file has none, or nothing that can be read."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # whatever damaged EXIF leads Pillow to: the picture itself may be whole
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


class _Opened:
    """A picture that is open for a while; whatever Pillow raises becomes an `ImageError`."""

    def __init__(self, source: Source, name: str) -> None:
        self.source, self.name = source, name
        self.image: Image.Image | None = None

    def __enter__(self) -> Image.Image:
        from PIL import Image

        try:
            if isinstance(self.source, Image.Image):
                return self.source
            self.image = Image.open(_openable(self.source, self.name), formats=_formats())
            _refuse_bombs(self.image, self.name)
        except ImageError:
            raise
        except Exception as error:  # Pillow raises what a damaged file leads it to: struct.error, SyntaxError ...
            raise ImageError(self.name, _reason(error)) from error
        return self.image

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.image is not None:
            self.image.close()
        if isinstance(error, Exception) and not isinstance(error, ImageError):
            raise ImageError(self.name, _reason(error)) from error


def _openable(source: Any, name: str) -> Any:
    if isinstance(source, str | PathLike):
        if fspath(source).startswith("s3://"):
            raise ImageError(name, "lies on S3: dataset.fetch() brings its pictures to this machine")
        return source
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, Readable):
        return io.BytesIO(source.read())
    raise ImageError(name, f"a path, bytes, a file, an array or a picture was expected, not {type(source).__name__}")


@cache
def _formats() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    return tuple(name for name in Image.ID if name not in BY_PROGRAMS)


def _refuse_bombs(image: Image.Image, name: str) -> None:
    from PIL import Image as Pillow

    width, height = image.size
    if Pillow.MAX_IMAGE_PIXELS is not None and width * height > Pillow.MAX_IMAGE_PIXELS:
        raise ImageError(
            name,
            f"has {width} x {height} pixels, too many to open safely; where you trust it, raise "
            f"PIL.Image.MAX_IMAGE_PIXELS",
        )


def _size_of(name: str) -> int:
    try:
        return Path(name).stat().st_size
    except (OSError, ValueError) as error:
        raise ImageError(name, _reason(error)) from error


def _reason(error: Exception) -> str:
    """Say in a line why Pillow could not read a picture."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, UnidentifiedImageError):
        return "is no picture of a kind that can be read"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "has too many pixels to open safely; where you trust it, raise PIL.Image.MAX_IMAGE_PIXELS"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror})"
    text = str(error).splitlines()
    return f"is damaged or of an unknown kind ({text[0] if text else type(error).__name__})"


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    if orientation(image) == 1:
        return image
    turned: Image.Image = ImageOps.exif_transpose(image)
    return turned


def _in_colour(image: Image.Image) -> Image.Image:
    """Give red, green and blue of eight bits, of whatever mode."""
    if image.mode.startswith("I") or image.mode == "F":
        return _of_levels(np.asarray(image)).convert("RGB")
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, rgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted: Any = ImageCms.profileToProfile(image, lab, rgb, outputMode="RGB")
        return converted  # type: ignore[no-any-return]
    if image.mode in TRANSPARENT or "transparency" in image.info:
        return _on_paper(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_paper(image: Image.Image) -> Image.Image:
    from PIL import Image as Pillow

    paper = Pillow.new("RGBA", image.size, (*PAPER, 255))
    return Pillow.alpha_composite(paper, image).convert("RGB")


def _of_levels(values: npt.NDArray[Any]) -> Image.Image:
    """Bring grey levels of more than eight bits to eight: 16 bits are shifted, fractions from 0 to 1 stretched."""
    from PIL import Image as Pillow

    levels = np.nan_to_num(np.asarray(values, np.float64))
    highest = float(levels.max(initial=0.0))
    if values.dtype.kind == "f" and highest <= 1.0:
        levels = levels * 255
    elif values.dtype.itemsize == 2 or highest > 255:
        levels = levels / 257
    return Pillow.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8), mode="L")


def _from_array(values: npt.NDArray[Any], name: str) -> Pixels:
    """Take an array as a picture."""
    if values.ndim == 2:
        values = np.repeat(values[:, :, None], 3, axis=2)
    if values.ndim != 3 or values.shape[2] not in (3, 4) or not values.size:
        raise ImageError(name, f"[height, width] or [height, width, 3 or 4] was expected, not {list(values.shape)}")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError(name, "holds values that are not finite")
        if values.min() < 0 or values.max() > 1:
            raise ImageError(name, "fractions from 0 to 1 were expected, or whole numbers from 0 to 255 (uint8)")
        values = np.rint(values * 255).astype(np.uint8)
    elif values.dtype.kind not in "iu" or values.min() < 0 or values.max() > 255:
        raise ImageError(name, f"whole numbers from 0 to 255 were expected, not {values.dtype}")
    pixels = np.asarray(values, np.uint8)
    if pixels.shape[2] == 4:
        from PIL import Image as Pillow

        return np.asarray(_on_paper(Pillow.fromarray(pixels, mode="RGBA")), np.uint8)
    return np.ascontiguousarray(pixels)
