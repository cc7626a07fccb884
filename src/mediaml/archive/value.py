"""What a segment is worth to somebody who has an hour to look: a number from 0 to 1, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("relevance", "confidence", "rarity", "length", "quality", "novelty")
CLIPPED = 0.01  # share of samples at full scale that halves the quality of a sound
QUIET, LOUD = -60.0, -20.0  # dB of full scale: the quality of a sound grows from the one to the other
BLURRED = 100.0  # variance of the Laplacian, below which pictures are usually called blurred: it halves the quality
SIDE = 720.0  # pixels of the shorter side: what is larger is no better
LEAST = 0.05  # no single part of the quality makes nothing of a segment

Floats = npt.NDArray[np.float64]


class Value(BaseModel):
    """What makes a segment valuable: the weights of labels, and how much each part of the value counts.

    A segment's value is the product of its parts, each from 0 to 1 and to the power of its weight here: 1 counts in
    full, 0.5 by half (its root), 0 not at all.

    Parameters
    ----------
    labels
        How much each label is wanted, 0 or more, against the others; those that are not named have 1. The largest
        weight is relevance 1. ``{"crowd_cheer": 3, "rain": 0}``: a cheer is worth three times as much as anything else,
        rain nothing.
    confidence
        Weight of the calibrated confidence.
    rarity
        Weight of how few files have the label: ``log((N + 1) / n) / log(N + 1)`` of N files of the catalog that could
        be read, n with the label (inverse document frequency, Spärck Jones 1972, brought to 0 to 1).
    length
        Weight of how long the segment is: ``min(1, duration / seconds)``; a still picture has 1.
    quality
        Weight of how well it was recorded: of sounds clipping and level, of pictures sharpness and size.
    novelty
        Weight of being the first of its kind: of segments of one label that are nearly the same, the one that is worth
        most otherwise has 1, the second 1/2, the third 1/3 ...
    seconds
        From which length on a segment is long enough.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[str, float] = Field(default_factory=dict)
    confidence: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    rarity: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    length: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    quality: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    novelty: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    seconds: float = Field(default=3.0, gt=0, allow_inf_nan=False)

    @field_validator("labels")
    @classmethod
    def _weights(cls, labels: Mapping[str, float]) -> Mapping[str, float]:
        if wrong := [label for label, weight in labels.items() if not 0 <= weight < float("inf")]:
            raise ValueError(f"weights of labels are numbers of 0 or more; not those of {', '.join(wrong)}")
        return labels

    def _repr_html_(self) -> str:
        from mediaml.reports.views.weights import value_html

        weights = {name: getattr(self, name) for name in PARTS if name != "relevance"}
        return value_html(self.labels, weights, self.seconds)


def parts_of(found: pd.DataFrame, value: Value, files: int) -> pd.DataFrame:
    """Give the parts of each segment's value but for its novelty, 0 to 1.

    Parameters
    ----------
    found
        A row a segment: label, start, end, confidence, clipped, level, sharpness, side, files_with (how many files have
        the label); what was not measured is missing.
    value
        What is wanted.
    files
        How many files of the catalog could be read.
    """
    import pandas as pd

    most = max([1.0, *value.labels.values()])
    weights = found["label"].map(dict(value.labels)).astype(float).fillna(1.0)
    duration = found["end"] - found["start"]
    return pd.DataFrame(
        {
            "relevance": weights / most,
            "confidence": found["confidence"],
            "rarity": np.log((files + 1) / found["files_with"].clip(1, files)) / np.log(files + 1),
            "length": np.where(duration == 0, 1.0, (duration / value.seconds).clip(upper=1.0)),
            "quality": quality(found),
        }
    )


def quality(found: pd.DataFrame) -> Floats:
    """Say how well segments were recorded, 0 to 1; what was not measured takes nothing away.

    The product of ``1 / (1 + clipped / 0.01)``, of the level from -60 dB (0) to -20 dB of full scale (1), of
    ``sharpness / (sharpness + 100)`` and of ``side / 720``, each at least 0.05 and at most 1.
    """
    clean = 1 / (1 + _column(found, "clipped") / CLIPPED)
    loud = (_column(found, "level") - QUIET) / (LOUD - QUIET)
    sharp = _column(found, "sharpness") / (_column(found, "sharpness") + BLURRED)
    large = _column(found, "side") / SIDE
    known = [np.where(np.isnan(one), 1.0, np.clip(one, LEAST, 1.0)) for one in (clean, loud, sharp, large)]
    return np.asarray(np.prod(known, axis=0))


def _column(found: pd.DataFrame, name: str) -> Floats:
    return found[name].to_numpy(np.float64)


def worth(parts: pd.DataFrame, value: Value) -> Any:
    """Multiply the parts that are there, each to the power of its weight; relevance counts in full."""
    powers = {name: 1.0 if name == "relevance" else getattr(value, name) for name in PARTS if name in parts}
    return np.prod([parts[name] ** power for name, power in powers.items()], axis=0)
