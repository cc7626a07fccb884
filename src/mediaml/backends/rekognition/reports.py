"""Reports of a Custom Labels model: of the service's own evaluation, and of pictures that nothing has seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaml.aws.s3 import is_uri
from mediaml.backends.examination import known_labels
from mediaml.backends.provenance import describe, known_files, measured_by
from mediaml.backends.rekognition.answers import Kind, Rule, verdict
from mediaml.backends.rekognition.bodies import Body
from mediaml.backends.rekognition.evaluation import Seen
from mediaml.data.image import ImageDataset
from mediaml.data.pictures.placing import upright
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import DataError, ImageError
from mediaml.metrics.classification import label_report, thresholds_by_label
from mediaml.metrics.detection import detection_report
from mediaml.metrics.multi_label import label_set_report
from mediaml.values.detection_report import DetectionOutcome, DetectionReport
from mediaml.values.geometry import Box
from mediaml.values.multi_label_report import ImageMultiLabelReport, PictureLabelsOutcome
from mediaml.values.picture import Picture
from mediaml.values.prediction import ImagePrediction
from mediaml.values.report import ImageReport, PictureOutcome, Report
from mediaml.values.service_evaluation import ServiceEvaluation

CHOSEN_HERE = (
    "The service measured itself on the pictures on which it chose its thresholds: expect less on others. "
    "evaluate(test) by a running version measures on pictures that nothing has seen."
)

Judged = Sequence[tuple[Picture, ImagePrediction, tuple[Box, ...]]]
"""Pictures, what was said of them, and all boxes that were considered."""


def at_home(seen: Iterable[Seen], files: Mapping[str, str]) -> list[Seen]:
    """Name pictures by the files of this machine that they were sent from, where these are known and still there.

    Parameters
    ----------
    seen
        Pictures by their addresses.
    files
        Files by addresses.
    """
    there = {address: path for address, path in files.items() if Path(path).exists()}
    return [
        one._replace(picture=one.picture.model_copy(update={"path": there.get(one.picture.path, one.picture.path)}))
        for one in seen
    ]


def own_report(seen: Sequence[Seen], evaluation: ServiceEvaluation, kind: Kind, about: Mapping[str, Any]) -> Report:
    """Sum up what the service said of its own test dataset.

    Parameters
    ----------
    seen
        Of the snapshot.
    evaluation
        Its own numbers, which stand in the report as they are.
    kind
        What the model gives.
    about
        What the report says of the model.
    """
    judged = [(one.picture, _verdict(one, evaluation, kind), one.boxes) for one in seen]
    data = {
        "pictures": len(seen),
        "labels": list(evaluation.labels),
        "origin": [{"the test dataset of": about.get("project")}],
    }
    made_of = {"model": about, "data": data}
    rule = Rule(kind, evaluation.labels, evaluation.thresholds)
    report = _summed(judged, rule, made_of, list(range(len(seen))))
    return report.model_copy(update={"service": evaluation, "warnings": (CHOSEN_HERE, *report.warnings)})


def _verdict(one: Seen, evaluation: ServiceEvaluation, kind: Kind) -> ImagePrediction:
    body = Body(one.picture.path, None, one.picture.width or 0, one.picture.height or 0)
    scores = dict.fromkeys(evaluation.labels, 0.0)
    if kind == "boxes":
        for box in one.boxes:
            scores[box.label] = max(scores.get(box.label, 0.0), box.confidence or 0.0)
        given = tuple(sorted(one.given_boxes, key=lambda box: -(box.confidence or 0.0)))
        return verdict(scores, tuple(dict.fromkeys(box.label for box in given)), body, given)
    scores.update(one.scores)
    named = one.given
    if kind == "single_label":
        best = min(scores, key=lambda label: (-scores[label], label), default=None)
        named = tuple(label for label in one.given if label == best)
    return verdict(scores, named, body)


def report_on(
    dataset: ImageDataset,
    verdicts: Iterable[ImagePrediction | ImageError],
    rule: Rule,
    about: Mapping[str, Any],
    learned_from: frozenset[str],
    progress: bool,
) -> Report:
    """Sum up what a running version says of labelled pictures.

    Parameters
    ----------
    dataset
        Labelled pictures, or pictures with boxes.
    verdicts
        One a picture, in order: with all boxes that were considered.
    rule
        By which the model gives labels and boxes.
    about
        What the report says of the model.
    learned_from
        Short hashes of the files that it learned from.
    progress
        Show a bar.

    Raises
    ------
    LabelError
        There is a label that the model does not know.
    DataError
        Nothing could be read.
    """
    known_labels(dataset, rule.labels)
    pictures = list(dataset)
    together, _ = dataset.groups()
    judged: list[tuple[Picture, ImagePrediction, tuple[Box, ...]]] = []
    groups: list[int] = []
    unreadable: list[str] = []
    with bar(len(pictures), "looking", "picture", progress and len(pictures) >= WORTH_A_BAR) as looked:
        for picture, group, said in zip(pictures, together, verdicts, strict=True):
            looked()
            if isinstance(said, ImageError):
                unreadable.append(str(said))
                continue
            given = tuple(box for box in said.boxes if rule.reaches(box.label, box.confidence or 0.0))
            judged.append((picture, said.model_copy(update={"boxes": given}), said.boxes))
            groups.append(group)
    if not judged:
        raise DataError(f"none of the {len(pictures)} pictures could be read; the first: {unreadable[0]}")
    made_of = {
        "model": {**about, "measured_with": measured_by("Rekognition Custom Labels")},
        "data": {**describe(dataset), **known_files(dataset, learned_from)},
        "unreadable": tuple(unreadable),
    }
    return _summed(judged, rule, made_of, groups)


def _summed(
    judged: Judged, rule: Rule, made_of: Mapping[str, Any], groups: Sequence[int]
) -> ImageReport | ImageMultiLabelReport | DetectionReport:
    labels, limits = rule.labels, tuple(map(rule.limit, rule.labels))
    if rule.kind == "boxes":
        outcomes = [
            DetectionOutcome(
                picture=_sized(picture, said), found=tuple(map(_sure, found)), given=tuple(map(_sure, said.boxes))
            )
            for picture, said, found in judged
        ]
        unreadable = made_of.get("unreadable", ())
        return detection_report(
            outcomes, labels, limits, unreadable, made_of["model"], made_of["data"], groups_of=groups
        )
    if rule.kind == "multi_label":
        several = [PictureLabelsOutcome(picture=one, truths=one.labels, prediction=said) for one, said, _ in judged]
        return label_set_report(ImageMultiLabelReport, several, labels, limits, made_of, groups_of=groups)
    single = [PictureOutcome(picture=one, truth=one.labels[0], prediction=said) for one, said, _ in judged]
    return label_report(
        ImageReport, single, labels, {**made_of, "thresholds": thresholds_by_label(labels, limits)}, groups_of=groups
    )


def _sized(picture: Picture, said: ImagePrediction) -> Picture:
    """Give the true boxes in pixels of what was looked at."""
    if not said.width or not said.height:
        return picture
    if is_uri(picture.path) or not Path(picture.path).exists():
        return picture.model_copy(update={"width": said.width, "height": said.height})
    return upright(picture, said.width, said.height)


def _sure(box: Box) -> Box:
    return box if box.confidence is not None else box.model_copy(update={"confidence": 0.0})
