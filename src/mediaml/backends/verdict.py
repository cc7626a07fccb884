"""From what a recogniser hears to a prediction: labels, or nothing recognised with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mediaml.runtime.dsp import SILENCE_DBFS
from mediaml.runtime.familiarity import score
from mediaml.runtime.recogniser import Recogniser
from mediaml.runtime.spec import Spec
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction, Reason, Score


@dataclass(frozen=True, slots=True)
class Impression:
    """What was heard of one item.

    Parameters
    ----------
    name
        Of the item.
    segment
        The part of its source that it is.
    level
        dB of full scale of its loudest 50 ms.
    probabilities
        Calibrated, float64 [labels]: the mean over the item's windows.
    familiarity
        How much it is like the training data, 0 to 1: the mean over the item's windows.
    """

    name: str
    segment: Segment
    level: float
    probabilities: npt.NDArray[np.float64]
    familiarity: float


def judge(impression: Impression, labels: Sequence[str], recogniser: Recogniser, spec: Spec) -> AudioPrediction:
    """Give the verdict on an item.

    Silence and shortness are looked at first: no network knows them, and a confident answer to them is wrong.
    """
    order = np.argsort(-impression.probabilities, kind="stable")
    confidence = [min(1.0, float(impression.probabilities[number])) for number in order]
    alternatives = tuple(Score(label=labels[n], confidence=c) for n, c in zip(order, confidence, strict=True))
    given: tuple[int, ...] = ()
    reason: Reason | None
    if impression.segment.duration < spec.window / spec.sample_rate:
        reason = "too_short"
    elif impression.level < SILENCE_DBFS:
        reason = "silence"
    else:
        given, reason = recogniser.decide(impression.probabilities, impression.familiarity)  # type: ignore[assignment]
    names = tuple(labels[number] for number in given)
    scores = score(impression.probabilities, np.asarray(impression.familiarity))
    return AudioPrediction(
        label=names[0] if names else None,
        labels=names,
        confidence=confidence[0],
        alternatives=alternatives,
        score=float(scores[given[0] if given else order[0]]),
        familiarity=min(1.0, impression.familiarity),
        reason=reason,
        segment=impression.segment,
        source=impression.name,
    )
