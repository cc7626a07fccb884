"""One picture as every service takes it: what has to be done to it, and doing it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediaml.data.pictures import decode
from mediaml.data.pictures.measure import Measured
from mediaml.data.preflight import quotas
from mediaml.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

QUALITIES = (95, 90, 80, 65, 50, 35)  # of JPEG, the first that fits into 15 MB
TINIEST = 8  # pixels of the shorter side: less shows nothing, however large it is made
LOSSY = frozenset(("JPEG", "MPO", "WEBP", "JPEG2000", "AVIF"))
TAKEN = {
    "JPEG": ("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "MPO": ("JPEG", (".jpg", ".jpeg", ".mpo")),  # a JPEG with a second one behind it, which cameras write
    "PNG": ("PNG", (".png",)),
}
"""What stays as it is: what it is, and the endings that it may have."""
PLAIN = ("RGB", "L")
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done to a picture; it depends on the file alone.

    Parameters
    ----------
    dropped
        Why it is left out; nothing where it is not.
    steps
        In words; none where a plain copy does.
    format
        ``JPEG`` or ``PNG``.
    suffix
        Of the new file.
    width, height
        Of the new picture, upright.
    """

    dropped: str = ""
    steps: tuple[str, ...] = ()
    format: str = ""
    suffix: str = ""
    width: int = 0
    height: int = 0


def plan(measured: Measured) -> Plan:
    """Say what has to be done to a picture.

    Larger than 4,096 pixels: made smaller. Smaller than 64: enlarged by a whole factor, each pixel a square, so that
    nothing is invented; below 8 pixels it is left out. Other formats, and colours that not everything reads
    (see-through, palettes, CMYK, 16 bits), become PNG where nothing was lost before and the file stays small, else
    JPEG of quality 95.
    """
    header = measured.header
    if measured.failure is not None or header is None:
        return Plan(f"cannot be opened: {measured.reason}")
    width, height = header.width, header.height
    short, long = min(width, height), max(width, height)
    if short < TINIEST:
        return Plan(f"so small that nothing can be seen: {width:,} x {height:,} pixels")
    if long > quotas.MOST_RATIO * short:
        return Plan(f"too narrow: {width:,} x {height:,} is {long / short:.1f} to 1, at most 20 to 1")
    try:
        mode = _mode(measured.path)
    except (OSError, ValueError, ImageError) as error:
        return Plan(f"cannot be opened: {error}")
    size = _size(width, height)
    steps = [f"{header.format} made {{format}}"] if header.format not in TAKEN else []
    steps += ["turned upright"] if header.orientation != 1 else []
    if size != (width, height):
        what = "enlarged" if size > (width, height) else "made smaller"
        steps.append(f"{what}: {width:,} x {height:,} to {size[0]:,} x {size[1]:,}")
    steps += [f"plain colours: {mode} before"] if mode not in PLAIN else []
    steps += [f"fewer bytes: {header.bytes / 1e6:,.1f} MB before"] if header.bytes > quotas.PICTURE_BYTES else []
    return _planned(measured, header.format, tuple(steps), size)


def _planned(measured: Measured, known: str, steps: tuple[str, ...], size: tuple[int, int]) -> Plan:
    suffix = Path(measured.path).suffix
    if steps:
        lossless = known not in LOSSY and 3 * size[0] * size[1] < 0.95 * quotas.PICTURE_BYTES
        format = "PNG" if lossless else "JPEG"
        steps = tuple(step.format(format=format) for step in steps)
        _, usual = TAKEN[format]
        return Plan("", steps, format, suffix if suffix.lower() in usual else SUFFIXES[format], *size)
    format, usual = TAKEN[known]
    return Plan("", (), format, suffix if suffix.lower() in usual else SUFFIXES[format], *size)


def _mode(path: str) -> str:
    """Name how the picture's colours are stored."""
    from PIL import Image

    with Image.open(path) as image:
        see_through = "transparency" in image.info and image.mode in PLAIN
        return f"{image.mode} with a see-through colour" if see_through else image.mode


def _size(width: int, height: int) -> tuple[int, int]:
    """Give the size that a picture has after all."""
    short, long = min(width, height), max(width, height)
    if long > quotas.LONGEST_SIDE:
        share = quotas.LONGEST_SIDE / long
        return max(1, round(width * share)), max(1, round(height * share))
    factor = -(-quotas.SHORTEST_SIDE // short) if short < quotas.SHORTEST_SIDE else 1
    return width * factor, height * factor


def renewed(path: str, planned: Plan) -> bytes:
    """Give the content of the new file.

    Raises
    ------
    ImageError
        It cannot be decoded after all.
    OSError
        It cannot be read.
    """
    if not planned.steps:
        return Path(path).read_bytes()
    from PIL import Image

    image = Image.fromarray(decode.read(path))
    size = (planned.width, planned.height)
    if image.size != size:
        larger = size > image.size
        image = image.resize(size, Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS)
    return _encoded(image, planned.format)


def _encoded(image: Image.Image, format: str) -> bytes:
    data = io.BytesIO()
    if format == "PNG":
        image.save(data, "PNG")
        return data.getvalue()
    for quality in QUALITIES:
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality)
        if data.tell() <= quotas.PICTURE_BYTES:
            break
    return data.getvalue()
