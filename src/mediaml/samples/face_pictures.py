"""Drawn faces of people who do not exist: to try face collections out without anyone's consent."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mediaml.data.formats.pictured import Pictured
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import rows
from mediaml.data.pictures.decode import Pixels
from mediaml.errors import DataError
from mediaml.runtime.atomic import write_whole
from mediaml.samples.backgrounds import scene
from mediaml.samples.drawn_faces import FACE, drawn, looks, moment_of, random_of
from mediaml.values.geometry import Box

PEOPLE = ("Ada", "Béla", "Chloé", "Dragan", "Eun-ji")


def faces(
    folder: str | Path,
    people: Sequence[str] = PEOPLE,
    *,
    pictures: int = 8,
    size: int = 160,
    first: int = 0,
    seed: int = 7,
) -> ImageDataset:
    """Draw pictures of people: a face in each, with another light, turn and expression.

    Parameters
    ----------
    folder
        The pictures go there, in a folder for each person; made where missing.
    people
        Their names, which become the labels. The same name has the same face, with the same seed.
    pictures
        Of each person.
    size
        Pixels a side; at least 80.
    first
        The number of the first picture of each: other numbers, other pictures.
    seed
        The same seed, the same faces.

    Returns
    -------
    The pictures, with the persons as labels.

    Raises
    ------
    DataError
        There are no people, no pictures, or they are too small.
    """
    if not people or pictures < 1 or size < 80:
        raise DataError(f"people={len(people)}, pictures={pictures}, size={size}: at least 1, 1 and 80 pixels a side")
    place = Path(os.path.abspath(folder))
    found = []
    for person in people:
        for number in range(first, first + pictures):
            path = place / person / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _packed(portrait(person, number, size, seed)))
            found.append(Pictured(str(path), labels=(person,), width=size, height=size))
    return ImageDataset(rows.frame_of(found))


def crowds(
    folder: str | Path, people: Sequence[str] = PEOPLE[:3], *, pictures: int = 20, size: int = 100, seed: int = 7
) -> ImageDataset:
    """Draw pictures with one to three people in each, and the boxes of their faces.

    Parameters
    ----------
    folder
        The pictures go there; made where missing.
    people
        As of `faces`.
    pictures
        How many.
    size, seed
        As of `faces`.

    Returns
    -------
    The pictures, with the boxes of the faces, whose labels are the persons.
    """
    place = Path(os.path.abspath(folder))
    place.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(pictures):
        random = random_of(seed, "who", number)
        chosen = [people[one] for one in random.permutation(len(people))[: random.randint(1, 4)]]
        pixels, boxes = crowd(chosen, number, size=size, seed=seed)
        path = place / f"{number}.png"
        write_whole(path, _packed(pixels))
        height, width = pixels.shape[:2]
        found.append(Pictured(str(path), labels=tuple(sorted(chosen)), boxes=boxes, width=width, height=height))
    return ImageDataset(rows.frame_of(found))


def crowd(people: Sequence[str], number: int = 0, *, size: int = 160, seed: int = 7) -> tuple[Pixels, tuple[Box, ...]]:
    """Draw people beside each other in one picture.

    Parameters
    ----------
    people, number, size, seed
        As of `faces`: the size is that of each face with what is around it.

    Returns
    -------
    uint8 [height, width, 3], and the boxes of the faces.
    """
    random = random_of(seed, "crowd", number)
    picture = scene(random, (round(size * (1.2 * len(people) + 0.4)), round(1.5 * size)))
    boxes = []
    for place, person in enumerate(people):
        left, top = round(size * (0.3 + 1.2 * place)), round(size * random.uniform(0.1, 0.4))
        levels, mask = drawn(looks(person, seed), moment_of(random), size)
        part = picture[top : top + size, left : left + size]
        part[...] = np.rint(levels * mask + part * (1 - mask))
        sides = [size * one for one in FACE]
        box = {"left": left + sides[0], "top": top + sides[1], "width": sides[2] - sides[0]}
        boxes.append(Box(label=person, **box, height=sides[3] - sides[1]))
    return picture, tuple(boxes)


def portrait(person: str, number: int, size: int = 160, seed: int = 7) -> Pixels:
    """Draw one picture of a person: uint8 [size, size, 3]."""
    random = random_of(seed, person, number)
    moment = moment_of(random)
    levels, mask = drawn(looks(person, seed), moment, size)
    behind = scene(random, (size, size))
    noisy = levels * mask + behind * (1 - mask) + random.normal(0, moment.noise, levels.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _packed(pixels: Pixels) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
