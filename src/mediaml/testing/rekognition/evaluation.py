"""The service's evaluation of what it has trained, in the files that AWS documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from mediaml.metrics.box_matching import iou_matrix, partners
from mediaml.metrics.box_thresholds import best_f1, best_thresholds
from mediaml.metrics.detection import detection_report
from mediaml.testing.rekognition.learner import Found, Learner
from mediaml.testing.rekognition.pictures import Example
from mediaml.values.detection_report import DetectionOutcome
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture

NEVER = 1.0  # the threshold of a label of which nothing right was found
TRAINING_JOB, EVALUATION_JOB = "rekognition-custom-labels-training-job", "rekognition-custom-labels-evaluation-job"
TRUTH, SAID = "rekognition-custom-labels-training", "rekognition-custom-labels-evaluation"
DETAILS = "rekognition-custom-labels-evaluation-details"
LEAST_TOLD = 0.01  # boxes that are less sure are not written down


class Metrics(NamedTuple):
    """Of one label, at its threshold."""

    threshold: float
    precision: float
    recall: float
    f1: float
    pictures: int


class Evaluated(NamedTuple):
    """What came of the test.

    Parameters
    ----------
    learner
        With the thresholds that were chosen.
    summary, snapshot
        The files.
    f1
        Over all labels.
    """

    learner: Learner
    summary: str
    snapshot: str
    f1: float


def evaluate(learner: Learner, test: Sequence[Example], trained_on: int, arn: str, when: datetime) -> Evaluated:
    """Test what was learned, and choose the thresholds there: of each label the one with the highest F1."""
    found = learner.look([one.pictured.path for one in test])
    measure = _of_boxes if learner.use_case == "boxes" else _of_labels
    metrics, more = measure(learner, test, found)
    learner = learner._replace(thresholds={label: one.threshold for label, one in metrics.items()})
    tested = [one for one in metrics.values() if one.pictures]
    overall = {
        name: float(np.mean([getattr(one, field) for one in tested])) if tested else 0.0
        for name, field in (("F1Score", "f1"), ("Precision", "precision"), ("Recall", "recall"))
    }
    summary = {
        "Version": 1,
        "AggregatedEvaluationResults": {**more, **overall},
        "EvaluationDetails": {
            "EvaluationEndTimestamp": when.isoformat(),
            "Labels": list(learner.labels),
            "NumberOfTestingImages": len(test),
            "NumberOfTrainingImages": trained_on,
            "ProjectVersionArn": arn,
        },
        "LabelEvaluationResults": [
            {
                "Label": label,
                "Metrics": {
                    "F1Score": one.f1,
                    "Precision": one.precision,
                    "Recall": one.recall,
                    "Threshold": one.threshold,
                },
                "NumberOfTestingImages": one.pictures,
            }
            for label, one in metrics.items()
        ],
    }
    lines = _box_lines if learner.use_case == "boxes" else _label_lines
    told = lines(learner, test, found, when.isoformat())
    snapshot = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in told)
    return Evaluated(learner, json.dumps(summary, indent=2), snapshot, overall["F1Score"])


# -- labels -----------------------------------------------------------------------------------------------------------


def _of_labels(
    learner: Learner, test: Sequence[Example], found: Sequence[Sequence[Found]]
) -> tuple[dict[str, Metrics], dict[str, Any]]:
    metrics = {}
    for label in learner.labels:
        sure = np.array([_confidence(seen, label) for seen in found])
        true = np.array([label in one.pictured.labels for one in test], bool)
        threshold = min(NEVER, best_f1(sure, true, int(true.sum())))
        metrics[label] = _metrics(threshold, true, sure >= threshold)
    return metrics, {"ConfusionMatrix": list(_confusion(learner, test, found))}


def _confidence(seen: Sequence[Found], label: str) -> float:
    return next((one.confidence for one in seen if one.label == label), 0.0)


def _metrics(threshold: float, true: Any, given: Any) -> Metrics:
    right = int((true & given).sum())
    precision = right / max(1, int(given.sum()))
    recall = right / max(1, int(true.sum()))
    f1 = 0.0 if not right else 2 * precision * recall / (precision + recall)
    return Metrics(threshold, precision, recall, f1, int(true.sum()))


def _confusion(learner: Learner, test: Sequence[Example], found: Sequence[Sequence[Found]]) -> Iterator[dict[str, Any]]:
    for truth in learner.labels:
        best = [seen[0].label for one, seen in zip(test, found, strict=True) if truth in one.pictured.labels and seen]
        for label in sorted(set(best)):
            share = best.count(label) / len(best)
            yield {"GroundTruthLabel": truth, "PredictedLabel": label, "Value": share}


def _label_lines(
    learner: Learner, test: Sequence[Example], found: Sequence[Sequence[Found]], when: str
) -> Iterator[dict[str, Any]]:
    for one, seen in zip(test, found, strict=True):
        line: dict[str, Any] = {"source-ref": one.row.address}
        for number, label in enumerate(one.pictured.labels):
            line[f"{TRUTH}-{number}"] = 1
            line[f"{TRUTH}-{number}-metadata"] = _about(label, 1.0, "yes", TRAINING_JOB, when)
        for number, thing in enumerate(seen):
            said = _about(thing.label, thing.confidence, "no", EVALUATION_JOB, when)
            given = thing.confidence >= learner.thresholds[thing.label]
            said[DETAILS] = _details(given, thing.label in one.pictured.labels)
            line[f"{SAID}-{number}"] = 1
            line[f"{SAID}-{number}-metadata"] = said
        yield line


def _about(label: str, confidence: float, human: str, job: str, when: str) -> dict[str, Any]:
    return {
        "confidence": confidence,
        "job-name": job,
        "class-name": label,
        "human-annotated": human,
        "creation-date": when,
        "type": "groundtruth/image-classification",
    }


def _details(given: bool, true: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "ground-truth-labelling-jobs": [TRAINING_JOB],
        "is-true-positive": given and true,
        "is-true-negative": not given and not true,
        "is-false-positive": given and not true,
        "is-false-negative": not given and true,
        "is-present-in-ground-truth": true,
    }


# -- boxes ------------------------------------------------------------------------------------------------------------


def _of_boxes(
    learner: Learner, test: Sequence[Example], found: Sequence[Sequence[Found]]
) -> tuple[dict[str, Metrics], dict[str, Any]]:
    considered = [_outcome(one, seen) for one, seen in zip(test, found, strict=True)]
    limits = dict(
        zip(learner.labels, (min(NEVER, one) for one in best_thresholds(considered, learner.labels)), strict=True)
    )
    outcomes = [
        one.model_copy(
            update={"given": tuple(box for box in one.found if (box.confidence or 0.0) >= limits[box.label])}
        )
        for one in considered
    ]
    report = detection_report(outcomes, learner.labels, tuple(limits.values()), intervals=False)
    metrics = {}
    for label in learner.labels:
        score = report.per_label[label]
        metrics[label] = Metrics(limits[label], score.precision, score.recall, score.f1, score.pictures)
    recalls = [one.recall for one in metrics.values() if one.pictures]
    mean = float(np.mean(recalls)) if recalls else 0.0
    return metrics, {"AveragePrecision": report.mean_average_precision or 0.0, "AverageRecall": mean}


def _outcome(one: Example, seen: Sequence[Found]) -> DetectionOutcome:
    told = one.pictured
    picture = Picture(path=told.path, labels=told.labels, boxes=told.boxes or (), width=told.width, height=told.height)
    boxes = tuple(thing.box for thing in seen if thing.box is not None and thing.label)
    return DetectionOutcome(picture=picture, found=boxes, given=())


def _box_lines(
    learner: Learner, test: Sequence[Example], found: Sequence[Sequence[Found]], when: str
) -> Iterator[dict[str, Any]]:
    numbers = {label: number for number, label in enumerate(learner.labels)}
    for one, seen in zip(test, found, strict=True):
        true = list(one.pictured.boxes or ())
        told = [thing for thing in seen if thing.confidence >= LEAST_TOLD and thing.box is not None]
        size = [{"width": one.pictured.width, "height": one.pictured.height, "depth": 3}]
        right = _right(true, [thing.box for thing in told if thing.box is not None])
        objects = [
            {
                "confidence": thing.confidence,
                DETAILS: _details(thing.confidence >= learner.thresholds[thing.label], hit),
            }
            for thing, hit in zip(told, right, strict=True)
        ]
        yield {
            "source-ref": one.row.address,
            f"{TRUTH}-0": {"annotations": [_placed(box, numbers) for box in true], "image_size": size},
            f"{TRUTH}-0-metadata": _about_boxes(numbers, [{"confidence": 1.0}] * len(true), "yes", TRAINING_JOB, when),
            SAID: {
                "annotations": [_placed(thing.box, numbers) for thing in told if thing.box is not None],
                "image_size": size,
            },
            f"{SAID}-metadata": _about_boxes(numbers, objects, "no", EVALUATION_JOB, when),
        }


def _right(true: Sequence[Box], found: Sequence[Box]) -> list[bool]:
    """Tell which boxes are true ones, each true one once, the surest first."""
    right = [False] * len(found)
    for label in {box.label for box in found}:
        own = [number for number, box in enumerate(found) if box.label == label]
        truth = [box for box in true if box.label == label]
        ious = iou_matrix([found[number] for number in own], truth)
        partner, _ = partners(ious, np.zeros(len(truth), bool))
        for number, matched in zip(own, partner[0], strict=True):
            right[number] = bool(matched >= 0)
    return right


def _placed(box: Box, numbers: Mapping[str, int]) -> dict[str, Any]:
    return {
        "class_id": numbers[box.label],
        "left": round(box.left),
        "top": round(box.top),
        "width": max(1, round(box.width)),
        "height": max(1, round(box.height)),
    }


def _about_boxes(
    numbers: Mapping[str, int], objects: Sequence[Mapping[str, Any]], human: str, job: str, when: str
) -> dict[str, Any]:
    return {
        "job-name": job,
        "class-map": {str(number): label for label, number in numbers.items()},
        "human-annotated": human,
        "objects": list(objects),
        "creation-date": when,
        "type": "groundtruth/object-detection",
    }
