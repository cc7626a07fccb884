"""How well events in recordings are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from mediaml.values.prediction import percentage
from mediaml.values.shown import ShownReport
from mediaml.values.timeline import clock


class EventCounts(BaseModel):
    """What the figures are made of: numbers of events or, for the segment figures, of segments.

    Parameters
    ----------
    truths
        That truly are there.
    found
        That were found.
    hits
        Pairs of both.
    substitutions
        Pairs of one that was missed and one that was found in its place under another label. 0 where one label is
        looked at alone, and for events that are compared by their overlap.
    """

    model_config = ConfigDict(frozen=True)

    truths: int
    found: int
    hits: int
    substitutions: int = 0

    @property
    def deletions(self) -> int:
        """What was missed, and nothing found in its place."""
        return self.truths - self.hits - self.substitutions

    @property
    def insertions(self) -> int:
        """What was found where nothing is."""
        return self.found - self.hits - self.substitutions


class EventScore(BaseModel):
    """How well the events of one label are found, asked in three ways.

    Parameters
    ----------
    event_f1, event_precision, event_recall
        An event is found where one of the same label begins within the collar of it; each counts once.
    event_error_rate
        Substitutions, deletions and insertions of events by the number of true ones: 0 is perfect, and there is no
        upper end. None where there are no true ones.
    iou_f1, iou_precision, iou_recall
        An event is found where one of the same label overlaps it so far that the time of both together holds the stated
        share of the time of either; each counts once.
    segment_f1, segment_precision, segment_recall, segment_error_rate
        The time is cut into segments of equal length, and each asked for the labels that it holds any part of.
    counts
        What these figures are made of, by ``"event"``, ``"iou"`` and ``"segment"``.
    """

    model_config = ConfigDict(frozen=True)

    event_f1: float
    event_precision: float
    event_recall: float
    event_error_rate: float | None
    iou_f1: float
    iou_precision: float
    iou_recall: float
    segment_f1: float
    segment_precision: float
    segment_recall: float
    segment_error_rate: float | None
    counts: Mapping[str, EventCounts]


class EventReport(ShownReport, EventScore):
    """How well the events of recordings are found. In a notebook it shows itself.

    The figures of all events together (micro averages) stand here, those of each label in `per_label`. Precision is 0
    where nothing was found, and recall is 0 where there is nothing to find.

    Parameters
    ----------
    labels
        All that are in the truth or were found.
    per_label
        The figures of each.
    collar
        Seconds by which the beginnings of two events may differ.
    iou
        The least intersection over union of two events, above 0 to 1.
    resolution
        Seconds of a segment.
    files
        How many recordings were measured.
    seconds
        How long they are together.
    warnings
        Why the figures may mislead, in plain words.
    model
        How the events were found.
    notes
        What people say of the model; see `noted`.
    event_f1, event_precision, event_recall, event_error_rate, iou_f1, iou_precision, iou_recall, segment_f1, \
segment_precision, segment_recall, segment_error_rate, counts
        As in `EventScore`.
    """

    pages: ClassVar[str] = "mediaml.reports.event_report"

    labels: tuple[str, ...]
    per_label: Mapping[str, EventScore]
    collar: float
    iou: float
    resolution: float
    files: int
    seconds: float
    warnings: tuple[str, ...] = ()
    model: Mapping[str, Any] = Field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        events = self.counts["event"]
        lines = [
            f"{events.truths} events in {self.files} recording{'s' * (self.files != 1)} ({clock(self.seconds, 0)}), "
            f"{events.found} found",
            self._line(f"beginning within {self.collar:g} s", "event", self.event_error_rate),
            self._line(f"overlapping by {percentage(self.iou)} of both", "iou", None),
            self._line(f"segments of {self.resolution:g} s", "segment", self.segment_error_rate),
        ]
        width = max((len(label) for label in self.labels), default=0)
        for label in self.labels:
            score = self.per_label[label]
            lines.append(
                f"  {label:<{width}}  F1 {score.event_f1:.2f}  overlap {score.iou_f1:.2f}  segments "
                f"{score.segment_f1:.2f}  {score.counts['event'].found} found of {score.counts['event'].truths}"
            )
        return "\n".join([*lines, *(f"! {warning}" for warning in self.warnings)])

    def _line(self, how: str, kind: str, error_rate: float | None) -> str:
        f1, precision, recall = (getattr(self, f"{kind}_{figure}") for figure in ("f1", "precision", "recall"))
        text = f"{how}: F1 {f1:.3f}, precision {percentage(precision)}, recall {percentage(recall)}"
        return text if error_rate is None else f"{text}, error rate {error_rate:.2f}"
