"""What an endpoint answers, as predictions; and the pieces of a long sound put together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mediaml.backends.verdict import as_prediction
from mediaml.errors import AwsError
from mediaml.runtime.recogniser import Rule
from mediaml.runtime.spec import Spec
from mediaml.runtime.verdict import Impression, judge
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction


class Heard(NamedTuple):
    """What an endpoint heard of a sound, and all that a verdict needs.

    Parameters
    ----------
    impression
        What was heard.
    windows
        In how many windows.
    labels, rule, spec
        Of the model.
    version
        A name for exactly this model.
    """

    impression: Impression
    windows: int
    labels: tuple[str, ...]
    rule: Rule
    spec: Spec
    version: str


def parsed(body: bytes, source: str) -> Heard:
    """Read an answer.

    Raises
    ------
    AwsError
        It is none of a model that mediaml has trained.
    """
    try:
        told: dict[str, Any] = json.loads(body)
        rule = told["rule"]
        thresholds = np.array([np.inf if one is None else one for one in rule["thresholds"]], np.float64)
        level = -np.inf if told["level"] is None else float(told["level"])
        heard = Impression(
            float(told["seconds"]), level, np.array(told["probabilities"], np.float64), float(told["familiarity"])
        )
        return Heard(
            heard,
            int(told["windows"]),
            tuple(told["labels"]),
            Rule(str(rule["objective"]), thresholds, float(rule["typical"])),
            Spec.from_dict(told["spectrogram"]),
            str(told["model"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AwsError(
            f"{source}: this is no answer of a model that mediaml has trained ({error!r}): {body[:200]!r}"
        ) from error


def together(pieces: Sequence[Heard], seconds: float) -> Heard:
    """Put the pieces of a sound of so many seconds together: the mean over all windows, and the highest level."""
    weights = np.array([one.windows for one in pieces], np.float64)
    weights /= weights.sum()
    heard = Impression(
        seconds,
        max(one.impression.level for one in pieces),
        np.sum([weight * one.impression.probabilities for weight, one in zip(weights, pieces, strict=True)], axis=0),
        float(sum(weight * one.impression.familiarity for weight, one in zip(weights, pieces, strict=True))),
    )
    return pieces[0]._replace(impression=heard, windows=sum(one.windows for one in pieces))


def prediction(heard: Heard, segment: Segment, source: str) -> AudioPrediction:
    """Judge as the local model does, by the rule that came with the answer."""
    verdict = judge(heard.impression, heard.rule, heard.spec)
    return as_prediction(verdict, heard.impression, heard.labels, segment, source)
