"""What an evaluation found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from mediaml import _forward
from mediaml.values.clip import Clip
from mediaml.values.interval import Interval
from mediaml.values.outcome import ExampleOutcome, name_of
from mediaml.values.picture import Picture
from mediaml.values.prediction import AudioPrediction, ImagePrediction, Prediction, percentage
from mediaml.values.service_evaluation import ServiceEvaluation
from mediaml.values.shown import ShownReport
from mediaml.values.wording import PICTURES, SOUNDS, Wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
        Examples that truly have it.
    groups
        How many recordings, or groups of pictures, these are of.
    """

    model_config = ConfigDict(frozen=True)

    precision: float
    recall: float
    f1: float
    support: int
    groups: int


class LabelOutcome(ExampleOutcome):
    """One example: its true label, and what the model said."""

    truth: str
    prediction: Prediction

    @property
    def best(self) -> str:
        """The first alternative, whatever the verdict."""
        return self.prediction.alternatives[0].label

    @property
    def correct(self) -> bool:
        """Whether the first alternative is the true label."""
        return self.best == self.truth

    def __str__(self) -> str:
        return f"{self._example}: {self.truth}; the model: {self.prediction}"


class Outcome(LabelOutcome):
    """One clip: its true label, and what the model said."""

    clip: Clip
    prediction: AudioPrediction

    @property
    def source(self) -> str:
        """The recording."""
        return str(self.clip.path)

    @property
    def _example(self) -> str:
        return name_of(self.clip)


class PictureOutcome(LabelOutcome):
    """One picture: its true label, and what the model said."""

    picture: Picture
    prediction: ImagePrediction

    @property
    def source(self) -> str:
        """The picture's path."""
        return self.picture.path


class WrongRecording(BaseModel):
    """A recording of whose clips some are taken for something else. One with clips of two labels may come twice.

    Parameters
    ----------
    path
        The recording.
    truth
        The true label.
    clips, wrong
        How many of its clips have this label, and how many of those are heard as another.
    heard
        The label that most of the wrong ones are heard as; of several the surest.
    confidence
        The mean confidence of the clips that are heard as that, 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    path: Path
    truth: str
    clips: int
    wrong: int
    heard: str
    confidence: float

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.wrong} of {self.clips} clips of {self.truth} heard wrong, "
            f"mostly as {self.heard} ({percentage(self.confidence)})"
        )


class Report(ShownReport):
    """What reports of all kinds of models have in common. In a notebook they show themselves.

    Parameters
    ----------
    examples, groups
        How many clips or pictures were measured, of how many recordings or groups: examples of one group of the
        dataset, such as the clips of one recording, are alike and count as one.
    intervals
        Where the figures lie on other data of the same kind, in 95 of 100 cases, by the figure's name. They come from
        drawing whole groups, never single examples. Where the draws do not differ, as those of an F1 of 1 or of a
        single group, there is none (but for shares of examples, where Wilson's interval stands in).
    warnings
        Why the figures may mislead, in plain words.
    model, data
        What was measured, and on what.
    unreadable
        What could not be read and therefore is not counted, with the reason.
    service
        What the service that trained the model says of it, in its own numbers; None of other models.
    notes
        What people say of the model; see `noted`.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    wording: ClassVar[Wording] = SOUNDS
    """How it is told in words."""

    examples: int
    groups: int
    intervals: Mapping[str, Interval] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    model: Mapping[str, Any] = Field(default_factory=dict)
    data: Mapping[str, Any] = Field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    service: ServiceEvaluation | None = None

    @property
    def counted(self) -> str:
        """How many examples of how many groups, in words."""
        return self.wording.counted(self.examples, self.groups)

    def _share(self, name: str, value: float) -> str:
        """Write a share with its interval: ``96 % (92-98 %)``."""
        between = self.intervals.get(name)
        return percentage(value) if between is None else f"{percentage(value)} ({between.in_percent})"

    def _number(self, name: str, value: float) -> str:
        """Write a number with its interval: ``0.958 (0.920-0.981)``."""
        between = self.intervals.get(name)
        return f"{value:.3f}" if between is None else f"{value:.3f} ({between})"

    def _remarks(self) -> list[str]:
        """Write what could not be read, and the warnings, a line each."""
        unread = [f"{len(self.unreadable)} could not be read and are not counted"] if self.unreadable else []
        told = [] if self.service is None else str(self.service).splitlines()
        return [*unread, *told, *(f"! {warning}" for warning in self.warnings)]


class LabelReport(Report):
    """What an evaluation of a model that gives one label found: the figures, whatever the labels are of.

    Parameters
    ----------
    accuracy
        Share of the examples whose first alternative is the true label (closed-set: verdicts do not matter).
    macro_f1
        Mean F1 over the labels that the test has.
    labels
        The rows and columns of `confusion`, in order.
    per_label
        Precision, recall, F1 and support by label.
    confusion
        Counts; row: true label, column: first alternative.
    coverage
        Share of the examples that were given a label.
    accepted_accuracy
        Share of those whose label is true; None where none was given a label.
    expected_calibration_error
        Mean distance between confidence and accuracy, over ten bins of equal counts
        (Nguyen & O'Connor 2015, "Posterior calibration and exploratory analysis").
    expected_calibration_error_by_chance
        What a model with these confidences shows on average in a test of this size if they are all true: in a small
        test some distance comes by chance. A model is badly calibrated only where its error is far above this.
    brier
        Mean over the examples of the sum over the labels of (probability - truth) squared, 0 to 2; 0 is perfect
        (Brier 1950). It falls where labels are told better apart, and where confidences are closer to the truth.
    negative_log_likelihood
        Mean of minus the natural logarithm of the true label's probability; probabilities below 1e-12 count as 1e-12.
        0 is perfect; who knows nothing has the logarithm of the number of labels.
    outcomes
        Every example with its truth and its prediction.
    history
        What each epoch of the training measured.
    thresholds
        The least score of each label that is given; None where it is never given. Empty where it is not known.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    accuracy: float
    macro_f1: float
    labels: tuple[str, ...]
    per_label: Mapping[str, LabelScore]
    confusion: tuple[tuple[int, ...], ...]
    coverage: float
    accepted_accuracy: float | None
    expected_calibration_error: float
    expected_calibration_error_by_chance: float
    brier: float
    negative_log_likelihood: float
    outcomes: tuple[LabelOutcome, ...] = Field(default=(), repr=False)
    history: tuple[Mapping[str, float], ...] = Field(default=(), repr=False)
    thresholds: Mapping[str, float | None] = Field(default_factory=dict, repr=False)

    def plot_reliability(self) -> Figure:
        """Draw how often the model is right over how sure it says to be; in a notebook the figure shows itself.

        Raises
        ------
        ValueError
            The report holds no outcomes.
        """
        figure: Figure = _forward.call("mediaml.plots", "reliability_figure", self)
        return figure

    def __str__(self) -> str:
        accepted = self.accepted_accuracy
        lines = [
            f"accuracy {self._share('accuracy', self.accuracy)}, macro F1 {self._number('macro_f1', self.macro_f1)} "
            f"on {self.counted}",
            f"a label given to {self._share('coverage', self.coverage)} of them"
            + ("" if accepted is None else f", right in {self._share('accepted_accuracy', accepted)}"),
            f"expected calibration error "
            f"{self._number('expected_calibration_error', self.expected_calibration_error)}; "
            f"by chance alone {self.expected_calibration_error_by_chance:.3f}",
            f"Brier score {self._number('brier', self.brier)}, negative log-likelihood "
            f"{self._number('negative_log_likelihood', self.negative_log_likelihood)}",
        ]
        width = max((len(label) for label in self.labels), default=0)
        for label in self.labels:
            score = self.per_label[label]
            lines.append(
                f"  {label:<{width}}  precision {score.precision:.2f}  recall {score.recall:.2f}  "
                f"F1 {score.f1:.2f}  of {score.support}"
            )
        return "\n".join([*lines, *self._remarks()])


class AudioReport(LabelReport):
    """What an evaluation found. In a notebook it shows itself; ``report.save("report.html")`` writes it.

    Parameters
    ----------
    outcomes
        Every clip with its truth and its prediction.
    spectrogram
        The front end's settings, for the pictures.
    accuracy, macro_f1, labels, per_label, confusion, coverage, accepted_accuracy
        As in every `LabelReport`, and so are the other figures.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.html"

    outcomes: tuple[Outcome, ...] = Field(default=(), repr=False)
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
    def mistakes(self) -> tuple[Outcome, ...]:
        """The clips whose first alternative is wrong, the surest mistakes first."""
        return surest_mistakes(self.outcomes)

    def hardest(self, count: int = 20) -> tuple[Outcome, ...]:
        """Give the clips that the model was least sure of or wrong about: more like them should be labelled next."""
        return hardest_of(self.outcomes, count)

    @property
    def wrong_recordings(self) -> tuple[WrongRecording, ...]:
        """The recordings with mistakes: those with the largest share of wrong clips first, then the most and surest."""
        groups: dict[tuple[Path, str], list[Outcome]] = defaultdict(list)
        for outcome in self.outcomes:
            groups[outcome.clip.path, outcome.truth].append(outcome)
        found = [_wrong_recording(same) for same in groups.values() if not all(one.correct for one in same)]
        return tuple(sorted(found, key=lambda one: (-one.wrong / one.clips, -one.wrong, -one.confidence)))


class ImageReport(LabelReport):
    """What an evaluation on pictures found. In a notebook it shows itself; ``report.save("report.html")`` writes it.

    Parameters
    ----------
    outcomes
        Every picture with its truth and its prediction.
    accuracy, macro_f1, labels, per_label, confusion, coverage, accepted_accuracy
        As in every `LabelReport`, and so are the other figures.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.pictures"
    wording: ClassVar[Wording] = PICTURES

    outcomes: tuple[PictureOutcome, ...] = Field(default=(), repr=False)

    @property
    def pictures(self) -> int:
        """How many pictures were measured."""
        return self.examples

    @property
    def mistakes(self) -> tuple[PictureOutcome, ...]:
        """The pictures whose first alternative is wrong, the surest mistakes first."""
        return surest_mistakes(self.outcomes)

    def hardest(self, count: int = 20) -> tuple[PictureOutcome, ...]:
        """Give the pictures that the model was least sure of or wrong about: more like them should be labelled next."""
        return hardest_of(self.outcomes, count)


OutcomeT = TypeVar("OutcomeT", bound=LabelOutcome)


def surest_mistakes(outcomes: Sequence[OutcomeT]) -> tuple[OutcomeT, ...]:
    """Give the outcomes whose first alternative is wrong, the surest first."""
    return tuple(sorted((one for one in outcomes if not one.correct), key=lambda one: -one.prediction.confidence))


def hardest_of(outcomes: Sequence[OutcomeT], count: int) -> tuple[OutcomeT, ...]:
    """Give the outcomes in which the true label has the least probability."""

    def of_truth(outcome: OutcomeT) -> float:
        return next((one.confidence for one in outcome.prediction.alternatives if one.label == outcome.truth), 0.0)

    return tuple(sorted(outcomes, key=of_truth)[:count])


def _wrong_recording(outcomes: Sequence[Outcome]) -> WrongRecording:
    """Sum up the clips of one recording and label."""
    heard: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        if not outcome.correct:
            heard[outcome.best].append(outcome.prediction.confidence)
    label, sure = max(heard.items(), key=lambda one: (len(one[1]), sum(one[1])))
    return WrongRecording(
        path=outcomes[0].clip.path,
        truth=outcomes[0].truth,
        clips=len(outcomes),
        wrong=sum(map(len, heard.values())),
        heard=label,
        confidence=sum(sure) / len(sure),
    )
