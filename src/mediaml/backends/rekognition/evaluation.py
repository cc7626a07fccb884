"""What the service measured by itself: its summary, and what it said of each picture of the test dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mediaml.data.formats.manifest import BOXES, METADATA, SOURCE
from mediaml.errors import AwsError
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture
from mediaml.values.service_evaluation import ServiceEvaluation, ServiceLabel

TRUTH, SAID, DETAILS = (
    "rekognition-custom-labels-training",
    "rekognition-custom-labels-evaluation",
    "rekognition-custom-labels-evaluation-details",
)
POSITIVE = ("is-true-positive", "is-false-positive")


def parsed_summary(content: bytes, name: str) -> ServiceEvaluation:
    """Read the summary of an evaluation, in both of the shapes that AWS documents.

    Parameters
    ----------
    content
        JSON: the figures of all labels together stand in ``AggregatedEvaluationResults`` itself
        (im-summary-file-api), or in its ``Metrics`` (im-summary-file).
    name
        Of the file, for errors.

    Raises
    ------
    AwsError
        It is neither.
    """
    try:
        found = json.loads(content)
        overall = found["AggregatedEvaluationResults"]
        overall = overall.get("Metrics", overall)
        details = found.get("EvaluationDetails", {})
        return ServiceEvaluation(
            f1=overall["F1Score"],
            precision=overall["Precision"],
            recall=overall["Recall"],
            average_precision=overall.get("AveragePrecision"),
            average_recall=overall.get("AverageRecall"),
            confusion=_confusion(overall.get("ConfusionMatrix", ())),
            training_pictures=details.get("NumberOfTrainingImages"),
            test_pictures=details.get("NumberOfTestingImages"),
            labels=tuple(
                sorted(details.get("Labels") or (str(row["Label"]) for row in found["LabelEvaluationResults"]))
            ),
            per_label={str(row["Label"]): _label(row) for row in found["LabelEvaluationResults"]},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AwsError(f"{name}: this is no summary of an evaluation that is understood ({error!r})") from error


def _confusion(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(str(row["GroundTruthLabel"]), {})[str(row["PredictedLabel"])] = float(row["Value"])
    return found


def _label(row: Mapping[str, Any]) -> ServiceLabel:
    metrics = row.get("Metrics", {})
    return ServiceLabel(
        threshold=metrics.get("Threshold"),
        precision=metrics.get("Precision"),
        recall=metrics.get("Recall"),
        f1=metrics.get("F1Score"),
        pictures=row.get("NumberOfTestingImages"),
    )


class Seen(NamedTuple):
    """What the service said of one picture of the test dataset.

    Parameters
    ----------
    picture
        With what truly is in it.
    scores
        Confidences by label, 0 to 1, of a model that gives labels.
    given
        The labels that it gave: those that reached their thresholds.
    boxes
        What it found, of a model that finds boxes, each with its confidence.
    given_boxes
        Those of them that reached their thresholds.
    """

    picture: Picture
    scores: Mapping[str, float]
    given: tuple[str, ...]
    boxes: tuple[Box, ...]
    given_boxes: tuple[Box, ...]


def parsed_snapshot(lines: Iterable[str], name: str) -> Iterator[Seen]:
    """Read the snapshot of the test manifest (im-evaluation-manifest-snapshot-api).

    Raises
    ------
    AwsError
        A line is none of a snapshot.
    """
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            yield _seen(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise AwsError(f"{name}, line {number}: this is no line of a snapshot ({error!r})") from error


def _seen(line: Mapping[str, Any]) -> Seen:
    truths = [key for key in line if key.startswith(TRUTH) and not key.endswith(METADATA)]
    said = [key for key in line if key.startswith(SAID) and not key.endswith(METADATA)]
    kinds = {str(line[f"{key}{METADATA}"].get("type", "")) for key in (*truths, *said)}
    address = str(line[SOURCE])
    if BOXES in kinds:
        true = [box for key in truths for box, _ in _boxes(line[key], line[f"{key}{METADATA}"])]
        found = [pair for key in said for pair in _boxes(line[key], line[f"{key}{METADATA}"])]
        size = _size(line, (*truths, *said))
        labels = tuple(sorted({box.label for box in true}))
        picture = Picture(path=address, labels=labels, boxes=tuple(true), width=size[0], height=size[1])
        given = tuple(box for box, details in found if any(details.get(key) for key in POSITIVE))
        return Seen(picture, {}, (), tuple(box for box, _ in found), given)
    labels = tuple(sorted({str(line[f"{key}{METADATA}"]["class-name"]) for key in truths}))
    rows = [line[f"{key}{METADATA}"] for key in said]
    scores = {str(row["class-name"]): float(row["confidence"]) for row in rows}
    positive = [str(row["class-name"]) for row in rows if any(row.get(DETAILS, {}).get(key) for key in POSITIVE)]
    return Seen(
        Picture(path=address, labels=labels), scores, tuple(sorted(positive, key=lambda one: -scores[one])), (), ()
    )


def _size(line: Mapping[str, Any], keys: Sequence[str]) -> tuple[int | None, int | None]:
    for key in keys:
        size = line[key].get("image_size") or [{}]
        if size[0].get("width"):
            return int(size[0]["width"]), int(size[0]["height"])
    return None, None


def _boxes(value: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[tuple[Box, Mapping[str, Any]]]:
    """Give the boxes of a label attribute with what is said of each."""
    names, sure = metadata.get("class-map", {}), metadata.get("objects", [])
    for number, one in enumerate(value.get("annotations", ())):
        about = sure[number] if number < len(sure) else {}
        box = Box(
            label=str(names[str(one["class_id"])]),
            left=one["left"],
            top=one["top"],
            width=one["width"],
            height=one["height"],
            confidence=about.get("confidence"),
        )
        yield box, about.get(DETAILS, {})
