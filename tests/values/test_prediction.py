"""Predictions and segments as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction, Score, percentage

BARK = Score(label="dog_bark", confidence=0.97)


def test_prints_as_a_person_would_say_it() -> None:
    assert str(AudioPrediction(label="dog_bark", confidence=0.97, alternatives=(BARK,), score=0.97)) == "dog_bark 97 %"
    assert str(AudioPrediction(reason="silence")) == "nothing recognised (silence)"
    assert str(AudioPrediction(reason="low_confidence", confidence=0.3)) == "nothing recognised (low confidence)"
    assert str(AudioPrediction(error="a.wav: no such file")) == "not readable (a.wav: no such file)"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"label": "dog", "reason": "silence"},
        {"label": "dog", "error": "broken"},
        {"error": "broken", "confidence": 0.5},
        {"error": "broken", "alternatives": (BARK,)},
        {"label": "dog", "confidence": 1.01},
        {"reason": "boredom"},
    ],
)
def test_contradictions_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AudioPrediction(**wrong)


def test_values_are_frozen() -> None:
    with pytest.raises(ValidationError):
        BARK.confidence = 1.0  # type: ignore[misc]


def test_json_round_trip() -> None:
    one = AudioPrediction(
        label="dog_bark", confidence=0.97, alternatives=(BARK,), score=0.97, segment=Segment(start=1, end=2), source="a"
    )
    assert AudioPrediction.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.974, "97 %"), (0.9962, "99.6 %"), (0.99949, "99.9 %"), (1.0, "100 %")]
)
def test_percentage(share: float, text: str) -> None:
    assert percentage(share) == text


@given(st.floats(0, 0.9994))
def test_only_certainty_prints_as_certain(share: float) -> None:
    assert percentage(share) != "100 %"


class TestSegment:
    @pytest.mark.parametrize(("start", "end"), [(2, 1), (-1, 1), (0, float("inf")), (float("nan"), 1)])
    def test_impossible_stretches_are_refused(self, start: float, end: float) -> None:
        with pytest.raises(ValidationError):
            Segment(start=start, end=end)
