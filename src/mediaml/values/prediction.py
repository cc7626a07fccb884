"""What a model says of a sound."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediaml.values.geometry import Segment

Reason = Literal["silence", "too_short", "low_confidence", "unlike_training_data"]


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
    labels
        All labels that were recognised, the surest first: at most one in a model that gives one label a sound.
    confidence
        Calibrated probability of the best label, 0 to 1, whatever the verdict; 0 where the sound could not be read.
    alternatives
        All labels by falling confidence, whatever the verdict; empty where the sound could not be read. They add up to
        1, but in a model that gives several labels a sound.
    score
        The number that the verdict was taken on, ``sqrt(confidence) * familiarity``: a label is given where it reaches
        the model's threshold for this label.
    familiarity
        How much the sound is like the training data, 0 to 1: the mean cosine similarity to the three nearest training
        clips, less where background is nearer.
    reason
        Why nothing was recognised: ``silence`` (no 50 ms of it are louder than -60 dB of full scale), ``too_short``
        (shorter than one analysis window), ``unlike_training_data`` (the score is below the threshold, and would not be
        if the sound were as familiar as known sounds are), ``low_confidence`` (it is below the threshold anyway).
    error
        Why the sound could not be read.
    segment
        The part of the item that was listened to; None where it could not be read.
    source
        What was listened to: the file's path, or ``bytes``, ``array``, ``file``.
    """

    model_config = ConfigDict(frozen=True)

    label: str | None = None
    labels: tuple[str, ...] = ()
    confidence: float = Field(default=0.0, ge=0, le=1)
    alternatives: tuple[Score, ...] = ()
    score: float = 0.0
    familiarity: float = Field(default=0.0, ge=0, le=1)
    reason: Reason | None = None
    error: str | None = None
    segment: Segment | None = None
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_label_alone(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("label") is not None and not values.get("labels"):
            return {**values, "labels": (values["label"],)}
        return values

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if self.labels[:1] != (() if self.label is None else (self.label,)):
            raise ValueError("the first of the labels is the label")
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
        sure = {one.label: one.confidence for one in self.alternatives}
        return ", ".join(f"{label} {percentage(sure.get(label, self.confidence))}" for label in self.labels)


def percentage(share: float) -> str:
    """Write a share of 1 as a person would read it: ``97 %``; never 100 % for less than 99.95 %."""
    percent = 100 * share
    if 99.5 <= percent < 99.95:
        return f"{percent:.1f} %"
    return f"{percent:.0f} %"
