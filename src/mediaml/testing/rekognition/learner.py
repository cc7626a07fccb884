"""What a version has learned: a local model that really looks at pictures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from mediaml.backends.local_image import LocalImageModel
from mediaml.data.image import ImageDataset
from mediaml.data.pictures.decode import Pixels
from mediaml.values.geometry import Box

UseCase = Literal["labels", "boxes"]
Fit = Callable[[ImageDataset, UseCase], LocalImageModel]


class Found(NamedTuple):
    """Something that was seen.

    Parameters
    ----------
    label
        Of what.
    confidence
        0 to 1.
    box
        Where, in pixels; None of a label of the whole picture.
    """

    label: str
    confidence: float
    box: Box | None


class Learner(NamedTuple):
    """A model, and the thresholds that were chosen for it.

    Parameters
    ----------
    model
        That looks.
    use_case
        What it gives.
    labels
        That it knows.
    thresholds
        The confidence, 0 to 1, from which on each label is given; of those that were tested.
    """

    model: LocalImageModel
    use_case: UseCase
    labels: tuple[str, ...]
    thresholds: Mapping[str, float] = {}

    def look(self, pictures: Sequence[str | Pixels]) -> list[list[Found]]:
        """Tell what is in pictures, however unsure; the surest first."""
        found = []
        for one in self.model.predict(list(pictures)):
            seen = (
                [Found(box.label, box.confidence or 0.0, box) for box in one.boxes]
                if self.use_case == "boxes"
                else [Found(score.label, score.confidence, None) for score in one.alternatives]
            )
            found.append(sorted(seen, key=lambda one: -one.confidence))
        return found


def learn(data: ImageDataset, use_case: UseCase, fit: Fit) -> Learner:
    """Train a model on pictures."""
    with warnings.catch_warnings():
        # of few pictures, say: the service would not tell either
        warnings.simplefilter("ignore")
        model = fit(data, use_case)
    if use_case == "boxes":
        model.thresholds = dict.fromkeys(model.labels, 0.0)
    return Learner(model, use_case, model.labels)


def usual(data: ImageDataset, use_case: UseCase) -> LocalImageModel:
    """Fit the local model of the kind that is asked for, as fast as it goes."""
    if use_case == "boxes":
        return LocalImageModel(network="ssd", side=256).fit(data, progress=False)
    several = any(isinstance(label, tuple) and len(label) > 1 for label in data.frame["label"])
    return LocalImageModel(multi_label=several, view="squash", augment=0).fit(data, progress=False)
