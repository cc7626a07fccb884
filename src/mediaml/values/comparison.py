"""Two models on the same data: what is better, and by how much."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from mediaml import _forward
from mediaml.values.interval import Interval


class Difference(BaseModel):
    """One figure of two models.

    Parameters
    ----------
    old, new
        The figure of each; None where the data says nothing about it.
    between
        Where the difference, new less old, lies on other data of this kind in 95 of 100 cases. It comes from drawing
        whole groups, the same for both models. None where the draws do not differ.
    """

    model_config = ConfigDict(frozen=True)

    old: float | None
    new: float | None
    between: Interval | None = None

    @property
    def change(self) -> float:
        """New less old; 0 where there is nothing to compare."""
        return 0.0 if self.old is None or self.new is None else self.new - self.old

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the difference lies on one side of 0."""
        return self.between is not None and (self.between.low > 0 or self.between.high < 0)

    def __str__(self) -> str:
        if self.old is None or self.new is None:
            return "not tested"
        span = "" if self.between is None else f" ({self.between.low:+.3f} to {self.between.high:+.3f})"
        return f"{self.old:.3f} -> {self.new:.3f}, {self.change:+.3f}{span}"


class Comparison(BaseModel):
    """Two models on the same examples. It prints itself.

    Parameters
    ----------
    figure
        What is compared over all labels: ``accuracy``, ``mean_average_precision``.
    label_figure
        What is compared label by label: ``f1``, ``average_precision``.
    overall, per_label
        The differences.
    counted
        On what, in words.
    """

    model_config = ConfigDict(frozen=True)

    figure: str
    label_figure: str
    overall: Difference
    per_label: Mapping[str, Difference]
    counted: str

    @property
    def better(self) -> bool:
        """Whether the new model is at least as good overall."""
        return self.overall.change >= 0

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "comparison_html", self)
        return html

    def __str__(self) -> str:
        verdict = "" if self.overall.beyond_chance else "; the difference may be chance"
        width = max((len(label) for label in self.per_label), default=0)
        name, label_name = self.figure.replace("_", " "), self.label_figure.replace("_", " ")
        return "\n".join(
            [
                f"{name} {self.overall} on {self.counted}{verdict}",
                *(f"  {label:<{width}}  {label_name} {one}" for label, one in self.per_label.items()),
            ]
        )
