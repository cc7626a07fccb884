"""What a model says of a sound or a picture."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediaml import _forward
from mediaml.values.geometry import Box, Segment

Reason = Literal["silence", "too_short", "low_confidence", "unlike_training_data"]
PictureReason = Literal["blank", "too_small", "no_face", "low_confidence", "unlike_training_data"]


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


class Prediction(BaseModel):
    """What predictions of all kinds have in common: a label, or nothing recognised, or why it could not be read.

    Parameters
    ----------
    label
        None: nothing was recognised, or the item could not be read.
    labels
        All labels that were recognised, the surest first: at most one in a model that gives one label an item.
    confidence
        Calibrated probability of the best label, 0 to 1, whatever the verdict; 0 where the item could not be read.
    alternatives
        All labels by falling confidence, whatever the verdict; empty where the item could not be read. They add up to
        1, but in a model that gives several labels an item.
    score
        The number that the verdict was taken on, ``sqrt(confidence) * familiarity``: a label is given where it reaches
        the model's threshold for this label.
    familiarity
        How much the item is like the training data, 0 to 1: the mean cosine similarity to the three nearest training
        examples, less where background is nearer.
    reason
        Why nothing was recognised: ``unlike_training_data`` (the score is below the threshold, and would not be if the
        item were as familiar as known ones are), ``low_confidence`` (it is below the threshold anyway), and what each
        kind adds.
    error
        Why the item could not be read.
    source
        What was looked at or listened to: the file's path, or ``bytes``, ``array``, ``file``.
    """

    model_config = ConfigDict(frozen=True)

    label: str | None = None
    labels: tuple[str, ...] = ()
    confidence: float = Field(default=0.0, ge=0, le=1)
    alternatives: tuple[Score, ...] = ()
    score: float = 0.0
    familiarity: float = Field(default=0.0, ge=0, le=1)
    reason: str | None = None
    error: str | None = None
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

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.predictions", "prediction_html", self)
        return html

    def __str__(self) -> str:
        if self.error is not None:
            return f"not readable ({self.error})"
        if self.label is None:
            return f"nothing recognised ({(self.reason or '').replace('_', ' ')})"
        sure = {one.label: one.confidence for one in self.alternatives}
        return ", ".join(f"{label} {percentage(sure.get(label, self.confidence))}" for label in self.labels)


class AudioPrediction(Prediction):
    """What is heard in a sound: a label, or nothing recognised with the reason, or why it could not be read.

    Parameters
    ----------
    label, labels, confidence, alternatives, score, familiarity, error, source
        As in every `Prediction`.
    reason
        Why nothing was recognised: ``silence`` (no 50 ms of it are louder than -60 dB of full scale), ``too_short``
        (shorter than one analysis window), ``unlike_training_data`` or ``low_confidence`` (see `Prediction`).
    segment
        The part of the item that was listened to; None where it could not be read.
    """

    reason: Reason | None = None
    segment: Segment | None = None


class ImagePrediction(Prediction):
    """What is seen in a picture: labels or boxes, or nothing recognised with the reason, or why it could not be read.

    Parameters
    ----------
    label, labels, confidence, alternatives, score, familiarity, error, source
        As in every `Prediction`. Of a model that finds boxes: the surest box's label, the labels of all boxes, and of
        every label its surest candidate; `score` is the surest box's confidence, `familiarity` is not measured.
    reason
        Why nothing was recognised: ``blank`` (the whole picture has one colour), ``too_small`` (less than 8 pixels
        high or wide), ``no_face`` (of those who look for faces), ``unlike_training_data`` or ``low_confidence`` (see
        `Prediction`).
    boxes
        Where the things are, the surest first, in pixels of the picture as a person sees it; empty in a model that
        gives labels.
    width, height
        Pixels of the picture as a person sees it (turned as its EXIF says); 0 where it could not be read.
    """

    reason: PictureReason | None = None
    boxes: tuple[Box, ...] = ()
    width: int = 0
    height: int = 0

    def __str__(self) -> str:
        if not self.boxes:
            return super().__str__()
        return ", ".join(f"{box} {percentage(box.confidence or 0.0)}" for box in self.boxes)


def percentage(share: float) -> str:
    """Write a share of 1 as a person would read it: ``97 %``; never 100 % for less than 99.95 %."""
    percent = 100 * share
    if 99.5 <= percent < 99.95:
        return f"{percent:.1f} %"
    return f"{percent:.0f} %"
