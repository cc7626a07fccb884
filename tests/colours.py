"""Pictures of colours, and a model that learns colours in no time: for what is not about how well is learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import mediaml as mm
from mediaml.data.pictures import decode
from mediaml.testing.rekognition.learner import UseCase
from mediaml.values.prediction import ImagePrediction, Score

COLOURS = {"red": (200, 40, 40), "green": (40, 180, 60), "blue": (50, 60, 210)}
GREY = 128
SIDE = 80


def painted(label: str, number: int, side: int = SIDE) -> Image.Image:
    """A picture in about one colour; each number is another one."""
    random = np.random.RandomState([sorted(COLOURS).index(label), number])
    pixels = np.array(COLOURS[label]) + random.randint(-30, 31, (side, side, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_colours(folder: Path, per_label: int = 10, first: int = 0, labels: Sequence[str] = tuple(COLOURS)) -> Path:
    """A folder per label."""
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in range(first, first + per_label):
            painted(label, number).save(folder / label / f"{number}.png")
    return folder


def colours(
    folder: Path, per_label: int = 10, first: int = 0, labels: Sequence[str] = tuple(COLOURS)
) -> mm.ImageDataset:
    """The same as a data set."""
    return mm.ImageDataset.from_folder(write_colours(folder, per_label, first, labels))


def boxed(folder: Path, pictures: int = 12, first: int = 0) -> mm.ImageDataset:
    """Grey pictures with a rectangle of some colour in each."""
    folder.mkdir(parents=True)
    lines = []
    for number in range(first, first + pictures):
        random = np.random.RandomState([7, number])
        label = sorted(COLOURS)[number % len(COLOURS)]
        pixels = np.full((SIDE, SIDE + 20, 3), GREY, np.uint8)
        left, top = int(random.randint(5, 40)), int(random.randint(5, 30))
        pixels[top : top + 30, left : left + 40] = COLOURS[label]
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lines.append((f"{number}.png", label, left, top))
    for name, label, left, top in lines:
        place = {"xmin": left + 1, "ymin": top + 1, "xmax": left + 40, "ymax": top + 30}
        size = {"width": SIDE + 20, "height": SIDE, "depth": 3}
        told = f"<filename>{name}</filename><size>{_tags(size)}</size><object><name>{label}</name>"
        told += f"<bndbox>{_tags(place)}</bndbox></object>"
        (folder / name).with_suffix(".xml").write_text(f"<annotation>{told}</annotation>")
    return mm.ImageDataset.from_voc(folder)


def _tags(values: dict[str, int]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


class ColourModel:
    """Gives the label whose mean colour is the nearest, or the rectangle that has it."""

    def __init__(self, use_case: UseCase, means: dict[str, Any]) -> None:
        self.use_case, self.means = use_case, means
        self.labels = tuple(sorted(means))
        self.thresholds: dict[str, float] = {}

    def predict(self, items: Sequence[Any]) -> list[ImagePrediction]:
        return [self._look(one if isinstance(one, np.ndarray) else decode.read(one)) for one in items]

    def _look(self, pixels: Any) -> ImagePrediction:
        height, width = pixels.shape[:2]
        boxes = self._boxes(pixels) if self.use_case == "boxes" else ()
        mean = pixels.reshape(-1, 3).mean(axis=0)
        near = np.array([-np.linalg.norm(mean - self.means[label]) / 20 for label in self.labels])
        sure = np.exp(near - near.max()) / np.exp(near - near.max()).sum()
        told = sorted(zip(self.labels, sure, strict=True), key=lambda one: (-one[1], one[0]))
        return ImagePrediction(
            label=told[0][0],
            labels=(told[0][0],),
            confidence=float(told[0][1]),
            alternatives=tuple(Score(label=label, confidence=float(one)) for label, one in told),
            boxes=boxes,
            width=width,
            height=height,
        )

    def _boxes(self, pixels: Any) -> tuple[mm.Box, ...]:
        found = []
        for label, mean in self.means.items():
            rows, columns = np.nonzero(np.linalg.norm(pixels - mean, axis=2) < 40)
            if len(rows):
                left, top = int(columns.min()), int(rows.min())
                size = {"width": int(columns.max()) + 1 - left, "height": int(rows.max()) + 1 - top}
                found.append(mm.Box(label=label, left=left, top=top, confidence=0.9, **size))
        return tuple(found)


def colour_fit(data: mm.ImageDataset, use_case: UseCase) -> Any:
    """Learn the mean colour of each label; to be given as ``aws.rekognition.fit``."""
    seen: dict[str, list[Any]] = {}
    for picture in data:
        pixels = decode.read(picture.path).astype(float)
        if use_case == "boxes":
            for box in picture.boxes or ():
                part = pixels[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
                seen.setdefault(box.label, []).append(part.reshape(-1, 3).mean(axis=0))
        else:
            for label in picture.labels:
                seen.setdefault(label, []).append(pixels.reshape(-1, 3).mean(axis=0))
    return ColourModel(use_case, {label: np.mean(means, axis=0) for label, means in seen.items()})
