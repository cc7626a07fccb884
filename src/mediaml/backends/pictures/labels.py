"""Models that give labels: the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mediaml.backends.examination import check_apart, check_labels, labelled
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.label_report import report_on
from mediaml.backends.pictures.label_training import LabelTraining, Parts
from mediaml.backends.pictures.recipe import ImageRecipe
from mediaml.backends.pictures.store_labels import arrays_of, facts_of, from_facts
from mediaml.data.image import ImageDataset
from mediaml.values.report import Report
from mediaml.vision.fine_tuning import FineTuning


def fit(recipe: ImageRecipe, parts: Parts, checkpoint: str | None, progress: bool) -> FittedLabels:
    """Learn from labelled pictures; what the network saw is in the cache, so a head needs no checkpoint."""
    if checkpoint is not None and recipe.fine_tune:
        raise ValueError("fine_tune has no checkpoints: it begins anew")
    given, validation, background = parts
    train = in_order(labelled(given, "train", recipe.multi_label))
    if validation is not None:
        validation = in_order(labelled(validation, "validation", recipe.multi_label))
    check_labels(train.labels, validation, recipe.multi_label)
    check_apart(train, validation)
    fine_tuning = replace(FineTuning(), epochs=recipe.rounds, seed=recipe.seed) if recipe.fine_tune else None
    objective = "multi_label" if recipe.multi_label else "single_label"
    training = LabelTraining(
        objective, recipe.criterion, recipe.view, recipe.augment, fine_tuning, recipe.seed, progress
    )
    return training.run((train, validation, None if background is None else in_order(background)))


def evaluate(fitted: FittedLabels, dataset: ImageDataset, about: Mapping[str, Any], progress: bool) -> Report:
    """Measure on labelled pictures."""
    return report_on(fitted, labelled(dataset, "the data", fitted.multi_label), about, progress)


def in_order(dataset: ImageDataset) -> ImageDataset:
    """Sort the rows, so that the same pictures in another order give the same model."""
    return dataset.sorted_by("group", "path")


__all__ = ["arrays_of", "evaluate", "facts_of", "fit", "from_facts", "in_order"]
