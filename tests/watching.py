"""A model of pictures that knows three colours without having learned: for what is not about how well is learned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mediaml.backends.pictures.detecting import Detecting
from mediaml.backends.pictures.joining import Glimpse, Sight
from mediaml.data.pictures import decode
from mediaml.data.video import Pixels
from mediaml.errors import ImageError
from mediaml.values.geometry import Box
from mediaml.values.prediction import ImagePrediction, Score

COLOURS = {"red": 0, "green": 1, "blue": 2}


class ColourModel(Detecting):
    """Sees a colour as surely as it stands out; with `boxes`, where it is."""

    def __init__(self, threshold: float = 0.5, *, boxes: bool = False, at_least: int | None = 16) -> None:
        self.threshold, self.boxes, self.at_least = threshold, boxes, at_least
        self.looked = 0
        self.announced: list[tuple[int | None, str]] = []
        self.paid = False

    labels = tuple(COLOURS)
    usual_onset = 2.0

    @property
    def onsets(self) -> Mapping[str, float]:
        return dict.fromkeys(COLOURS, self.threshold)

    @property
    def about(self) -> Mapping[str, Any]:
        return {"network": "colours"}

    @property
    def identity(self) -> str:
        return hashlib.sha256(f"{self.threshold} {self.boxes}".encode()).hexdigest()

    def watcher(self) -> ColourModel:
        return self

    def announce(self, pictures: int | None, source: str) -> None:
        self.announced.append((pictures, source))

    def glimpses(self, pictures: Iterable[Pixels]) -> Iterator[Glimpse | ImageError]:
        for pixels in pictures:
            self.looked += 1
            sure = standing_out(pixels)
            boxes = tuple(box for label in COLOURS for box in self._boxes(label, pixels)) if self.boxes else ()
            yield Glimpse({label: Sight(one, one) for label, one in sure.items()}, boxes)

    def _boxes(self, label: str, pixels: Pixels) -> list[Box]:
        rows, columns = np.nonzero(stands_out(pixels, COLOURS[label]) > 0.3)
        if len(rows) == 0:
            return []
        top, left = int(rows.min()), int(columns.min())
        size = {"width": int(columns.max()) - left + 1, "height": int(rows.max()) - top + 1}
        return [Box(label=label, left=left, top=top, confidence=0.9, **size)]

    def predict(self, items: Any, *, on_error: str = "raise") -> Any:
        return [self._one(item) for item in items] if isinstance(items, list) else self._one(items)

    def _one(self, path: str) -> ImagePrediction:
        try:
            pixels = decode.read(path)
        except ImageError as error:
            return ImagePrediction(error=str(error), source=path)
        sure = standing_out(pixels)
        order = sorted(sure, key=lambda label: -sure[label])
        given = order[0] if sure[order[0]] >= self.threshold else None
        return ImagePrediction(
            label=given,
            confidence=sure[order[0]],
            alternatives=tuple(Score(label=label, confidence=sure[label]) for label in order),
            reason=None if given else "low_confidence",
            source=path,
            width=pixels.shape[1],
            height=pixels.shape[0],
        )


def stands_out(pixels: Pixels, channel: int) -> np.ndarray:
    """By how much a channel is brighter than both others, 0 to 1."""
    values = pixels.astype(np.float32) / 255
    others = [values[..., other] for other in range(3) if other != channel]
    return values[..., channel] - np.maximum(*others)


def standing_out(pixels: Pixels) -> dict[str, float]:
    """How surely each colour is there."""
    return {label: float(np.clip(2 * stands_out(pixels, channel).mean(), 0, 1)) for label, channel in COLOURS.items()}
