"""From a fitted detector and pictures with boxes to a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediaml.backends.examination import known_labels
from mediaml.backends.pictures.fitted_boxes import FittedBoxes
from mediaml.backends.provenance import describe, known_files, measured_with
from mediaml.data.image import ImageDataset
from mediaml.data.pictures.placing import upright
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import DataError
from mediaml.metrics.detection import detection_report
from mediaml.values.detection_report import DetectionOutcome, DetectionReport


def report_on(fitted: FittedBoxes, dataset: ImageDataset, about: Mapping[str, Any], progress: bool) -> DetectionReport:
    """Find boxes in every picture, and compare them with the true ones.

    Raises
    ------
    LabelError
        There is a label that the model does not know.
    DataError
        Nothing could be read.
    """
    known_labels(dataset, fitted.labels)
    pictures = list(dataset)
    together, _ = dataset.groups()
    outcomes: list[DetectionOutcome] = []
    groups: list[int] = []
    unreadable: list[str] = []
    with bar(len(pictures), "looking", "picture", progress and len(pictures) >= WORTH_A_BAR) as looked:
        for picture, group, one in zip(pictures, together, fitted.found(pictures), strict=True):
            looked()
            if one.seen.error is not None:
                unreadable.append(str(one.seen.error))
                continue
            given = fitted.given(one.boxes)
            outcomes.append(
                DetectionOutcome(
                    picture=upright(picture, one.seen.width, one.seen.height), found=one.boxes, given=given
                )
            )
            groups.append(group)
    if not outcomes:
        raise DataError(f"none of the {len(pictures)} pictures could be read; the first: {unreadable[0]}")
    ran = measured_with(fitted.finder.RUNTIME)
    return detection_report(
        outcomes,
        fitted.labels,
        fitted.thresholds,
        unreadable,
        {**about, **fitted.training, "calibration": _calibrated(fitted), "measured_with": ran},
        {**describe(dataset), **known_files(dataset, fitted.learned_from)},
        fitted.history,
        groups_of=groups,
    )


def _calibrated(fitted: FittedBoxes) -> dict[str, Any]:
    """Tell what confidences and thresholds were chosen on."""
    return {"held_out_boxes": sum(one.boxes for one in fitted.operating)}
