"""A model that finds boxes in pictures, and has learned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from mediaml.backends import mxnet_thread
from mediaml.backends.pictures.items import PictureItem, Seen, opened
from mediaml.backends.pictures.looking import BLANK, SMALLEST
from mediaml.backends.tracing import Quality, Trace
from mediaml.data.pictures.sharpness import sharpness
from mediaml.errors import ImageError
from mediaml.values.geometry import Box
from mediaml.values.prediction import ImagePrediction, Score
from mediaml.vision.box_calibration import BoxCalibration
from mediaml.vision.finder import AnyFinder
from mediaml.vision.nms import Boxes
from mediaml.vision.views import squash

if TYPE_CHECKING:
    import pandas as pd

    from mediaml.backends.pictures.watchers import BoxWatcher


class Operating(NamedTuple):
    """How a label does at its threshold on the boxes that were held out; NaN where there is nothing to divide by."""

    precision: float
    recall: float
    boxes: int


class Found(NamedTuple):
    """What was found in an item.

    Parameters
    ----------
    seen
        The item.
    boxes
        All candidates with their confidence, the surest first, in pixels; none where nothing can be seen in it.
    """

    seen: Seen
    boxes: tuple[Box, ...]

    @property
    def nothing(self) -> Literal["too_small", "blank"] | None:
        """Why nothing can be seen in it; None: something can."""
        if min(self.seen.width, self.seen.height) < SMALLEST:
            return "too_small"
        pixels = self.seen.pixels
        return "blank" if pixels is not None and int(pixels.max()) - int(pixels.min()) <= BLANK else None


class FittedBoxes(NamedTuple):
    """A detector with all that turns what it finds into verdicts.

    Parameters
    ----------
    finder
        The network.
    labels
        In the order of its outputs.
    calibration
        From scores to confidences.
    thresholds
        Of the confidence, one a label: a box is given where it reaches its label's.
    operating
        How each label does at the threshold that was chosen.
    history
        What each epoch measured.
    training
        With which data, split, seed and versions it was trained.
    learned_from
        Hashes of the files that it learned from, or that anything was chosen on.
    """

    finder: AnyFinder
    labels: tuple[str, ...]
    calibration: BoxCalibration
    thresholds: tuple[float, ...]
    operating: tuple[Operating, ...]
    history: tuple[Mapping[str, float], ...]
    training: Mapping[str, Any]
    learned_from: frozenset[str]

    def found(self, items: Iterable[PictureItem]) -> Iterator[Found]:
        """Find candidates in each item, in order, with a memory that does not grow."""
        for some in opened(items, self.finder.side):
            readable = [squash(one.pixels, self.finder.side) for one in some if one.pixels is not None]
            boxes = iter(mxnet_thread.run(partial(self.finder.find, np.stack(readable))) if readable else [])
            for one in some:
                found = Found(one, () if one.pixels is None else self._boxes(next(boxes), one))
                yield found._replace(boxes=()) if found.nothing else found

    def given(self, boxes: Sequence[Box]) -> tuple[Box, ...]:
        """Choose the boxes that reach their label's threshold."""
        thresholds = dict(zip(self.labels, self.thresholds, strict=True))
        return tuple(box for box in boxes if (box.confidence or 0.0) >= thresholds[box.label])

    def predictions(self, items: Iterable[PictureItem]) -> Iterator[ImagePrediction | ImageError]:
        """Give the verdict on each item, or the error, in order."""
        return (one.seen.error or self.verdict(one) for one in self.found(items))

    def traced(self, items: Iterable[PictureItem]) -> Iterator[tuple[ImagePrediction | ImageError, Trace]]:
        """Give the verdict on each item with what it is like, in order; a detector makes no embedding of the whole."""
        for one in self.found(items):
            seen = one.seen
            sharp = None if seen.pixels is None else sharpness(seen.pixels)
            quality = Quality(sharpness=sharp, side=min(seen.width, seen.height))
            yield seen.error or self.verdict(one), Trace(quality=quality)

    @property
    def embedder(self) -> None:
        """A detector makes no embedding of a whole picture."""
        return None

    def verdict(self, found: Found) -> ImagePrediction:
        """Say what was found in an item that could be read."""
        seen = found.seen
        best: dict[str, float] = dict.fromkeys(self.labels, 0.0)
        for box in found.boxes:
            best[box.label] = max(best[box.label], box.confidence or 0.0)
        order = sorted(best, key=lambda label: -best[label])
        given = self.given(found.boxes)
        labels = tuple(dict.fromkeys(box.label for box in given))
        return ImagePrediction(
            label=labels[0] if labels else None,
            labels=labels,
            confidence=best[order[0]],
            alternatives=tuple(Score(label=label, confidence=best[label]) for label in order),
            score=best[order[0]],
            reason=None if labels else found.nothing or "low_confidence",
            boxes=given,
            source=seen.name,
            width=seen.width,
            height=seen.height,
        )

    def watcher(self) -> BoxWatcher:
        """Give what looks at the pictures of videos."""
        from mediaml.backends.pictures.watchers import BoxWatcher

        return BoxWatcher(self)

    def threshold_table(self) -> pd.DataFrame:
        """Give a row a label: its threshold, and how it does there on what was held out."""
        import pandas as pd

        table = pd.DataFrame(
            [one._asdict() for one in self.operating],
            index=pd.Index(self.labels, name="label"),
            columns=list(Operating._fields),
        )
        table.insert(0, "threshold", self.thresholds)
        return table

    def with_thresholds(self, table: pd.DataFrame | Mapping[str, float]) -> FittedBoxes:
        """Give the model with other thresholds; how it does there was not measured."""
        from mediaml.backends.operating_points import changed_thresholds

        changed = tuple(float(one) for one in changed_thresholds(table, self.labels, self.thresholds))
        unknown = Operating(float("nan"), float("nan"), 0)
        operating = tuple(
            known if new == old else unknown
            for known, new, old in zip(self.operating, changed, self.thresholds, strict=True)
        )
        return self._replace(thresholds=changed, operating=operating)

    def _boxes(self, boxes: Boxes, seen: Seen) -> tuple[Box, ...]:
        size = np.array([seen.width, seen.height] * 2, np.float64)
        sure = self.calibration.confidence(boxes.scores)
        return tuple(
            Box(
                label=self.labels[label],
                left=float(left),
                top=float(top),
                width=float(right - left),
                height=float(bottom - top),
                confidence=float(confidence),
            )
            for (left, top, right, bottom), label, confidence in zip(
                boxes.corners * size, boxes.labels, sure, strict=True
            )
        )
