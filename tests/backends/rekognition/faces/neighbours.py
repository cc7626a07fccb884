"""A small face beside a large one: patches of colour, whom the offline AWS is told to take for faces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from mediaml.testing import OfflineAws
from mediaml.testing.rekognition.faces.finding import FoundFace

Pixels = npt.NDArray[np.uint8]
RED, GREEN = 0, 1
SURE = 60  # levels of one colour above the others
LARGE, SMALL = (20, 20, 200), (205, 100, 60)
"""Left, top and side: the small one covers a part of the large one's edge."""


def beside(left: int = SMALL[0]) -> Pixels:
    """A large red face, and a small green one at its right."""
    random = np.random.RandomState(0)
    picture = random.randint(100, 140, (260, 340, 3)).astype(np.uint8)
    for colour, (x, y, side) in ((RED, LARGE), (GREEN, (left, *SMALL[1:]))):
        patch = picture[y : y + side, x : x + side]
        patch[...] = random.randint(0, 60, (side, side, 1))
        patch[..., colour] += 150
    return picture


def alone(colour: int) -> Pixels:
    """A face with nobody beside it."""
    picture = np.random.RandomState(1).randint(100, 140, (160, 160, 3)).astype(np.uint8)
    patch = picture[40:120, 40:120]
    patch[...] = np.random.RandomState(2).randint(0, 60, (80, 80, 1))
    patch[..., colour] += 150
    return picture


def find(pixels: Pixels, colours: tuple[int, ...] = (RED, GREEN)) -> list[FoundFace]:
    """Find faces, those too of which a part is to be seen, as AWS does."""
    found = []
    for colour in colours:
        other = pixels[..., 1 - colour].astype(int)
        rows, columns = np.nonzero(pixels[..., colour] > other + SURE)
        if rows.size > 50:
            left, top = float(columns.min()), float(rows.min())
            found.append(FoundFace(left, top, float(columns.max() + 1 - left), float(rows.max() + 1 - top), 1.0))
    return sorted(found, key=lambda one: -one.width * one.height)


def describe(face: Pixels) -> npt.NDArray[np.float32]:
    """Tell faces by their colour."""
    means = np.asarray(Image.fromarray(face).resize((1, 1), Image.Resampling.BOX), float)[0, 0, :2]
    vector = np.eye(2)[int(means.argmax())]
    return np.asarray(vector, np.float32)


def of_colours(aws: OfflineAws, patch: pytest.MonkeyPatch) -> None:
    """Let the offline AWS know people by their colours."""
    patch.setattr(aws.rekognition.faces, "find", find)
    patch.setattr(aws.rekognition.faces, "describe", describe)
