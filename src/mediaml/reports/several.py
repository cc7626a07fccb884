"""Examples with several labels, or none, in words and as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from mediaml.reports.gallery import Drawn
from mediaml.values.multi_label_report import LabelSetOutcome, LabelSetReport
from mediaml.values.prediction import percentage

HITS = 8


class ShownSet(NamedTuple):
    """An example in the gallery.

    Parameters
    ----------
    truth
        The true labels.
    given, missed, added
        With the confidence of each: those that were given and are true, where all is right; true ones that were not
        given; given ones that are not true.
    file, path, segment
        Where it is.
    picture, problem
        A data URI; empty where `problem` says why there is none.
    right
        Whether every label is right.
    """

    truth: str
    given: str
    missed: str
    added: str
    file: str
    path: str
    segment: str
    picture: str
    problem: str
    right: bool


def hits_of(report: LabelSetReport) -> list[LabelSetOutcome]:
    """Choose examples that have labels, all of them right: those with the most."""
    right = [one for one in report.outcomes if one.truths and not one.missed and not one.added]
    return sorted(right, key=lambda one: -len(one.truths))[:HITS]


def shown_sets(outcomes: Sequence[LabelSetOutcome], drawn: Sequence[Drawn]) -> list[ShownSet]:
    """Say what the gallery shows of each example and the picture that was drawn of it."""
    return [_shown(one, made) for one, made in zip(outcomes, drawn, strict=True)]


def _shown(outcome: LabelSetOutcome, made: Drawn) -> ShownSet:
    sure = {score.label: score.confidence for score in outcome.prediction.alternatives}

    def told(labels: Sequence[str]) -> str:
        return ", ".join(f"{label} {percentage(sure.get(label, 0.0))}" for label in labels)

    right = not outcome.missed and not outcome.added
    return ShownSet(
        ", ".join(outcome.truths) or "nothing",
        told(outcome.prediction.labels) if right else "",
        told(outcome.missed),
        told(outcome.added),
        PurePath(outcome.source).name,
        outcome.source,
        made.segment,
        made.picture,
        made.problem,
        right,
    )
