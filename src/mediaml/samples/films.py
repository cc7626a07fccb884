"""Synthetic films: what is heard is seen, too, as a sign that wanders over a painted scene."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml._extras import require
from mediaml.data.formats.coco import write_coco
from mediaml.data.formats.pictured import Pictured
from mediaml.samples.backgrounds import scene
from mediaml.samples.marks import shape
from mediaml.samples.recordings import LABELS, check, generator, noise, recording
from mediaml.values.geometry import Box

SIZE = (320, 180)  # pixels
RATE = 48000  # Hz
SIGN = 80  # pixels a side
QUIET = 0.02

Pixels = npt.NDArray[np.uint8]


class Scene(NamedTuple):
    """A stretch of a film.

    Parameters
    ----------
    label
        What is heard and seen, one of `samples.LABELS`; None: nothing.
    seconds
        Its length.
    """

    label: str | None
    seconds: float


def film(path: str | Path, scenes: Sequence[tuple[str | None, float]], *, seed: int = 7, frame_rate: int = 25) -> Path:
    """Make a film (extra ``video``): scenes one after another, each with a sound and its sign.

    Parameters
    ----------
    path
        ``.mp4``, ``.mov`` or ``.mkv``.
    scenes
        Labels, one of `samples.LABELS` or None for nothing, and seconds.
    seed
        Another seed gives other scenes and individuals; the signs stay what they are.
    frame_rate
        Pictures a second.

    Returns
    -------
    Path
        The film.

    Raises
    ------
    ValueError
        A label that is not known, or a length that makes no sense.
    MissingExtraError
        The extra ``video`` is not installed.
    """
    wanted = [Scene(*one) for one in scenes]
    for one in wanted:
        check(one.label or "bell", one.seconds, RATE)
    av = require("av", "video", "making films")
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=frame_rate, options={"preset": "veryfast"})
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        for number, one in enumerate(wanted):
            _add_pictures(av, container, picture, one, number, seed)
            _add_sound(av, container, sound, one, number, seed)
        container.mux(picture.encode(None))
        container.mux(sound.encode(None))
    return Path(path)


def signs(folder: str | Path, labels: Sequence[str], per_label: int = 12, seed: int = 7) -> Path:
    """Make pictures of the signs in a folder per label, and of scenes without any in ``nothing``, to learn from.

    Where each sign is stands in ``boxes.json`` (COCO) beside the folders: `ImageDataset.from_coco` reads it.

    Parameters
    ----------
    folder
        Where to; made where missing.
    labels
        Some of ``mediaml.samples.LABELS``.
    per_label
        How many pictures of each, and of nothing.
    seed
        The same seed gives the same pictures.

    Raises
    ------
    ValueError
        A label that is not known.
    """
    for label in labels:
        check(label, 1.0, RATE)
    drawn = [
        _sign(Path(folder) / name, name, number, seed) for name in (*labels, "nothing") for number in range(per_label)
    ]
    write_coco(drawn, Path(folder) / "boxes.json", file_name=lambda one: one.path)
    return Path(folder)


def _sign(place: Path, name: str, number: int, seed: int) -> Pictured:
    """Draw a picture; its path is told as it is seen from the folder that `place` is in."""
    from PIL import Image

    place.mkdir(parents=True, exist_ok=True)
    random = generator(name, number, seed, "sign")
    pixels, boxes = scene(random, SIZE), tuple[Box, ...]()
    if name != "nothing":
        at = random.uniform(0.2, 0.8, 2)
        left, top = _corner(at)
        pixels, boxes = _with_sign(pixels, name, at), (Box(label=name, left=left, top=top, width=SIGN, height=SIGN),)
    Image.fromarray(pixels).save(place / f"{number}.png")
    return Pictured(f"{name}/{number}.png", boxes=boxes, width=SIZE[0], height=SIZE[1])


def _corner(at: Any) -> tuple[int, int]:
    """Give the left and upper edge of a sign, pixels; `at` is its place, 0 to 1 across and down."""
    left, top = (int(share * (whole - SIGN)) for share, whole in zip(at, SIZE, strict=True))
    return left, top


def _with_sign(pixels: Pixels, label: str, at: Any) -> Pixels:
    """Lay a label's sign over a scene; `at` is its place, 0 to 1 across and down."""
    from PIL import Image, ImageDraw

    hue = 255 * LABELS.index(label) // len(LABELS)
    image = Image.fromarray(pixels)
    left, top = _corner(at)
    ImageDraw.Draw(image).ellipse((left, top, left + SIGN, top + SIGN), f"hsv({360 * hue // 255}, 90%, 70%)")
    small = 2 * SIGN // 3
    inset = (SIGN - small) // 2
    image.paste("white", (left + inset, top + inset), shape(generator(label, 0, 0, "sign"), small))
    return np.asarray(image, np.uint8)


def _add_pictures(av: Any, container: Any, stream: Any, one: Scene, number: int, seed: int) -> None:
    random = generator(one.label or "-", number, seed, "film")
    painted = scene(random, SIZE)
    start, end = random.uniform(0.2, 0.8, (2, 2))
    count = round(one.seconds * stream.codec_context.framerate)
    for index in range(count):
        at = start + (end - start) * index / count
        pixels = painted if one.label is None else _with_sign(painted, one.label, at)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))


def _add_sound(av: Any, container: Any, stream: Any, one: Scene, number: int, seed: int) -> None:
    samples = QUIET * noise(one.seconds, RATE, seed + number)
    if one.label is not None:
        samples = recording(one.label, 100 + number, seed, one.seconds, RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
    frame.pts = None
    container.mux(stream.encode(frame))
