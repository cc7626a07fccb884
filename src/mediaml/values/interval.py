"""Where a figure may lie."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mediaml.values.prediction import percentage


class Interval(BaseModel):
    """Where a figure lies on other recordings of the same kind, in 95 of 100 cases.

    Parameters
    ----------
    low, high
        In the unit of the figure.
    """

    model_config = ConfigDict(frozen=True)

    low: float
    high: float

    @property
    def width(self) -> float:
        """From `low` to `high`."""
        return self.high - self.low

    @property
    def in_percent(self) -> str:
        """As a person would read it: ``92-98 %``."""
        low, high = percentage(self.low), percentage(self.high)
        return f"{low.removesuffix(' %')}-{high}"

    def __str__(self) -> str:
        return f"{self.low:.3f}-{self.high:.3f}"
