"""What an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mediaml import _forward
from mediaml.values.clip import Clip
from mediaml.values.prediction import AudioPrediction, percentage


class LabelScore(BaseModel):
    """How well one label is told from the others, from the first alternative of each prediction.

    Parameters
    ----------
    precision
        Of the clips that were given this label, the share that truly has it; 0 where none was given it.
    recall
        Of the clips that truly have it, the share that was given it; 0 where there are none.
    f1
        Harmonic mean of both.
    support
        Clips that truly have it.
    """

    model_config = ConfigDict(frozen=True)

    precision: float
    recall: float
    f1: float
    support: int


class Outcome(BaseModel):
    """One clip: its true label, and what the model said."""

    model_config = ConfigDict(frozen=True)

    clip: Clip
    truth: str
    prediction: AudioPrediction

    @property
    def best(self) -> str:
        """The first alternative, whatever the verdict."""
        return self.prediction.alternatives[0].label

    @property
    def correct(self) -> bool:
        """Whether the first alternative is the true label."""
        return self.best == self.truth


class AudioReport(BaseModel):
    """What an evaluation found. In a notebook it shows itself; ``report.save("report.html")`` writes it.

    Parameters
    ----------
    accuracy
        Share of the clips whose first alternative is the true label (closed-set: verdicts do not matter).
    macro_f1
        Mean F1 over the labels that the test has.
    labels
        The rows and columns of `confusion`, in order.
    per_label
        Precision, recall, F1 and support by label.
    confusion
        Counts; row: true label, column: first alternative.
    coverage
        Share of the clips that were given a label.
    accepted_accuracy
        Share of those whose label is true; None where no clip was given a label.
    expected_calibration_error
        Mean distance between confidence and accuracy, over ten bins of equal counts
        (Nguyen & O'Connor 2015, "Posterior calibration and exploratory analysis").
    clips, recordings
        How many clips were measured, of how many recordings.
    model, data
        What was measured, and on what.
    unreadable
        What could not be read and therefore is not counted, with the reason.
    outcomes
        Every clip with its truth and its prediction.
    history
        What each epoch of the training measured.
    spectrogram
        The front end's settings, for the pictures.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    accuracy: float
    macro_f1: float
    labels: tuple[str, ...]
    per_label: Mapping[str, LabelScore]
    confusion: tuple[tuple[int, ...], ...]
    coverage: float
    accepted_accuracy: float | None
    expected_calibration_error: float
    clips: int
    recordings: int
    model: Mapping[str, Any] = Field(default_factory=dict)
    data: Mapping[str, Any] = Field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = Field(default=(), repr=False)
    history: tuple[Mapping[str, float], ...] = Field(default=(), repr=False)
    spectrogram: Mapping[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def mistakes(self) -> tuple[Outcome, ...]:
        """The clips whose first alternative is wrong, the surest mistakes first."""
        wrong = [outcome for outcome in self.outcomes if not outcome.correct]
        return tuple(sorted(wrong, key=lambda outcome: -outcome.prediction.confidence))

    def save(self, path: str | Path) -> Path:
        """Write the report as a self-contained ``.html`` page or as ``.json``, and give its path."""
        written: Path = _forward.call("mediaml.reports.files", "save_report", self, path)
        return written

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.html", "report_fragment", self)
        return html

    def __str__(self) -> str:
        lines = [
            f"accuracy {percentage(self.accuracy)}, macro F1 {self.macro_f1:.3f} "
            f"on {self.clips} clips of {self.recordings} recordings",
            f"a label given to {percentage(self.coverage)} of them"
            + ("" if self.accepted_accuracy is None else f", right in {percentage(self.accepted_accuracy)}"),
            f"expected calibration error {self.expected_calibration_error:.3f}",
        ]
        width = max((len(label) for label in self.labels), default=0)
        for label in self.labels:
            score = self.per_label[label]
            lines.append(
                f"  {label:<{width}}  precision {score.precision:.2f}  recall {score.recall:.2f}  "
                f"F1 {score.f1:.2f}  of {score.support}"
            )
        if self.unreadable:
            lines.append(f"{len(self.unreadable)} could not be read and are not counted")
        return "\n".join(lines)
