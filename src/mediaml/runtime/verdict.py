"""From what was heard of a sound to a verdict: labels, or nothing recognised with the reason."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

import numpy as np

from .dsp import SILENCE_DBFS
from .familiarity import score
from .recogniser import Rule
from .spec import Spec

TOO_SHORT = "too_short"
SILENCE = "silence"


class Impression(NamedTuple):
    """What was heard of one sound.

    Parameters
    ----------
    seconds
        How long it is.
    level
        dB of full scale of its loudest 50 ms.
    probabilities
        Calibrated, float64 [labels]: the mean over its windows.
    familiarity
        How much it is like the training data, 0 to 1: the mean over its windows.
    """

    seconds: float
    level: float
    probabilities: np.ndarray
    familiarity: float


class Verdict(NamedTuple):
    """What is said of it.

    Parameters
    ----------
    given
        The numbers of the labels that are recognised, the surest first; may be none.
    reason
        Why there are none; None where there are.
    score
        The number that the verdict was taken on.
    order
        All labels' numbers by falling probability, int64 [labels].
    """

    given: Tuple[int, ...]
    reason: Optional[str]
    score: float
    order: np.ndarray


def judge(heard: Impression, rule: Rule, spec: Spec) -> Verdict:
    """Give the verdict on a sound.

    Silence and shortness are looked at first: no network knows them, and a confident answer to them is wrong.
    """
    order = np.argsort(-heard.probabilities, kind="stable")
    given, reason = (), None  # type: Tuple[Tuple[int, ...], Optional[str]]
    if heard.seconds < spec.window / spec.sample_rate:
        reason = TOO_SHORT
    elif heard.level < SILENCE_DBFS:
        reason = SILENCE
    else:
        given, reason = rule.decide(heard.probabilities, heard.familiarity)
    scores = score(heard.probabilities, np.asarray(heard.familiarity))
    return Verdict(given, reason, float(scores[given[0] if given else order[0]]), order)
