"""What another threshold would give: counted by hand, and at the model's own thresholds what was really given."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.metrics.at_thresholds import (
    Candidates,
    candidates_of,
    chosen,
    given_by,
    hours_of,
    scores_by_label,
    step,
    together,
)
from mediaml.values.report import Report
from tests.reports.conftest import outcome, report_of
from tests.reports.kinds import KINDS

FOUR = Candidates(np.array([0.9, 0.6, 0.6, 0.0]), np.array([True, False, True, True]), 5)


@pytest.mark.parametrize(
    ("threshold", "given", "right", "precision", "recall"),
    [(0.0, 3, 2, 2 / 3, 0.4), (0.6, 3, 2, 2 / 3, 0.4), (0.61, 1, 1, 1.0, 0.2), (0.95, 0, 0, None, 0.0)],
)
def test_a_threshold_is_reached_or_not(
    threshold: float, given: int, right: int, precision: float | None, recall: float
) -> None:
    found = step(FOUR, threshold)
    assert (found.given, found.right, found.false, found.true) == (given, right, given - right, 5)
    assert found.precision == precision and found.recall == pytest.approx(recall)
    assert step(FOUR, inf).given == 0
    assert step(FOUR._replace(true=0), 0.5).recall is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "events"])
def test_the_models_own_thresholds_give_what_was_given(kind: str, tmp_path: Path) -> None:
    report = KINDS[kind](tmp_path)
    assert isinstance(report, Report)
    if isinstance(report, mm.ImageReport):
        report = report.model_copy(update={"thresholds": {"dog": 0.5, "cat": 0.5}})
    own_thresholds_give_what_was_given(report)


def own_thresholds_give_what_was_given(report: Report) -> None:
    """Whatever model a report is of: what is counted at its thresholds is what it said."""
    own, by_label = chosen(report), candidates_of(report)
    assert set(own) == set(by_label) and own
    counted, really = together([step(by_label[label], own[label]) for label in own], 0.0), given_by(report)
    assert really is not None
    assert (counted.given, counted.right, counted.true) == (really.given, really.right, really.true)


def test_a_lower_threshold_never_gives_less(tmp_path: Path) -> None:
    for kind, make in KINDS.items():
        report = make(tmp_path)
        if kind != "events" and isinstance(report, Report):
            for candidates in candidates_of(report).values():
                steps = [step(candidates, threshold) for threshold in np.linspace(0, 1, 21)]
                assert all(a.given >= b.given and a.right >= b.right for a, b in pairwise(steps))


def test_a_score_is_the_root_of_the_confidence_times_the_familiarity() -> None:
    surest = mm.Score(label="dog", confidence=0.81)
    said = mm.ImagePrediction(label="dog", confidence=0.81, familiarity=0.5, score=0.45, alternatives=(surest,))
    assert scores_by_label([said], ("cat", "dog")).tolist() == [[0.0, pytest.approx(0.45)]]
    unmeasured = said.model_copy(update={"familiarity": 0.0})
    assert scores_by_label([unmeasured], ("dog",)).tolist() == [[0.81]], "a service has none: its confidence counts"


def test_no_threshold_gives_a_label_to_silence(tmp_path: Path) -> None:
    report = KINDS["sounds"](tmp_path)
    assert isinstance(report, mm.AudioReport)
    silent = tuple(
        one.model_copy(
            update={"prediction": one.prediction.model_copy(update={"label": None, "labels": (), "reason": "silence"})}
        )
        for one in report.outcomes
    )
    quiet = candidates_of(report.model_copy(update={"outcomes": silent}))
    assert [step(one, 0.0).given for one in quiet.values()] == [0, 0, 0]


def test_hours_are_those_of_the_clips(tmp_path: Path) -> None:
    report = KINDS["sounds"](tmp_path)
    assert isinstance(report, Report)
    assert hours_of(report) == pytest.approx(15 / 3600), "fifteen clips of a second"
    pictures = KINDS["pictures"](tmp_path)
    assert isinstance(pictures, Report) and hours_of(pictures) == 0


def test_what_clips_share_counts_once_in_the_hours(tmp_path: Path) -> None:
    """A second at every quarter of one: 25 such clips are 7 s of sound, and not 25."""
    parts = [mm.Segment(start=number / 4, end=number / 4 + 1) for number in range(25)]
    overlapping = [outcome(tmp_path / "a.wav", ("hum", "hum", 0.9), segment=one) for one in parts]
    assert hours_of(report_of(overlapping)) == pytest.approx(7 / 3600)
    apart = [outcome(tmp_path / "a.wav", ("hum", "hum", 0.9), segment=mm.Segment(start=20, end=21))]
    elsewhere = [outcome(tmp_path / "b.wav", ("hum", "hum", 0.9), segment=parts[0])]
    assert hours_of(report_of([*reversed(overlapping), *apart, *elsewhere])) == pytest.approx(9 / 3600)


def test_a_report_without_outcomes_has_nothing_to_explore(tmp_path: Path) -> None:
    report = KINDS["sounds"](tmp_path)
    assert isinstance(report, Report)
    bare = report.model_copy(update={"outcomes": ()})
    assert candidates_of(bare) == {} and given_by(bare) is None
