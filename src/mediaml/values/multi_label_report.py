"""What an evaluation found where a clip may have several labels, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from mediaml.values.clip import Clip
from mediaml.values.outcome import ExampleOutcome, name_of
from mediaml.values.picture import Picture
from mediaml.values.prediction import AudioPrediction, ImagePrediction, Prediction
from mediaml.values.report import Report
from mediaml.values.wording import PICTURES, Wording


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
        Examples that truly have it.
    groups
        How many recordings, or groups of pictures, these are of.
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
    groups: int


class LabelSetOutcome(ExampleOutcome):
    """One example: its true labels, none or several, and what the model said."""

    truths: tuple[str, ...]
    prediction: Prediction

    @property
    def missed(self) -> tuple[str, ...]:
        """The true labels that were not given."""
        return tuple(label for label in self.truths if label not in self.prediction.labels)

    @property
    def added(self) -> tuple[str, ...]:
        """The labels that were given and are not true."""
        return tuple(label for label in self.prediction.labels if label not in self.truths)

    def __str__(self) -> str:
        return f"{self._example}: {', '.join(self.truths) or 'no label'}; the model: {self.prediction}"


class MultiLabelOutcome(LabelSetOutcome):
    """One clip: its true labels, none or several, and what the model said."""

    clip: Clip
    prediction: AudioPrediction

    @property
    def source(self) -> str:
        """The recording."""
        return str(self.clip.path)

    @property
    def _example(self) -> str:
        return name_of(self.clip)


class PictureLabelsOutcome(LabelSetOutcome):
    """One picture: its true labels, none or several, and what the model said."""

    picture: Picture
    prediction: ImagePrediction

    @property
    def source(self) -> str:
        """The picture's path."""
        return self.picture.path


class LabelSetReport(Report):
    """What an evaluation of several labels at once found, whatever the labels are of.

    Precision, recall and F1 are of the labels that were given; average precision and calibration of the confidences,
    whatever the verdict.

    Parameters
    ----------
    mean_average_precision
        Mean of the labels' average precision, over the labels that the test has; None where it has none at all.
    macro_f1
        Mean F1 over the labels that the test has; None where it has none at all.
    micro_f1, precision, recall
        Over all pairs of an example and a label.
    subset_accuracy
        Share of the examples of which every label is right, and no other given.
    coverage
        Share of the examples that were given a label at all.
    brier
        Mean of (confidence - truth) squared over all pairs of an example and a label, 0 to 1.
    expected_calibration_error
        Mean over the labels of theirs.
    expected_calibration_error_by_chance
        What it would be on average in a test of this size if all confidences were true.
    labels
        The model's.
    per_label
        The figures of each.
    outcomes
        Every example with its truths and its prediction.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

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
    outcomes: tuple[LabelSetOutcome, ...] = Field(default=(), repr=False)
    history: tuple[Mapping[str, float], ...] = Field(default=(), repr=False)

    def __str__(self) -> str:
        lines = [
            f"mean average precision {self._known('mean_average_precision', self.mean_average_precision)} "
            f"on {self.counted}",
            f"at the thresholds: precision {self._share('precision', self.precision)}, "
            f"recall {self._share('recall', self.recall)}, micro F1 {self._number('micro_f1', self.micro_f1)}, "
            f"macro F1 {self._known('macro_f1', self.macro_f1)}",
            f"every label right in {self._share('subset_accuracy', self.subset_accuracy)} of the "
            f"{self.wording.example}s; a label given to {self._share('coverage', self.coverage)}",
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


class MultiLabelReport(LabelSetReport):
    """What an evaluation of several labels at once found in sounds. In a notebook it shows itself.

    Parameters
    ----------
    outcomes
        Every clip with its truths and its prediction.
    spectrogram
        The front end's settings.
    mean_average_precision, macro_f1, micro_f1, precision, recall, subset_accuracy, labels, per_label
        As in every `LabelSetReport`, and so are the other figures.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.multi_label"

    outcomes: tuple[MultiLabelOutcome, ...] = Field(default=(), repr=False)
    spectrogram: Mapping[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def clips(self) -> int:
        """How many clips were measured."""
        return self.examples

    @property
    def recordings(self) -> int:
        """How many recordings they are of; those of one group of the dataset count as one."""
        return self.groups

    @property
    def mistakes(self) -> tuple[MultiLabelOutcome, ...]:
        """The clips with labels missing or too many, those with the most such labels first."""
        return most_wrong(self.outcomes)

    def hardest(self, count: int = 20) -> tuple[MultiLabelOutcome, ...]:
        """Give the clips whose labels the model is furthest from: more like them should be labelled next."""
        return tuple(sorted(self.outcomes, key=_distance, reverse=True)[:count])


class ImageMultiLabelReport(LabelSetReport):
    """What an evaluation of several labels at once found in pictures. In a notebook it shows itself.

    Parameters
    ----------
    outcomes
        Every picture with its truths and its prediction.
    mean_average_precision, macro_f1, micro_f1, precision, recall, subset_accuracy, labels, per_label
        As in every `LabelSetReport`, and so are the other figures.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.pictures"
    wording: ClassVar[Wording] = PICTURES

    outcomes: tuple[PictureLabelsOutcome, ...] = Field(default=(), repr=False)

    @property
    def pictures(self) -> int:
        """How many pictures were measured."""
        return self.examples

    @property
    def mistakes(self) -> tuple[PictureLabelsOutcome, ...]:
        """The pictures with labels missing or too many, those with the most such labels first."""
        return most_wrong(self.outcomes)

    def hardest(self, count: int = 20) -> tuple[PictureLabelsOutcome, ...]:
        """Give the pictures whose labels the model is furthest from: more like them should be labelled next."""
        return tuple(sorted(self.outcomes, key=_distance, reverse=True)[:count])


OutcomeT = TypeVar("OutcomeT", bound=LabelSetOutcome)


def most_wrong(outcomes: Sequence[OutcomeT]) -> tuple[OutcomeT, ...]:
    """Give the outcomes with labels missing or too many, those with the most such labels first."""
    wrong = [one for one in outcomes if one.missed or one.added]
    return tuple(sorted(wrong, key=lambda one: -len(one.missed) - len(one.added)))


def _distance(outcome: LabelSetOutcome) -> float:
    """Sum over the labels how far the confidence is from the truth, squared."""
    return sum((one.confidence - (one.label in outcome.truths)) ** 2 for one in outcome.prediction.alternatives)
