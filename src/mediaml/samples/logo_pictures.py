"""Pictures with brand marks in them and true boxes around these: to try things out, to test, to add to one's own."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.data.formats.folders import PICTURES, media_files
from mediaml.data.formats.pictured import Pictured
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import rows
from mediaml.data.pictures.decode import Pixels
from mediaml.data.progress import bar
from mediaml.errors import DataError
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.cores import available_cores
from mediaml.samples.backgrounds import photograph, scene
from mediaml.samples.marks import brands as all_brands
from mediaml.samples.marks import mark, shape
from mediaml.values.geometry import Box

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float32]

BRANDS = ("apple", "firefoxbrowser", "mastercard", "spotify", "wordpress")
DRAWN = 320  # pixels that marks are drawn with, before they are turned and made smaller
SMALLEST, LARGEST = 0.1, 0.4  # of the picture's shorter side, that a mark's longer one takes
ROOM = 2.0  # around a mark while it is turned and tilted, so that nothing of it is cut off
TURN, TILT = 20.0, 0.24  # degrees; how far corners are moved, as a share of the mark's longer side
EDGE = 0.5  # of the mask, from which on a pixel belongs to the mark
MOST_SHARED = 0.05  # of a mark's box that another one's may cover
ATTEMPTS = 12
SMALLEST_PICTURE = 32
LEAST_CONTRAST = 60.0  # levels between a mark and what is behind it
FOREIGN = 0.5  # of what is put in without a label: marks of other brands; the rest are shapes


class Placed(NamedTuple):
    """A mark in a picture: its mask, float32 [height, width] of 0 to 1, and where it is: left, top, right, bottom."""

    mask: Floats
    place: tuple[int, int, int, int]


def logos(  # noqa: PLR0913  the contract: named arguments, each on its own
    folder: str | Path,
    brands: Sequence[str] = BRANDS,
    *,
    pictures: int = 200,
    size: tuple[int, int] = (480, 360),
    most: int = 3,
    backgrounds: Sequence[str | Path] | str | Path | None = None,
    distractors: bool = True,
    seed: int = 7,
    progress: bool = True,
) -> ImageDataset:
    """Make pictures with brand marks and true boxes: turned, tilted, small and large, blurred, faint, as JPEG.

    Parameters
    ----------
    folder
        The pictures go there; made where missing.
    brands
        Names of marks, which become the labels; `samples.marks.brands` lists some 2,400.
    pictures
        How many.
    size
        Width and height, pixels.
    most
        Marks in a picture; a tenth of the pictures have none.
    backgrounds
        Photographs of your own, or a folder of them, to stand behind the marks; pictures of one photograph are one
        group. None: scenes that are computed.
    distractors
        Put in marks of other brands and plain shapes, too, without a label.
    seed
        The same seed, the same pictures, whatever their number.
    progress
        Show a bar.

    Returns
    -------
    The pictures with their boxes. The marks belong to their owners; the drawings are CC0 (simpleicons.org).

    Raises
    ------
    DataError
        There is no such brand, or no photograph.
    MissingExtraError
        The extra ``logos`` is not installed.
    """
    if not brands:
        raise DataError(f"at least one brand is needed, such as {', '.join(BRANDS[:3])}")
    if pictures < 1 or most < 1 or min(size) < SMALLEST_PICTURE:
        raise DataError(
            f"pictures={pictures}, most={most}, size={size}: at least 1, 1 and {SMALLEST_PICTURE} pixels a side"
        )
    for brand in brands:
        mark(brand, DRAWN)  # an unknown one is told before anything is made
    place = Path(os.path.abspath(folder))
    place.mkdir(parents=True, exist_ok=True)
    behind = _photographs(backgrounds)
    make = partial(_write, place, tuple(brands), size, most, behind, distractors, seed)
    with (
        bar(pictures, "drawing", "picture", progress) as drawn,
        ThreadPoolExecutor(available_cores(), "mediaml-logos") as pool,
    ):
        made = []
        for one in pool.map(make, range(pictures)):
            made.append(one)
            drawn()
    return ImageDataset(rows.frame_of(made))


def _photographs(backgrounds: Sequence[str | Path] | str | Path | None) -> list[Path]:
    if backgrounds is None:
        return []
    if isinstance(backgrounds, str | Path):
        return media_files(Path(backgrounds), PICTURES)
    if not backgrounds:
        raise DataError("backgrounds is empty: give photographs, a folder of them, or None for computed scenes")
    return [Path(one) for one in backgrounds]


def _write(
    folder: Path,
    brands: tuple[str, ...],
    size: tuple[int, int],
    most: int,
    behind: Sequence[Path],
    distractors: bool,
    seed: int,
    number: int,
) -> Pictured:
    """Make one picture, and write it."""
    random = np.random.RandomState([seed, number])
    pixels, group = (scene(random, size), None) if not behind else photograph(random, size, behind)
    pixels, boxes = composed(pixels, random, brands, most, distractors)
    path = folder / f"{number + 1:06d}.jpg"
    write_whole(path, _as_jpeg(pixels, random))
    labels = tuple(sorted({box.label for box in boxes}))
    return Pictured(str(path), labels, boxes, *size, None if group is None else str(group))


def composed(
    pixels: Pixels, random: np.random.RandomState, brands: Sequence[str], most: int, distractors: bool
) -> tuple[Pixels, tuple[Box, ...]]:
    """Lay marks on a picture, and give it with their boxes."""
    count = 0 if random.rand() < 0.1 else random.randint(1, most + 1)
    boxes: list[Box] = []
    taken: list[Box] = []
    others = random.randint(0, 3) if distractors else 0
    for turn in range(count + others):
        label = brands[random.randint(len(brands))] if turn < count else ""
        drawn = mark(label, DRAWN) if label else _distractor(random, brands)
        placed = _placed(drawn, random, pixels.shape[1], pixels.shape[0], taken)
        if placed is None:
            continue
        pixels = _laid(pixels, placed, random)
        left, top, right, bottom = placed.place
        box = Box(label=label or "other", left=left, top=top, width=right - left, height=bottom - top)
        taken.append(box)
        if label:
            boxes.append(box)
    return pixels, tuple(boxes)


def _distractor(random: np.random.RandomState, brands: Sequence[str]) -> Image:
    """Draw what a model must leave alone: the mark of another brand, or a plain shape."""
    if random.rand() >= FOREIGN:
        return shape(random, DRAWN)
    others = all_brands()
    chosen = others[random.randint(len(others))]
    return shape(random, DRAWN) if chosen in brands else mark(chosen, DRAWN)


def _placed(
    drawn: Image, random: np.random.RandomState, width: int, height: int, taken: Sequence[Box]
) -> Placed | None:
    """Turn and tilt a mark, and find a place where it covers no other one; None where there is none."""
    from PIL import Image

    tilted = _tilted(drawn, random)
    image = tilted.crop(tilted.getbbox())
    side = min(width, height) * np.exp(random.uniform(np.log(SMALLEST), np.log(LARGEST)))
    scale = side / max(image.size)
    image = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
    )
    mask = np.asarray(image, np.float32) / 255
    inside = mask > EDGE
    if not inside.any():
        return None
    across, down = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    mask = mask[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    high, wide = mask.shape
    for _ in range(ATTEMPTS):
        left, top = random.randint(width - wide + 1), random.randint(height - high + 1)
        box = Box(label="", left=left, top=top, width=wide, height=high)
        if all(_shared(box, other) <= MOST_SHARED for other in taken):
            return Placed(mask, (left, top, left + wide, top + high))
    return None


def _shared(one: Box, other: Box) -> float:
    """Give the largest share of either box that the other one covers."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, wide) * max(0.0, high) / min(one.area, other.area)


def _tilted(image: Image, random: np.random.RandomState) -> Image:
    """Turn a mark, and look at it from the side."""
    from PIL import Image as Pillow

    side = round(ROOM * max(image.size))
    larger = Pillow.new("L", (side, side))
    larger.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    turned = larger.rotate(random.uniform(-TURN, TURN), Pillow.Resampling.BICUBIC)
    moved = random.uniform(-TILT, TILT, (4, 2)) * max(image.size)
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side)], float)
    return turned.transform(
        (side, side), Pillow.Transform.PERSPECTIVE, _perspective(corners, corners + moved), Pillow.Resampling.BICUBIC
    )


def _perspective(to: npt.NDArray[np.float64], source: npt.NDArray[np.float64]) -> list[float]:
    """Give Pillow's eight numbers that bring the corners `source` to the corners `to`."""
    lines = []
    for (x, y), (u, v) in zip(to, source, strict=True):
        lines.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        lines.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return [float(one) for one in np.linalg.solve(np.array(lines), source.ravel())]


def _laid(pixels: Pixels, placed: Placed, random: np.random.RandomState) -> Pixels:
    """Paint a mark in a colour that stands out, sometimes a little see-through."""
    left, top, right, bottom = placed.place
    out = pixels.astype(np.float32)
    part = out[top:bottom, left:right]
    behind = part.mean(axis=(0, 1))
    colour = random.uniform(0, 255, 3)
    for _ in range(ATTEMPTS):
        if abs(float((colour - behind).mean())) > LEAST_CONTRAST:
            break
        colour = random.uniform(0, 255, 3)
    else:
        colour = np.full(3, 0.0 if behind.mean() > 127 else 255.0)
    cover = placed.mask[:, :, None] * random.uniform(0.8, 1.0)
    out[top:bottom, left:right] = part * (1 - cover) + colour.astype(np.float32) * cover
    return np.clip(out, 0, 255).astype(np.uint8)


def _as_jpeg(pixels: Pixels, random: np.random.RandomState) -> bytes:
    """Blur, and press into a JPEG."""
    from PIL import Image, ImageFilter

    image = Image.fromarray(pixels)
    if random.rand() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.3)))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=int(random.randint(55, 96)))
    return content.getvalue()
