"""What a model says of a sound."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediaml.values.geometry import Segment

Reason = Literal["silence", "too_short", "low_confidence"]


class Score(BaseModel):
    """A label and how sure the model is of it.

    Parameters
    ----------
    label
        One of the model's labels.
    confidence
        Calibrated probability, 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    confidence: float = Field(ge=0, le=1)

    def __str__(self) -> str:
        return f"{self.label} {percentage(self.confidence)}"


class AudioPrediction(BaseModel):
    """What is heard in a sound: a label, or nothing recognised with the reason, or why it could not be read.

    Parameters
    ----------
    label
        None: nothing was recognised, or the sound could not be read.
    confidence
        Calibrated probability of the best label, 0 to 1, whatever the verdict; 0 where the sound could not be read.
    alternatives
        All labels by falling confidence, whatever the verdict; empty where the sound could not be read.
    score
        The number that the verdict was taken on: a label is given where it reaches the model's threshold.
    reason
        Why nothing was recognised: ``silence`` (no 50 ms of it are louder than -60 dB of full scale), ``too_short``
        (shorter than one analysis window), ``low_confidence`` (the score is below the threshold).
    error
        Why the sound could not be read.
    segment
        The part of the item that was listened to; None where it could not be read.
    source
        What was listened to: the file's path, or ``bytes``, ``array``, ``file``.
    """

    model_config = ConfigDict(frozen=True)

    label: str | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)
    alternatives: tuple[Score, ...] = ()
    score: float = 0.0
    reason: Reason | None = None
    error: str | None = None
    segment: Segment | None = None
    source: str = ""

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if sum(value is not None for value in (self.label, self.reason, self.error)) != 1:
            raise ValueError("a prediction has exactly one of label, reason and error")
        if self.error is not None and (self.alternatives or self.confidence):
            raise ValueError("what could not be read has no alternatives and no confidence")
        return self

    @property
    def recognised(self) -> bool:
        """Whether a label was given."""
        return self.label is not None

    def __str__(self) -> str:
        if self.error is not None:
            return f"not readable ({self.error})"
        if self.label is None:
            return f"nothing recognised ({(self.reason or '').replace('_', ' ')})"
        return f"{self.label} {percentage(self.confidence)}"


def percentage(share: float) -> str:
    """Write a share of 1 as a person would read it: ``97 %``; never 100 % for less than 99.95 %."""
    percent = 100 * share
    if 99.5 <= percent < 99.95:
        return f"{percent:.1f} %"
    return f"{percent:.0f} %"
