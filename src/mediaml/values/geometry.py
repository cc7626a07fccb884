"""Stretches of time, and places in a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

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


class Box(BaseModel):
    """An upright rectangle in a picture, with what is in it.

    Boxes of a file are kept as they stand there, those too that lie outside the picture or have no area:
    ``dataset.check()`` names them, ``dataset.repair(...)`` mends or drops them.

    Parameters
    ----------
    label
        What is in it.
    left, top
        Pixels from the left and upper edge of the picture, as a person sees it, to those of the box; may be fractions.
    width, height
        Pixels.
    confidence
        How sure whoever drew it is, 0 to 1; None where nobody said.
    attributes
        What else the file says of it (``difficult``, ``iscrowd`` ...), by the file's own names.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    left: float = Field(allow_inf_nan=False)
    top: float = Field(allow_inf_nan=False)
    width: float = Field(allow_inf_nan=False)
    height: float = Field(allow_inf_nan=False)
    confidence: float | None = Field(default=None, ge=0, le=1)
    attributes: Mapping[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def right(self) -> float:
        """Pixels from the left edge of the picture to the right edge of the box."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Pixels from the upper edge of the picture to the lower edge of the box."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Square pixels; 0 where width or height is not above 0."""
        return max(0.0, self.width) * max(0.0, self.height)

    def iou(self, other: Box) -> float:
        """Give the area that two boxes share over the area that they cover together, 0 to 1, whatever their labels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.area + other.area - shared)

    def __str__(self) -> str:
        return f"{self.label} at {self.left:.0f},{self.top:.0f} {self.width:.0f}x{self.height:.0f}"
