"""How faces of people who do not exist are drawn: looks that stay, moments that pass."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.data.pictures.decode import Pixels

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Floats = npt.NDArray[np.float64]

DRAWN = 320  # pixels that a face is drawn with, before it is made smaller
SKINS = ((230, 200, 175), (215, 172, 142), (198, 150, 115), (175, 125, 92), (150, 105, 78))
HAIRS = ((40, 30, 25), (90, 60, 35), (170, 130, 70), (120, 50, 30), (150, 150, 150))
SPOTS = 0.08  # of the light, that skin differs from place to place
FACE = (0.14, 0.10, 0.86, 0.95)  # of the square that is drawn: left, top, right and bottom of a face


class Looks(NamedTuple):
    """What makes a face that of one person: colours, shares of the face's width or height, and the seed of its skin."""

    skin: tuple[int, int, int]
    hair: tuple[int, int, int]
    width: float
    eyes: float
    eye: float
    brow: float
    tilt: float
    nose: float
    wings: float
    mouth: float
    lips: float
    fringe: float
    glasses: bool
    complexion: int


class Moment(NamedTuple):
    """What differs from picture to picture: turned by degrees, lit from a side, smiling, looking to a side."""

    turn: float
    light: float
    smile: float
    look: float
    noise: float


def looks(person: str, seed: int = 7) -> Looks:
    """Give the face of a person."""
    random = random_of(seed, person, -1)
    return Looks(
        skin=SKINS[random.randint(len(SKINS))],
        hair=HAIRS[random.randint(len(HAIRS))],
        width=random.uniform(0.60, 0.76),
        eyes=random.uniform(0.17, 0.23),
        eye=random.uniform(0.05, 0.085),
        brow=random.uniform(0.012, 0.035),
        tilt=random.uniform(-0.03, 0.03),
        nose=random.uniform(0.16, 0.24),
        wings=random.uniform(0.04, 0.075),
        mouth=random.uniform(0.10, 0.18),
        lips=random.uniform(0.015, 0.04),
        fringe=random.uniform(0.02, 0.16),
        glasses=bool(random.rand() < 0.35),
        complexion=int(random.randint(1 << 30)),
    )


def moment_of(random: np.random.RandomState) -> Moment:
    """Draw a moment."""
    return Moment(
        turn=random.uniform(-1, 1),
        light=random.uniform(-0.1, 0.1),
        smile=random.uniform(-0.01, 0.03),
        look=random.uniform(-0.012, 0.012),
        noise=random.uniform(0.3, 1.5),
    )


def drawn(of: Looks, moment: Moment, size: int) -> tuple[Floats, Floats]:
    """Draw a face: colours [size, size, 3], 0 to 255, and where it is [size, size, 1], 0 to 1."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGB", (DRAWN, DRAWN), of.skin)
    mask = Image.new("L", (DRAWN, DRAWN), 0)
    pen = ImageDraw.Draw(image)
    _head(pen, ImageDraw.Draw(mask), of)
    image = image.filter(ImageFilter.GaussianBlur(DRAWN / 45))  # shadows have no edges
    _features(ImageDraw.Draw(image), of, moment)
    image = Image.fromarray(_freckled(np.asarray(image), of)).filter(ImageFilter.GaussianBlur(DRAWN / 200))
    sizes = (size, size)
    turned = [one.rotate(moment.turn, Image.Resampling.BICUBIC) for one in (image, mask)]
    levels, where = (np.asarray(one.resize(sizes, Image.Resampling.LANCZOS), float) for one in turned)
    across = np.linspace(-1, 1, size)[None, :, None]
    shade = 1.0 + moment.light * across - 0.18 * across**2
    return np.clip(levels * shade, 0, 255), where[:, :, None] / 255


def _head(pen: ImageDraw, mask: ImageDraw, of: Looks) -> None:
    """Draw what is soft: the hair, the face, the shadows around the eyes, under the nose and at the cheeks."""
    half = of.width / 2
    outline = _box(0.5, 0.52, half, 0.42)
    mask.ellipse(outline, fill=255)
    mask.ellipse(_box(0.5, 0.38, half + 0.04, 0.32), fill=255)
    pen.rectangle((0, 0, DRAWN, DRAWN), fill=of.hair)
    pen.ellipse(outline, fill=of.skin)
    for side in (-1, 1):
        pen.ellipse(_box(0.5 + side * of.eyes, 0.43, 0.12, 0.085), fill=_times(of.skin, 0.5))
        pen.ellipse(_box(0.5 + side * of.eyes * 1.05, 0.60, 0.10, 0.08), fill=_times(of.skin, 1.18))
        pen.ellipse(_box(0.5 + side * of.wings, 0.44 + of.nose, 0.03, 0.02), fill=_times(of.skin, 0.6))
    pen.rectangle(_box(0.5, 0.42 + of.nose / 2, 0.03, of.nose / 2), fill=_times(of.skin, 1.22))
    pen.ellipse(_box(0.5, 0.30, half * 0.7, 0.07), fill=_times(of.skin, 1.08))
    pen.rectangle((0, 0, DRAWN, DRAWN * (0.10 + of.fringe)), fill=of.hair)


def _features(pen: ImageDraw, of: Looks, moment: Moment) -> None:
    """Draw what has edges: eyes, brows, nose, mouth, glasses."""
    dark, line = _times(of.skin, 0.35), max(2, DRAWN // 90)
    for side in (-1, 1):
        x, y = 0.5 + side * of.eyes, 0.44
        pen.ellipse(_box(x, y, of.eye * 1.2, of.eye * 0.5), fill=(190, 190, 185), outline=dark, width=line)
        pen.ellipse(_box(x + moment.look, y, of.eye * 0.52, of.eye * 0.5), fill=(35, 28, 25))
        slope = side * of.tilt
        brow = [(x - 0.09, y - 0.085 - slope), (x + 0.09, y - 0.085 + slope)]
        pen.line([(DRAWN * a, DRAWN * b) for a, b in brow], fill=of.hair, width=round(DRAWN * of.brow))
        pen.ellipse(_box(0.5 + side * of.wings * 0.7, 0.44 + of.nose, 0.014, 0.009), fill=dark)
        if of.glasses:
            pen.ellipse(_box(x, y, 0.10, 0.075), outline=(30, 30, 35), width=2 * line)
    if of.glasses:
        pen.line([DRAWN * 0.44, DRAWN * 0.43, DRAWN * 0.56, DRAWN * 0.43], fill=(30, 30, 35), width=2 * line)
    _mouth(pen, of, moment)


def _freckled(pixels: Pixels, of: Looks) -> Pixels:
    """Make spots and shades, the same in all pictures of a person."""
    return np.asarray(np.clip(np.rint(pixels * _complexion(of.complexion)), 0, 255), np.uint8)


@lru_cache(maxsize=64)
def _complexion(seed: int) -> Floats:
    from scipy.ndimage import gaussian_filter

    spots = gaussian_filter(np.random.RandomState(seed).normal(size=(DRAWN, DRAWN)), DRAWN / 45)
    return np.asarray(1.0 + SPOTS * spots / spots.std())[:, :, None]


def _mouth(pen: ImageDraw, of: Looks, moment: Moment) -> None:
    red = _mixed(_times(of.skin, 0.7), (150, 50, 55))
    points = np.linspace(-1, 1, 15)
    curve = [(DRAWN * (0.5 + of.mouth * x), DRAWN * (0.77 + moment.smile * (0.5 - x**2))) for x in points]
    pen.line(curve, fill=red, width=round(2 * DRAWN * of.lips), joint="curve")
    pen.line(curve, fill=_times(red, 0.5), width=max(2, DRAWN // 120), joint="curve")


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom in pixels of what is drawn around a point."""
    return (
        DRAWN * (x - half_width),
        DRAWN * (y - half_height),
        DRAWN * (x + half_width),
        DRAWN * (y + half_height),
    )


def _times(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, round(one * by)) for one in colour)
    return red, green, blue


def _mixed(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def random_of(seed: int, name: str, number: int) -> np.random.RandomState:
    """Give what is drawn from for a name and a number: the same for the same ones."""
    return np.random.RandomState([seed, number + 1, *name.encode()])
