"""What each threshold would give: how much is given at it, and how much of that is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mediaml.metrics.box_matching import matched_by_label
from mediaml.metrics.intervals import Bools, Floats
from mediaml.values.detection_report import DetectionReport
from mediaml.values.geometry import Segment
from mediaml.values.multi_label_report import LabelSetReport, MultiLabelOutcome
from mediaml.values.prediction import Prediction
from mediaml.values.report import LabelReport, Outcome, Report

WHATEVER_THE_THRESHOLD = {"silence", "too_short", "blank", "too_small", "no_face"}
"""Reasons why nothing is given that no threshold changes."""


class Candidates(NamedTuple):
    """What may be given one label.

    Parameters
    ----------
    score
        What the threshold is compared with, float64 [candidates].
    right
        Whether the label is true, [candidates].
    true
        How many there are to find, candidates or not.
    """

    score: Floats
    right: Bools
    true: int


class Step(NamedTuple):
    """What one threshold gives.

    Parameters
    ----------
    threshold
        Of the score; infinity: nothing is ever given.
    given
        How many are given the label.
    right
        How many of these truly have it.
    true
        How many truly have it.
    """

    threshold: float
    given: int
    right: int
    true: int

    @property
    def false(self) -> int:
        """Given, and not true."""
        return self.given - self.right

    @property
    def precision(self) -> float | None:
        """Of those given, the share that is right; None where nothing is given."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """Of the true ones, the share that is given; None where there are none."""
        return self.right / self.true if self.true else None


def step(candidates: Candidates, threshold: float) -> Step:
    """Count what a threshold gives. A score of 0 is no answer."""
    given = (candidates.score >= threshold) & (candidates.score > 0)
    return Step(threshold, int(given.sum()), int((given & candidates.right).sum()), candidates.true)


def together(steps: Sequence[Step], threshold: float) -> Step:
    """Add up the labels."""
    given, right, true = (sum(getattr(one, name) for one in steps) for name in ("given", "right", "true"))
    return Step(threshold, given, right, true)


@singledispatch
def candidates_of(report: Report) -> dict[str, Candidates]:
    """Give what may be given each label; nothing where the report holds no outcomes.

    One label an example: the examples of which it is the likeliest. Several: all of them. Boxes: all that were found,
    right from an intersection over union of 0.5 on.
    """
    raise TypeError(f"{type(report).__name__} has no thresholds")


@candidates_of.register
def _of_one(report: LabelReport) -> dict[str, Candidates]:
    asked = [one for one in report.outcomes if one.prediction.reason not in WHATEVER_THE_THRESHOLD]
    found: dict[str, Candidates] = {}
    for label in report.labels if report.outcomes else ():
        own = [one for one in asked if one.best == label]
        found[label] = Candidates(
            np.array([one.prediction.score for one in own], np.float64),
            np.array([one.correct for one in own], bool),
            report.per_label[label].support,
        )
    return found


@candidates_of.register
def _of_several(report: LabelSetReport) -> dict[str, Candidates]:
    asked = [one for one in report.outcomes if one.prediction.reason not in WHATEVER_THE_THRESHOLD]
    scores = scores_by_label([one.prediction for one in asked], report.labels)
    return {
        label: Candidates(
            scores[:, number],
            np.array([label in one.truths for one in asked], bool),
            report.per_label[label].support,
        )
        for number, label in enumerate(report.labels if report.outcomes else ())
    }


@candidates_of.register
def _of_boxes(report: DetectionReport) -> dict[str, Candidates]:
    matched = matched_by_label(report.outcomes)
    found: dict[str, Candidates] = {}
    for label in report.labels if report.outcomes else ():
        own = matched.get(label)
        if own is None:
            found[label] = Candidates(np.zeros(0), np.zeros(0, bool), 0)
        else:
            counted = ~own.ignored[0]
            found[label] = Candidates(own.score[counted], own.hit[0, counted], int(own.truths.sum()))
    return found


def scores_by_label(predictions: Sequence[Prediction], labels: Sequence[str]) -> Floats:
    """Give the score of each label, float64 [predictions, labels]; see `Prediction`.

    It is ``sqrt(confidence) * familiarity``, and the confidence alone of models that measure no familiarity.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    scores = np.zeros((len(predictions), len(labels)))
    measured = any(one.familiarity > 0 for one in predictions)
    for row, one in enumerate(predictions):
        for score in one.alternatives:
            if score.label in numbers:
                confidence = score.confidence
                scores[row, numbers[score.label]] = confidence**0.5 * one.familiarity if measured else confidence
    return scores


def chosen(report: Report) -> dict[str, float]:
    """Give the model's own thresholds by label; infinity: never given. A label whose threshold is unknown has none."""
    known: Mapping[str, float | None] = {}
    if isinstance(report, LabelReport):
        known = report.thresholds
    elif isinstance(report, LabelSetReport | DetectionReport):
        known = {label: score.threshold for label, score in report.per_label.items()}
    return {label: inf if one is None else one for label, one in known.items()}


def given_by(report: Report) -> Step | None:
    """Count what was really given, at the model's own thresholds: all labels together."""
    if isinstance(report, LabelReport) and report.outcomes:
        given = [one for one in report.outcomes if one.prediction.recognised]
        right = sum(one.truth in one.prediction.labels for one in given)
        return Step(inf, len(given), right, len(report.outcomes))
    if isinstance(report, LabelSetReport) and report.outcomes:
        labels = sum(len(one.prediction.labels) for one in report.outcomes)
        wrong = sum(len(one.added) for one in report.outcomes)
        return Step(inf, labels, labels - wrong, sum(len(one.truths) for one in report.outcomes))
    if isinstance(report, DetectionReport) and report.outcomes:
        hits, false = sum(len(one.hits) for one in report.outcomes), sum(len(one.false) for one in report.outcomes)
        return Step(inf, hits + false, hits, sum(len(one.truths) for one in report.outcomes))
    return None


def hours_of(report: Report) -> float:
    """Give how long the sounds of the test are; 0 of pictures, and where it is not known.

    What several clips of a file share counts once.
    """
    heard: dict[Path, list[Segment]] = {}
    for one in report.outcomes if isinstance(report, LabelReport | LabelSetReport) else ():
        if isinstance(one, Outcome | MultiLabelOutcome):
            if one.prediction.segment is None:
                return 0.0
            heard.setdefault(one.clip.path, []).append(one.prediction.segment)
    return sum(_seconds(parts) for parts in heard.values()) / 3600


def _seconds(parts: Sequence[Segment]) -> float:
    """Give how long segments of a file are together, overlaps counted once."""
    seconds, end = 0.0, 0.0
    for part in sorted(parts, key=lambda one: one.start):
        seconds += max(0.0, part.end - max(part.start, end))
        end = max(end, part.end)
    return seconds
