"""A verdict as a prediction."""

from __future__ import annotations

from collections.abc import Sequence

from mediaml.runtime.verdict import Impression, Verdict
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction, Score


def as_prediction(
    verdict: Verdict, heard: Impression, labels: Sequence[str], segment: Segment, source: str
) -> AudioPrediction:
    """Say what a verdict means: of which labels, of which part of what."""
    confidence = [min(1.0, float(heard.probabilities[number])) for number in verdict.order]
    names = tuple(labels[number] for number in verdict.given)
    return AudioPrediction(
        label=names[0] if names else None,
        labels=names,
        confidence=confidence[0],
        alternatives=tuple(
            Score(label=labels[n], confidence=c) for n, c in zip(verdict.order, confidence, strict=True)
        ),
        score=verdict.score,
        familiarity=min(1.0, heard.familiarity),
        reason=verdict.reason,
        segment=segment,
        source=source,
    )
