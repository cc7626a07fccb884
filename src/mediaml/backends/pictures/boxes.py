"""Models that find boxes: the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mediaml.backends.examination import boxed, check_apart
from mediaml.backends.pictures.box_report import report_on
from mediaml.backends.pictures.box_training import BoxTraining, Parts
from mediaml.backends.pictures.fitted_boxes import FittedBoxes
from mediaml.backends.pictures.labels import in_order
from mediaml.backends.pictures.recipe import ImageRecipe
from mediaml.backends.pictures.store_boxes import arrays_of, facts_of, from_facts
from mediaml.data.image import ImageDataset
from mediaml.errors import LabelError
from mediaml.values.report import Report
from mediaml.vision.detector_training import DetectorSettings


def fit(recipe: ImageRecipe, parts: Parts, checkpoint: str | None, progress: bool) -> FittedBoxes:
    """Learn from pictures with boxes."""
    given, validation, background = parts
    train = in_order(boxed(given, "train"))
    if not train.labels:
        raise LabelError("there is no box in the training data: there is nothing to learn from")
    if validation is not None:
        validation = in_order(boxed(validation, "validation"))
        unknown = sorted(set(validation.labels) - set(train.labels))
        if unknown:
            raise LabelError(f"validation has labels that the training data lacks: {', '.join(unknown)}")
    check_apart(train, validation)
    settings = replace(
        DetectorSettings(), side=recipe.looks_at, epochs=recipe.rounds, flips=recipe.flips, seed=recipe.seed
    )
    if recipe.epochs is not None:
        settings = replace(settings, least_steps=1)  # as many as was asked for
    empty = None if background is None else in_order(_without_boxes(background))
    return BoxTraining(settings, recipe.criterion, checkpoint, progress).run((train, validation, empty))


def evaluate(fitted: FittedBoxes, dataset: ImageDataset, about: Mapping[str, Any], progress: bool) -> Report:
    """Measure on pictures with boxes."""
    return report_on(fitted, boxed(dataset, "the data"), about, progress)


def _without_boxes(dataset: ImageDataset) -> ImageDataset:
    """Take all labels and boxes away: there is nothing to be found."""
    frame = dataset.frame
    frame["boxes"] = [()] * len(frame)
    frame["label"] = None
    return dataset._with(frame)


__all__ = ["arrays_of", "evaluate", "facts_of", "fit", "from_facts"]
