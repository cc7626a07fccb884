"""What a service is told and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from mediaml.values.prediction import Prediction

PredictionT = TypeVar("PredictionT", bound=Prediction)
MediaKind = Literal["sound", "picture"]


class Answers(BaseModel, Generic[PredictionT]):
    """What a model says of files.

    Parameters
    ----------
    model
        A name for exactly the model that answers.
    predictions
        One a file, in order. A file that cannot be read is one with an ``error``; the others are answered.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    predictions: tuple[PredictionT, ...]


class Limits(BaseModel):
    """What a request may hold; see `ServiceSettings`."""

    model_config = ConfigDict(frozen=True)

    max_body: int
    max_items: int
    max_seconds: float
    timeout: float


class ModelFacts(BaseModel):
    """What a service serves.

    Parameters
    ----------
    kind
        Of what it takes.
    network
        By name.
    labels
        That the model tells apart.
    thresholds
        The score from which on each is given; null: never.
    version
        A name for exactly this model.
    mediaml
        The version of the library.
    limits
        Of a request.
    """

    model_config = ConfigDict(frozen=True)

    kind: MediaKind
    network: str
    labels: tuple[str, ...]
    thresholds: Mapping[str, float | None]
    version: str
    mediaml: str
    limits: Limits


class Health(BaseModel):
    """Whether the service takes requests."""

    model_config = ConfigDict(frozen=True)

    status: Literal["healthy", "ending", "broken"]
