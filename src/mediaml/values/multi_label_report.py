"""What an evaluation found where a clip may have several labels, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from mediaml.values.clip import Clip
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import Report


class MultiLabelScore(BaseModel):
    """How well one label is found, whatever else is in the clip.

    Parameters
    ----------
    average_precision
        Mean precision over the clips that truly have the label, when all clips are sorted by its confidence: the sum
        over the places of the gain in recall times the precision there, not interpolated. None where no clip has it.
    precision
        Of the clips that were given the label, the share that truly has it; 0 where none was.
    recall
        Of the clips that truly have it, the share that was given it; 0 where there are none.
    f1
        Harmonic mean of both.
    threshold
        The model's, for this label.
    brier
        Mean of (confidence - truth) squared, 0 to 1.
    expected_calibration_error
        Mean distance of confidence from the share that truly has the label, over ten bins of equal counts.
    support
        Clips that truly have it.
    recordings
        How many recordings these clips are of.
    """

    model_config = ConfigDict(frozen=True)

    average_precision: float | None
    precision: float
    recall: float
    f1: float
    threshold: float | None
    brier: float
    expected_calibration_error: float
    support: int
    recordings: int


class MultiLabelOutcome(BaseModel):
    """One clip: its true labels, none or several, and what the model said."""

    model_config = ConfigDict(frozen=True)

    clip: Clip
    truths: tuple[str, ...]
    prediction: AudioPrediction

    @property
    def missed(self) -> tuple[str, ...]:
        """The true labels that were not given."""
        return tuple(label for label in self.truths if label not in self.prediction.labels)

    @property
    def added(self) -> tuple[str, ...]:
        """The labels that were given and are not true."""
        return tuple(label for label in self.prediction.labels if label not in self.truths)


class MultiLabelReport(Report):
    """What an evaluation of several labels at once found. In a notebook it shows itself.

    Precision, recall and F1 are of the labels that were given; average precision and calibration of the confidences,
    whatever the verdict.

    Parameters
    ----------
    mean_average_precision
        Mean of the labels' average precision, over the labels that the test has; None where it has none at all.
    macro_f1
        Mean F1 over the labels that the test has; None where it has none at all.
    micro_f1, precision, recall
        Over all pairs of a clip and a label.
    subset_accuracy
        Share of the clips of which every label is right, and no other given.
    coverage
        Share of the clips that were given a label at all.
    brier
        Mean of (confidence - truth) squared over all pairs of a clip and a label, 0 to 1.
    expected_calibration_error
        Mean over the labels of theirs.
    expected_calibration_error_by_chance
        What it would be on average in a test of this size if all confidences were true.
    labels
        The model's.
    per_label
        The figures of each.
    outcomes
        Every clip with its truths and its prediction.
    clips, recordings, intervals, warnings, model, data, unreadable, spectrogram
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.multi_label"

    mean_average_precision: float | None
    macro_f1: float | None
    micro_f1: float
    precision: float
    recall: float
    subset_accuracy: float
    coverage: float
    brier: float
    expected_calibration_error: float
    expected_calibration_error_by_chance: float
    labels: tuple[str, ...]
    per_label: Mapping[str, MultiLabelScore]
    outcomes: tuple[MultiLabelOutcome, ...] = Field(default=(), repr=False)
    history: tuple[Mapping[str, float], ...] = Field(default=(), repr=False)

    @property
    def mistakes(self) -> tuple[MultiLabelOutcome, ...]:
        """The clips with labels missing or too many, those with the most such labels first."""
        wrong = [one for one in self.outcomes if one.missed or one.added]
        return tuple(sorted(wrong, key=lambda one: -len(one.missed) - len(one.added)))

    def __str__(self) -> str:
        lines = [
            f"mean average precision {self._known('mean_average_precision', self.mean_average_precision)} "
            f"on {self.clips} clips of {self.recordings} recordings",
            f"at the thresholds: precision {self._share('precision', self.precision)}, "
            f"recall {self._share('recall', self.recall)}, micro F1 {self._number('micro_f1', self.micro_f1)}, "
            f"macro F1 {self._known('macro_f1', self.macro_f1)}",
            f"every label right in {self._share('subset_accuracy', self.subset_accuracy)} of the clips; "
            f"a label given to {self._share('coverage', self.coverage)}",
            f"expected calibration error "
            f"{self._number('expected_calibration_error', self.expected_calibration_error)}; "
            f"by chance alone {self.expected_calibration_error_by_chance:.3f}; "
            f"Brier score {self._number('brier', self.brier)}",
        ]
        width = max((len(label) for label in self.labels), default=0)
        for label in self.labels:
            score = self.per_label[label]
            found = "not tested" if score.average_precision is None else f"{score.average_precision:.2f}"
            lines.append(
                f"  {label:<{width}}  average precision {found}  precision {score.precision:.2f}  "
                f"recall {score.recall:.2f}  F1 {score.f1:.2f}  of {score.support}"
            )
        return "\n".join([*lines, *self._remarks()])

    def _known(self, name: str, value: float | None) -> str:
        return "not measured" if value is None else self._number(name, value)
