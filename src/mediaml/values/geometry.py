"""Stretches of time."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Segment(BaseModel):
    """A stretch of a recording.

    Parameters
    ----------
    start, end
        Seconds from the start of the recording, ``0 <= start <= end``.
    """

    model_config = ConfigDict(frozen=True)

    start: float = Field(ge=0, allow_inf_nan=False)
    end: float = Field(ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"a segment cannot end ({self.end:g} s) before it starts ({self.start:g} s)")
        return self

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.start:.3f}-{self.end:.3f} s"
