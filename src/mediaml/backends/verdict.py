"""From probabilities to a prediction: a label, or nothing recognised with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mediaml.runtime.dsp import SILENCE_DBFS
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
    """

    name: str
    segment: Segment
    level: float
    probabilities: npt.NDArray[np.float64]


def judge(impression: Impression, labels: Sequence[str], threshold: float, spec: Spec) -> AudioPrediction:
    """Give the verdict on an item.

    Silence and shortness are looked at first: no network knows them, and a confident answer to them is wrong.
    """
    order = np.argsort(-impression.probabilities, kind="stable")
    confidence = [min(1.0, float(impression.probabilities[number])) for number in order]
    alternatives = tuple(Score(label=labels[n], confidence=c) for n, c in zip(order, confidence, strict=True))
    reason: Reason | None = None
    if impression.segment.duration < spec.n_fft / spec.sample_rate:
        reason = "too_short"
    elif impression.level < SILENCE_DBFS:
        reason = "silence"
    elif confidence[0] < threshold:
        reason = "low_confidence"
    return AudioPrediction(
        label=alternatives[0].label if reason is None else None,
        confidence=confidence[0],
        alternatives=alternatives,
        score=confidence[0],
        reason=reason,
        segment=impression.segment,
        source=impression.name,
    )
