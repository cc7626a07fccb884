"""Models on this machine that watch videos."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mediaml.backends import mxnet_thread
from mediaml.backends.identity import digest_of
from mediaml.backends.pictures.fitted_boxes import FittedBoxes
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.joining import Glimpse, Sight
from mediaml.backends.pictures.store_boxes import arrays_of as arrays_of_boxes
from mediaml.backends.pictures.store_labels import arrays_of as arrays_of_labels
from mediaml.data.video import Pixels
from mediaml.errors import ImageError
from mediaml.runtime.familiarity import score
from mediaml.vision.views import AROUND

LEAST_ONSET = 0.3  # where nothing was held out, thresholds are 0, and everything would be one long event
TINY = 1e-6  # a picture that shows nothing has score 0
NEVER = 2.0  # no score reaches it


class LocalWatcher:
    """What watchers on this machine have in common: to look costs nothing."""

    usual_onset = NEVER
    paid = False

    def announce(self, pictures: int | None, source: str) -> None:
        """Say nothing: it costs nothing."""


class LabelWatcher(LocalWatcher):
    """A model that gives labels."""

    def __init__(self, fitted: FittedLabels) -> None:
        self._fitted = fitted
        self.labels = fitted.labels
        self.at_least: int | None = AROUND

    @property
    def onsets(self) -> Mapping[str, float]:
        """The score from which on each label is seen."""
        least = LEAST_ONSET if len(self._fitted.held_out.scores) == 0 else TINY
        thresholds = np.clip(np.nan_to_num(self._fitted.recogniser.thresholds, posinf=NEVER), least, NEVER)
        return dict(zip(self.labels, map(float, thresholds), strict=True))

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is, for the record."""
        return {"network": "efficientnet-lite0", "onset": dict(self.onsets)}

    @property
    def identity(self) -> str:
        """Name the model by all that its verdicts depend on."""
        recogniser = self._fitted.recogniser
        facts = (self.labels, self._fitted.view, recogniser.temperature, recogniser.doubt, recogniser.typical)
        return digest_of((*facts, recogniser.objective), arrays_of_labels(self._fitted))

    def glimpses(self, pictures: Iterable[Pixels]) -> Iterator[Glimpse | ImageError]:
        """Look at pictures, in order."""
        for seen in self._fitted.looks(pictures):
            if seen.error is not None:
                yield seen.error
                continue
            with mxnet_thread.translated():
                probabilities, familiarity = self._fitted.recogniser.hear(seen.embedding[None])
            scores = np.zeros(len(self.labels)) if seen.nothing else score(probabilities, familiarity)[0]
            rows = zip(self.labels, scores, probabilities[0], strict=True)
            sights = {label: Sight(float(one), min(1.0, float(sure))) for label, one, sure in rows}
            yield Glimpse(sights, embedding=None if seen.nothing else seen.embedding)


class BoxWatcher(LocalWatcher):
    """A model that finds boxes."""

    def __init__(self, fitted: FittedBoxes) -> None:
        self._fitted = fitted
        self.labels = fitted.labels
        self.at_least: int | None = fitted.finder.side

    @property
    def onsets(self) -> Mapping[str, float]:
        """The confidence from which on each label is seen."""
        return {
            label: min(NEVER, max(TINY, float(threshold)))
            for label, threshold in zip(self.labels, self._fitted.thresholds, strict=True)
        }

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is, for the record."""
        return {"network": "ssd", "onset": dict(self.onsets)}

    @property
    def identity(self) -> str:
        """Name the model by all that its verdicts depend on."""
        finder = self._fitted.finder
        facts = (self.labels, self._fitted.thresholds, self._fitted.calibration, finder.side, finder.flips)
        return digest_of(facts, arrays_of_boxes(self._fitted))

    def glimpses(self, pictures: Iterable[Pixels]) -> Iterator[Glimpse | ImageError]:
        """Look at pictures, in order."""
        for found in self._fitted.found(pictures):
            if found.seen.error is not None:
                yield found.seen.error
                continue
            best = dict.fromkeys(self.labels, 0.0)
            boxes = () if found.nothing else found.boxes
            for box in boxes:
                best[box.label] = max(best[box.label], box.confidence or 0.0)
            yield Glimpse({label: Sight(sure, sure) for label, sure in best.items()}, boxes)
