"""Truth and predictions to numbers, checked by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.metrics.calibration import brier_scores, log_losses
from mediaml.metrics.classification import audio_report
from mediaml.values.clip import Clip
from mediaml.values.prediction import AudioPrediction, Score
from mediaml.values.report import Outcome


def outcome(truth: str, best: str, confidence: float, accepted: bool = True, file: str = "a.wav") -> Outcome:
    other = "cat" if best == "dog" else "dog"
    prediction = AudioPrediction(
        label=best if accepted else None,
        reason=None if accepted else "low_confidence",
        confidence=confidence,
        alternatives=(Score(label=best, confidence=confidence), Score(label=other, confidence=1 - confidence)),
        score=confidence,
    )
    return Outcome(clip=Clip(path=Path(file), labels=(truth,)), truth=truth, prediction=prediction)


OUTCOMES = [
    outcome("dog", "dog", 0.9),
    outcome("dog", "dog", 0.8),
    outcome("dog", "cat", 0.6, accepted=False),
    outcome("cat", "cat", 0.7, file="b.wav"),
    outcome("cat", "dog", 0.95, file="b.wav"),
]


def test_every_figure() -> None:
    report = audio_report(OUTCOMES, ("cat", "dog", "cow"))
    assert report.accuracy == pytest.approx(3 / 5)
    assert report.confusion == ((1, 1, 0), (1, 2, 0), (0, 0, 0))
    dog = report.per_label["dog"]
    assert (dog.precision, dog.recall, dog.f1, dog.support) == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert report.per_label["cow"].model_dump() == {
        **dict.fromkeys(("precision", "recall", "f1", "support", "groups"), 0)
    }
    assert (dog.groups, report.per_label["cat"].groups) == (1, 1)
    assert report.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2), "labels that the test lacks do not count"
    assert report.coverage == pytest.approx(4 / 5)
    assert report.accepted_accuracy == pytest.approx(3 / 4)
    assert (report.clips, report.recordings) == (5, 2)
    # five bins of one: |0.6-0| |0.7-1| |0.8-1| |0.9-1| |0.95-0|
    assert report.expected_calibration_error == pytest.approx((0.6 + 0.3 + 0.2 + 0.1 + 0.95) / 5)
    # (1 - 0.9) twice over: of the true label and of the other one
    assert report.brier == pytest.approx(2 * (0.1**2 + 0.2**2 + 0.6**2 + 0.3**2 + 0.95**2) / 5)
    assert report.negative_log_likelihood == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.7, 0.05]).mean())


def test_nothing_accepted_has_no_accepted_accuracy() -> None:
    report = audio_report([outcome("dog", "dog", 0.5, accepted=False)], ("cat", "dog"))
    assert report.coverage == 0
    assert report.accepted_accuracy is None
    assert "a label given to 0 %" in str(report)
    assert "accepted_accuracy" not in report.intervals


def test_mistakes_come_with_the_surest_first() -> None:
    report = audio_report(OUTCOMES, ("cat", "dog"))
    assert [one.prediction.confidence for one in report.mistakes] == [0.95, 0.6]


def test_prints_and_survives_json() -> None:
    report = audio_report(OUTCOMES, ("cat", "dog"), unreadable=["c.wav: gone"])
    assert "accuracy 60 % (" in str(report)
    assert "! 2 recordings are too few to rely on" in str(report)
    assert "1 could not be read" in str(report)
    assert type(report).model_validate_json(report.model_dump_json()) == report


REFERENCE = json.loads((Path(__file__).parent / "references" / "average_precision.json").read_text())
LABELS = ("cat", "dog")


@pytest.mark.parametrize("case", REFERENCE["one_label"])
def test_proper_scores_are_those_of_scikit_learn(case: dict[str, Any]) -> None:
    rows = zip(case["truth"], case["probabilities"], strict=True)
    found = [spread(truth, row, f"{n}.wav") for n, (truth, row) in enumerate(rows)]
    report = audio_report(found, [str(number) for number in range(len(case["probabilities"][0]))])
    assert report.brier == pytest.approx(case["brier"], rel=1e-9)
    assert report.negative_log_likelihood == pytest.approx(case["log_loss"], rel=1e-9)


def spread(truth: int, probabilities: Sequence[float], file: str) -> Outcome:
    """An outcome with any number of labels, which are numbers."""
    ranked = sorted(enumerate(probabilities), key=lambda one: -one[1])
    prediction = AudioPrediction(
        label=str(ranked[0][0]),
        confidence=ranked[0][1],
        alternatives=tuple(Score(label=str(label), confidence=sure) for label, sure in ranked),
    )
    return Outcome(clip=Clip(path=Path(file)), truth=str(truth), prediction=prediction)


def test_the_impossible_costs_much_but_not_everything() -> None:
    sure = [outcome("cat", "dog", 1.0)]
    assert brier_scores(sure).tolist() == [2.0]
    assert log_losses(sure)[0] == pytest.approx(27.631, abs=1e-3)


def test_what_a_test_of_this_size_shows_by_chance_is_told() -> None:
    few, many = (
        audio_report([outcome("dog", "dog", 0.8, file=f"{n}.wav") for n in range(count)], LABELS) for count in (20, 500)
    )
    assert few.expected_calibration_error_by_chance > 0.1 > 0.06 > many.expected_calibration_error_by_chance
    assert f"by chance alone {few.expected_calibration_error_by_chance:.3f}" in str(few)


# -- how far it can be trusted ----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LABELS), st.sampled_from(LABELS), st.floats(0.5, 1), st.booleans(), st.integers(0, 5)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_whatever_was_found_every_figure_lies_in_its_interval(rows: list[tuple[str, str, float, bool, int]]) -> None:
    report = audio_report([outcome(*row[:4], file=f"{row[4]}.wav") for row in rows], LABELS)
    assert {"accuracy", "coverage"} <= set(report.intervals)
    assert report.recordings > 1 or set(report.intervals) <= {"accuracy", "coverage", "accepted_accuracy"}
    assert all(between.width > 0 for between in report.intervals.values())
    for name, between in report.intervals.items():
        assert 0 <= between.low <= getattr(report, name) <= between.high, name
    assert type(report).model_validate_json(report.model_dump_json()) == report


def test_a_hundred_clips_of_four_recordings_are_four_proofs() -> None:
    def width(recordings: int) -> float:
        found = [
            outcome("dog", "dog" if n % recordings else "cat", 0.9, file=f"{n % recordings}.wav") for n in range(100)
        ]
        return audio_report(found, LABELS).intervals["accuracy"].width

    assert width(4) > 0.6 > 0.1 > width(100)


def test_all_right_is_written_with_its_doubt() -> None:
    report = audio_report([outcome("dog", "dog", 0.99, file=f"{n}.wav") for n in range(40)], LABELS)
    assert "accuracy 100 % (91-100 %), macro F1 1.000 on" in str(report)
    assert "macro_f1" not in report.intervals, "1.000 to 1.000 would claim certainty"


def test_a_good_and_large_test_is_not_doubted() -> None:
    random = np.random.default_rng(5)
    found = []
    for number in range(400):
        sure = float(random.uniform(0.7, 1))
        truth, other = LABELS if number % 2 else LABELS[::-1]
        found.append(outcome(truth, truth if random.random() < sure else other, sure, file=f"{number}.wav"))
    model, data = {"data": {"train": {"content": "a"}, "validation": {"content": "b"}}}, {"content": "c"}
    assert audio_report(found, LABELS, model=model, data=data).warnings == ()


@pytest.mark.parametrize(("part", "name"), [("train", "training"), ("validation", "validation")])
def test_measuring_on_what_it_was_made_with_is_said_everywhere(part: str, name: str) -> None:
    report = audio_report(OUTCOMES, LABELS, model={"data": {part: {"content": "a"}}}, data={"content": "a"})
    said = f"the very clips of the model's {name} data"
    assert said in report.warnings[0]
    assert said in str(report) and said in report.model_dump_json() and said in unescape(report._repr_html_())


def test_labels_with_few_recordings_or_none_are_named() -> None:
    many = [outcome("dog", "dog", 0.9, file=f"{n}.wav") for n in range(40)]
    few = [outcome("cat", "cat", 0.9, file=f"cat{n % 4}.wav") for n in range(40)]
    warnings = " ".join(audio_report([*many, *few], (*LABELS, "cow")).warnings)
    assert "Fewer than 5 recordings of cat: what is said of this label" in warnings
    assert "no clip of it: cow" in warnings
    assert "too few" not in warnings


def test_a_wide_interval_and_few_recordings_are_said() -> None:
    some = [outcome("dog", "dog" if n % 2 else "cat", 0.6, file=f"{n}.wav") for n in range(29)]
    first, second, *_ = audio_report(some, ("cat", "dog")).warnings
    assert "may be anything from" in first and first.endswith(" %.")
    assert "29 recordings are too few" in second
    [alone] = [one for one in audio_report(some[:1], LABELS).warnings if "too few" in one]
    assert alone.startswith("1 recording is too few")


def test_untrue_confidence_is_said_but_not_what_one_odd_recording_does() -> None:
    def said(found: Sequence[Outcome]) -> bool:
        return any("not to be taken at their word" in warning for warning in audio_report(found, LABELS).warnings)

    def mixed(recordings: int) -> list[Outcome]:
        right = [n % 10 % 2 == 0 for n in range(recordings)]
        return [
            outcome("dog", "dog" if right[n % recordings] else "cat", 0.8, file=f"{n % recordings}.wav")
            for n in range(100)
        ]

    assert said(mixed(100)), "half of 100 recordings are right where 80 % were stated"
    assert not said(mixed(4)), "two of 4 recordings may well be"


# -- which recordings are wrong ---------------------------------------------------------------------------------------


def test_wrong_recordings_come_with_the_worst_first() -> None:
    found = [
        outcome("dog", "dog", 0.9, file="good.wav"),
        *[outcome("dog", "cat", sure, file="half.wav") for sure in (0.6, 0.8)],
        *[outcome("dog", "dog", 0.9, file="half.wav")] * 2,
        outcome("dog", "cat", 0.7, file="all.wav"),
        outcome("cat", "dog", 0.95, file="surer.wav"),
        *[outcome("cat", "dog", 0.6, file="two.wav")] * 2,
    ]
    report = audio_report(found, LABELS)
    assert [one.path.name for one in report.wrong_recordings] == ["two.wav", "surer.wav", "all.wav", "half.wav"]
    half = report.wrong_recordings[-1]
    assert (half.truth, half.clips, half.wrong, half.heard, half.confidence) == ("dog", 4, 2, "cat", 0.7)
    assert str(half) == "half.wav: 2 of 4 clips of dog heard wrong, mostly as cat (70 %)"


def test_a_recording_with_two_labels_is_judged_for_each() -> None:
    found = [outcome("dog", "cat", 0.9), outcome("cat", "dog", 0.8), outcome("cat", "cat", 0.9)]
    assert [(one.truth, one.wrong, one.clips) for one in audio_report(found, LABELS).wrong_recordings] == [
        ("dog", 1, 1),
        ("cat", 1, 2),
    ]


def test_what_most_clips_are_heard_as_counts() -> None:
    heard = [("1", 0.5), ("1", 0.6), ("2", 0.9), ("0", 0.9)]
    found = [
        spread(0, [sure if str(label) == best else (1 - sure) / 2 for label in range(3)], "a.wav")
        for best, sure in heard
    ]
    [wrong] = audio_report(found, ("0", "1", "2")).wrong_recordings
    assert (wrong.heard, wrong.wrong, wrong.clips) == ("1", 3, 4)
    assert wrong.confidence == pytest.approx(0.55)


@pytest.mark.slow
def test_ten_thousand_clips_of_two_thousand_recordings_take_seconds_at_most() -> None:
    random = np.random.default_rng(0)
    labels = [str(number) for number in range(10)]
    found = []
    for number in range(10_000):
        probabilities = random.dirichlet(np.full(10, 0.3))
        found.append(spread(int(random.choice(10, p=probabilities)), probabilities.tolist(), f"{number // 5}.wav"))
    start = time.process_time()
    report = audio_report(found, labels)
    assert time.process_time() - start < 3
    assert report.recordings == 2000
    assert report.intervals["accuracy"].width == pytest.approx(2 * 1.96 * (0.25 / 10_000) ** 0.5, rel=1.5)
