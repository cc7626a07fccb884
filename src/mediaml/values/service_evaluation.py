"""What a service says that it has measured of its own model: its numbers, as it gives them."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from mediaml import _forward


class ServiceLabel(BaseModel):
    """The service's numbers for one label; None where it gives none.

    Parameters
    ----------
    threshold
        The confidence, 0 to 1, from which on it gives the label: that of the highest F1 on its own test dataset.
    precision, recall, f1
        At this threshold.
    pictures
        How many of the test pictures have the label.
    """

    model_config = ConfigDict(frozen=True)

    threshold: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    pictures: int | None = None


class ServiceEvaluation(BaseModel):
    """The service's own evaluation, on the test dataset on which it chose its thresholds. It prints itself.

    Parameters
    ----------
    f1, precision, recall
        Over all labels, 0 to 1.
    average_precision, average_recall
        Means over labels, of a model that finds boxes; else None.
    confusion
        Shares by the true label, and then by the predicted one, of a model that gives labels.
    training_pictures, test_pictures
        How many it used.
    labels
        That it learned.
    per_label
        The numbers of each.
    """

    model_config = ConfigDict(frozen=True)

    f1: float
    precision: float
    recall: float
    average_precision: float | None = None
    average_recall: float | None = None
    confusion: Mapping[str, Mapping[str, float]] = {}
    training_pictures: int | None = None
    test_pictures: int | None = None
    labels: tuple[str, ...] = ()
    per_label: Mapping[str, ServiceLabel] = {}

    @property
    def finds_boxes(self) -> bool:
        """Whether it is of a model that finds boxes: only for those it gives a mean average precision."""
        return self.average_precision is not None

    @property
    def thresholds(self) -> dict[str, float]:
        """The threshold of each label that has one, 0 to 1."""
        return {label: one.threshold for label, one in self.per_label.items() if one.threshold is not None}

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "service_html", self)
        return html

    def __str__(self) -> str:
        mean = "" if self.average_precision is None else f", mean average precision {self.average_precision:.3f}"
        lines = [
            f"as the service measured it, where it chose its thresholds: F1 {self.f1:.3f}, precision "
            f"{self.precision:.3f}, recall {self.recall:.3f}{mean}"
        ]
        width = max((len(label) for label in self.per_label), default=0)
        for label, one in self.per_label.items():
            figures = " ".join(
                f"{name} {value:.2f}"
                for name, value in (
                    ("threshold", one.threshold),
                    ("F1", one.f1),
                    ("precision", one.precision),
                    ("recall", one.recall),
                )
                if value is not None
            )
            lines.append(f"  {label:<{width}}  {figures}")
        return "\n".join(lines)
