"""Several labels a clip: scikit-learn's numbers, and what a person would expect of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.metrics.multi_label import average_precision, multi_label_report, weighted_average_precision
from mediaml.values.clip import Clip
from mediaml.values.multi_label_report import MultiLabelOutcome, MultiLabelReport
from mediaml.values.prediction import AudioPrediction, Score

REFERENCE = json.loads((Path(__file__).parent / "references" / "average_precision.json").read_text())
ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=25)


def outcome(
    truths: Sequence[str], confidence: dict[str, float], thresholds: Sequence[float] = (0.5,) * 50, file: str = "a.wav"
) -> MultiLabelOutcome:
    ranked = sorted(confidence.items(), key=lambda one: -one[1])
    least = dict(zip(confidence, thresholds, strict=False))
    given = tuple(label for label, sure in ranked if sure >= least[label])
    prediction = AudioPrediction(
        label=given[0] if given else None,
        labels=given,
        reason=None if given else "low_confidence",
        confidence=ranked[0][1],
        alternatives=tuple(Score(label=label, confidence=sure) for label, sure in ranked),
    )
    return MultiLabelOutcome(clip=Clip(path=Path(file)), truths=tuple(truths), prediction=prediction)


LABELS = ("bird", "rain", "wind")
OUTCOMES = [
    outcome(["bird", "rain"], {"bird": 0.9, "rain": 0.8, "wind": 0.1}, file="a.wav"),
    outcome(["rain"], {"bird": 0.6, "rain": 0.7, "wind": 0.2}, file="a.wav"),
    outcome([], {"bird": 0.1, "rain": 0.3, "wind": 0.4}, file="b.wav"),
    outcome(["bird"], {"bird": 0.3, "rain": 0.2, "wind": 0.1}, file="c.wav"),
]


def sure_of(one: MultiLabelOutcome, label: str) -> float:
    return next(score.confidence for score in one.prediction.alternatives if score.label == label)


def report_of(case: dict[str, Any]) -> MultiLabelReport:
    names = [f"label {number}" for number in range(len(case["thresholds"]))]
    outcomes = [
        outcome(
            [name for name, true in zip(names, row, strict=True) if true],
            dict(zip(names, sure, strict=True)),
            case["thresholds"],
        )
        for row, sure in zip(case["truth"], case["confidence"], strict=True)
    ]
    return multi_label_report(outcomes, names, case["thresholds"])


@pytest.mark.parametrize("case", REFERENCE["several_labels"])
def test_figures_are_those_of_scikit_learn(case: dict[str, Any]) -> None:
    report = report_of(case)
    for figure in ("average_precision", "precision", "recall", "f1", "brier"):
        measured = [getattr(score, figure) for score in report.per_label.values()]
        assert measured == pytest.approx(case[figure], abs=1e-12), figure
    assert report.mean_average_precision == pytest.approx(case["mean_average_precision"], abs=1e-12)
    assert report.macro_f1 == pytest.approx(np.mean(case["f1"]), abs=1e-12)
    assert report.micro_f1 == pytest.approx(case["micro_f1"], abs=1e-12)
    assert report.precision == pytest.approx(case["micro_precision"], abs=1e-12)
    assert report.recall == pytest.approx(case["micro_recall"], abs=1e-12)
    assert report.subset_accuracy == pytest.approx(case["subset_accuracy"], abs=1e-12)
    assert report.brier == pytest.approx(np.mean(case["brier"]), abs=1e-6)  # summed in float32


@pytest.mark.parametrize("case", REFERENCE["weighted"])
def test_clips_that_count_several_times_are_those_of_scikit_learn(case: dict[str, Any]) -> None:
    truth, confidence = np.array(case["truth"], bool), np.array(case["confidence"])
    weights = np.array(case["weights"], np.float32)[:, None]
    assert weighted_average_precision(truth, confidence, weights) == pytest.approx(case["average_precision"])


@given(ROWS, st.lists(st.integers(0, 3), min_size=25, max_size=25))
def test_a_weight_is_a_clip_that_comes_as_often(rows: list[tuple[bool, int]], often: list[int]) -> None:
    truth, confidence = np.array([row[0] for row in rows]), np.array([row[1] / 5 for row in rows])
    times = np.array(often[: len(rows)])
    weighted = weighted_average_precision(truth, confidence, times.astype(np.float32)[:, None])[0]
    repeated = average_precision(np.repeat(truth, times), np.repeat(confidence, times)) if times.sum() else None
    assert np.isnan(weighted) if repeated is None else weighted == pytest.approx(repeated)


@given(ROWS)
def test_average_precision_looks_at_the_order_only(rows: list[tuple[bool, int]]) -> None:
    truth, confidence = np.array([row[0] for row in rows]), np.array([row[1] / 5 for row in rows])
    found = average_precision(truth, confidence)
    assert average_precision(truth, confidence**3 / 2) == found
    if found is not None:
        assert truth.mean() / len(truth) <= found <= 1
        assert average_precision(truth, truth.astype(float)) == pytest.approx(1)


def test_every_figure_by_hand() -> None:
    report = multi_label_report(OUTCOMES, LABELS, (0.5, 0.5, 0.5), data={"content": "b"}, unreadable=["d.wav: gone"])
    bird, rain, wind = (report.per_label[label] for label in LABELS)
    # bird: places 0.9 true, 0.6 not, 0.3 true, 0.1 not
    assert bird.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert (bird.precision, bird.recall, bird.f1) == pytest.approx((1 / 2, 1 / 2, 1 / 2))
    assert (rain.average_precision, rain.precision, rain.recall) == (1, 1, 1)
    assert wind.average_precision is None and wind.support == 0
    assert (bird.support, bird.groups) == (2, 2) and (rain.support, rain.groups) == (2, 1)
    assert report.mean_average_precision == pytest.approx((5 / 6 + 1) / 2), "labels that the test lacks do not count"
    assert report.macro_f1 == pytest.approx((1 / 2 + 1) / 2)
    assert (report.precision, report.recall, report.subset_accuracy) == pytest.approx((3 / 4, 3 / 4, 2 / 4))
    assert report.coverage == pytest.approx(2 / 4)
    assert bird.brier == pytest.approx((0.1**2 + 0.6**2 + 0.1**2 + 0.7**2) / 4)
    assert (report.clips, report.recordings) == (4, 3)


def test_what_was_given_is_what_the_verdicts_say() -> None:
    own = (0.25, 0.75, 0.5)
    outcomes = [
        outcome(one.truths, {label: sure_of(one, label) for label in LABELS}, own, str(one.clip.path))
        for one in OUTCOMES
    ]
    report = multi_label_report(outcomes, LABELS, own)
    assert (report.per_label["bird"].recall, report.per_label["rain"].recall) == (1, 1 / 2)
    assert report.per_label["rain"].threshold == 0.75
    never = multi_label_report(outcomes, LABELS, (0.25, float("inf"), 0.5))
    assert [score.threshold for score in never.per_label.values()] == [0.25, None, 0.5]
    assert "Infinity" not in json.dumps(never.model_dump(mode="json"))
    with pytest.raises(ValueError, match="3 labels need as many thresholds, not 2"):
        multi_label_report(OUTCOMES, LABELS, (0.5, 0.5))


def test_every_figure_lies_in_its_interval() -> None:
    report = multi_label_report(OUTCOMES, LABELS, (0.5, 0.5, 0.5))
    assert set(report.intervals) == {
        *("mean_average_precision", "macro_f1", "micro_f1", "precision", "recall"),
        *("subset_accuracy", "coverage", "brier", "expected_calibration_error"),
    }
    for name, between in report.intervals.items():
        assert between.low <= getattr(report, name) <= between.high, name


def test_intervals_are_those_of_recordings_not_of_clips() -> None:
    case = next(case for case in REFERENCE["several_labels"] if len(case["truth"]) == 60)
    apart = report_of(case)
    names = list(apart.per_label)
    several = [one.model_copy(update={"clip": Clip(path=Path(f"{n}.wav"))}) for n, one in enumerate(apart.outcomes)]
    five_times = [one for one in several for _ in range(5)]
    once, often = (multi_label_report(of, names, case["thresholds"]) for of in (several, five_times))
    for name in ("mean_average_precision", "micro_f1", "precision"):
        assert often.intervals[name].width == pytest.approx(once.intervals[name].width, rel=0.05), name


def test_doubts_are_said() -> None:
    report = multi_label_report(
        OUTCOMES, LABELS, (0.5, 0.5, 0.5), model={"data": {"train": {"content": "b"}}}, data={"content": "b"}
    )
    said = " ".join(report.warnings)
    assert "very clips of the model's training data" in said
    assert "3 recordings are too few" in said
    assert "Fewer than 5 recordings of bird, rain" in said
    assert "no clip of it: wind" in said
    assert "too small to tell: on more sounds of this kind the recall" in said


def test_labels_whose_confidence_is_untrue_are_named() -> None:
    outcomes = [outcome(["rain"], {"bird": 0.9, "rain": 0.99, "wind": 0.01}, file=f"{n}.wav") for n in range(60)]
    said = " ".join(multi_label_report(outcomes, LABELS, (0.5, 0.5, 0.5)).warnings)
    assert "stated confidences of bird are not to be taken at their word" in said


def test_a_test_without_any_label_has_no_average_precision() -> None:
    silent = multi_label_report([OUTCOMES[2]] * 3, LABELS, (0.5, 0.5, 0.5))
    assert silent.mean_average_precision is None and silent.macro_f1 is None
    assert "not measured" in str(silent)


def test_prints_and_survives_json() -> None:
    report = multi_label_report(OUTCOMES, LABELS, (0.5, 0.5, 0.5), unreadable=["d.wav: gone"])
    assert "mean average precision 0.917 (" in str(report)
    assert "1 could not be read" in str(report)
    assert "! Fewer than 5 recordings of bird, rain" in str(report)
    assert MultiLabelReport.model_validate_json(report.model_dump_json()) == report


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=12))
def test_whatever_the_test_holds_there_is_a_report(rows: list[tuple[int, int, int]]) -> None:
    outcomes = [
        outcome(
            [label for bit, label in enumerate(LABELS) if truths >> bit & 1],
            {"bird": sure / 5, "rain": 1 - sure / 5, "wind": 0.5},
            file=f"{file}.wav",
        )
        for truths, sure, file in rows
    ]
    report = multi_label_report(outcomes, LABELS, (0.5, 0.4, 0.6))
    for name, between in report.intervals.items():
        assert 0 <= between.low <= getattr(report, name) <= between.high, name
    assert MultiLabelReport.model_validate_json(report.model_dump_json()) == report
