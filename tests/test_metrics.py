"""Truth and predictions to numbers, checked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaml.metrics import audio_report
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
    assert report.per_label["cow"].model_dump() == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
    assert report.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2), "labels that the test lacks do not count"
    assert report.coverage == pytest.approx(4 / 5)
    assert report.accepted_accuracy == pytest.approx(3 / 4)
    assert (report.clips, report.recordings) == (5, 2)
    # five bins of one: |0.6-0| |0.7-1| |0.8-1| |0.9-1| |0.95-0|
    assert report.expected_calibration_error == pytest.approx((0.6 + 0.3 + 0.2 + 0.1 + 0.95) / 5)


def test_nothing_accepted_has_no_accepted_accuracy() -> None:
    report = audio_report([outcome("dog", "dog", 0.5, accepted=False)], ("cat", "dog"))
    assert report.coverage == 0
    assert report.accepted_accuracy is None
    assert "a label given to 0 %" in str(report)


def test_mistakes_come_with_the_surest_first() -> None:
    report = audio_report(OUTCOMES, ("cat", "dog"))
    assert [one.prediction.confidence for one in report.mistakes] == [0.95, 0.6]


def test_prints_and_survives_json() -> None:
    report = audio_report(OUTCOMES, ("cat", "dog"), unreadable=["c.wav: gone"])
    assert "accuracy 60 %" in str(report)
    assert "1 could not be read" in str(report)
    assert type(report).model_validate_json(report.model_dump_json()) == report
