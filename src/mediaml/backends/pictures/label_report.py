"""From a fitted model and labelled pictures to a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediaml.backends.examination import known_labels
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.provenance import calibrated, describe, known_files, measured_with
from mediaml.data.image import ImageDataset
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import DataError, ImageError
from mediaml.metrics.classification import label_report, thresholds_by_label
from mediaml.metrics.multi_label import label_set_report
from mediaml.values.multi_label_report import ImageMultiLabelReport, PictureLabelsOutcome
from mediaml.values.picture import Picture
from mediaml.values.prediction import ImagePrediction
from mediaml.values.report import ImageReport, PictureOutcome

Judged = list[tuple[Picture, ImagePrediction]]


def report_on(
    fitted: FittedLabels, dataset: ImageDataset, about: Mapping[str, Any], progress: bool
) -> ImageReport | ImageMultiLabelReport:
    """Ask for a verdict on every picture, and sum them up.

    Parameters
    ----------
    fitted
        The model.
    dataset
        Labelled pictures.
    about
        What the report says of the model, besides how it was trained.
    progress
        Show a bar.

    Raises
    ------
    LabelError
        There is a label that the model does not know.
    DataError
        Nothing could be read.
    """
    known_labels(dataset, fitted.labels)
    judged, groups, unreadable = _judged(fitted, dataset, progress)
    ran = measured_with(fitted.eye.RUNTIME)
    made_of: dict[str, Any] = {
        "unreadable": tuple(unreadable),
        "model": {**about, **fitted.training, "calibration": calibrated(fitted), "measured_with": ran},
        "data": {**describe(dataset), **known_files(dataset, fitted.learned_from)},
        "history": fitted.history,
    }
    if fitted.multi_label:
        several = [PictureLabelsOutcome(picture=one, truths=one.labels, prediction=said) for one, said in judged]
        thresholds = tuple(fitted.recogniser.thresholds)
        return label_set_report(ImageMultiLabelReport, several, fitted.labels, thresholds, made_of, groups_of=groups)
    outcomes = [PictureOutcome(picture=one, truth=one.labels[0], prediction=said) for one, said in judged]
    made_of["thresholds"] = thresholds_by_label(fitted.labels, tuple(fitted.recogniser.thresholds))
    return label_report(ImageReport, outcomes, fitted.labels, made_of, groups_of=groups)


def _judged(fitted: FittedLabels, dataset: ImageDataset, progress: bool) -> tuple[Judged, list[int], list[str]]:
    """Give the pictures that could be read with what was said of them, their groups, and what could not be read."""
    pictures = list(dataset)
    together, _ = dataset.groups()
    judged: Judged = []
    groups: list[int] = []
    unreadable: list[str] = []
    with bar(len(pictures), "looking", "picture", progress and len(pictures) >= WORTH_A_BAR) as looked:
        verdicts = fitted.of_files([one.path for one in pictures], looked)
        for picture, group, verdict in zip(pictures, together, verdicts, strict=True):
            if isinstance(verdict, ImageError):
                unreadable.append(str(verdict))
            else:
                judged.append((picture, verdict))
                groups.append(group)
    if not judged:
        raise DataError(f"none of the {len(pictures)} pictures could be read; the first: {unreadable[0]}")
    return judged, groups, unreadable
