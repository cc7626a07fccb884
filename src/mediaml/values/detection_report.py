"""What an evaluation of the detection of objects in pictures found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediaml.values.geometry import Box
from mediaml.values.outcome import ExampleOutcome
from mediaml.values.picture import Picture
from mediaml.values.report import Report
from mediaml.values.wording import PICTURES, Wording

SAME = 0.5
"""From this intersection over union on, a found box and a true one of the same label are the same thing."""


class Hit(NamedTuple):
    """A true box, the box that was found for it, and their intersection over union."""

    truth: Box
    found: Box
    iou: float


class DetectionOutcome(ExampleOutcome):
    """One picture: what truly is in it, and what was found.

    A box that was given hits a true one of the same label where their intersection over union is 0.5 or more. The
    surest choose first, each the one that it overlaps best of those that are left (as COCO's evaluation does). A true
    box that stands for a crowd (``iscrowd``) is neither hit nor missed, and what is found in it is not false.

    Parameters
    ----------
    picture
        Its boxes are the truth.
    found
        All that the model considered, each with its confidence.
    given
        Those of them that reached the model's thresholds.
    """

    picture: Picture
    found: tuple[Box, ...] = ()
    given: tuple[Box, ...] = ()

    @model_validator(mode="after")
    def _sure(self) -> Self:
        if any(box.confidence is None for box in (*self.found, *self.given)):
            raise ValueError(f"{self.picture.path}: every box that was found needs a confidence")
        return self

    @property
    def source(self) -> str:
        """The picture's path."""
        return self.picture.path

    @property
    def truths(self) -> tuple[Box, ...]:
        """The true boxes, without those of crowds."""
        return tuple(box for box in self.picture.boxes or () if not is_crowd(box))

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The true boxes that were found, those that were found most surely first."""
        return self._compared[0]

    @property
    def missed(self) -> tuple[Box, ...]:
        """The true boxes that were not found."""
        return self._compared[1]

    @property
    def false(self) -> tuple[Box, ...]:
        """The boxes that were given and are nothing, or something else, or the same thing again; the surest first."""
        return self._compared[2]

    @property
    def difficulty(self) -> float:
        """How wrong it is: the confidence of all that is false, and how unsure the model was of what it missed."""
        unsure = (1 - self._nearly(box) for box in self.missed)
        return sum((confidence_of(box) for box in self.false), 0.0) + sum(unsure, 0.0)

    def _nearly(self, missed: Box) -> float:
        """Give the highest confidence in a box that overlaps one that was missed; 0 where there is none."""
        there = (one for one in self.found if one.label == missed.label and one.iou(missed) >= SAME)
        return max((confidence_of(one) for one in there), default=0.0)

    def __str__(self) -> str:
        hits, missed, false = self._compared
        return f"{self.source}: {len(hits)} of {len(hits) + len(missed)} things found, {len(false)} false"

    @cached_property
    def _compared(self) -> tuple[tuple[Hit, ...], tuple[Box, ...], tuple[Box, ...]]:
        """Give the hits, what was missed and what is false."""
        hits: list[Hit] = []
        false: list[Box] = []
        left = list(self.truths)
        crowds = [box for box in self.picture.boxes or () if is_crowd(box)]
        for one in sorted(self.given, key=confidence_of, reverse=True):
            iou, best = max(
                ((one.iou(box), n) for n, box in enumerate(left) if box.label == one.label), default=(0.0, 0)
            )
            if iou >= SAME:
                hits.append(Hit(left.pop(best), one, iou))
            elif not any(share_inside(one, crowd) >= SAME for crowd in crowds if crowd.label == one.label):
                false.append(one)
        return tuple(hits), tuple(left), tuple(false)


def is_crowd(box: Box) -> bool:
    """Tell whether a true box stands for many things that nobody counted, as COCO's ``iscrowd`` says."""
    return str(box.attributes.get("iscrowd", 0)).lower() in ("1", "1.0", "true")


def confidence_of(box: Box) -> float:
    """Give the confidence of a box that was found; 0 where it has none."""
    return box.confidence or 0.0


def share_inside(box: Box, crowd: Box) -> float:
    """Give the share of a box that lies in a crowd, 0 to 1: COCO's overlap with a crowd, whose own size is unknown."""
    across = min(box.right, crowd.right) - max(box.left, crowd.left)
    down = min(box.bottom, crowd.bottom) - max(box.top, crowd.top)
    return 0.0 if across <= 0 or down <= 0 else across * down / box.area


class DetectionScore(BaseModel):
    """How well the things of one label are found.

    Parameters
    ----------
    average_precision
        Of all boxes with the label that the model considered, by falling confidence: the mean precision at 101 levels
        of recall from 0 to 1, where precision is the highest at this recall or a higher one. A box is right where its
        intersection over union with a true one is 0.5 or more. None where the test has no true box of the label.
    average_precision_coco
        The mean of the same for the ten limits 0.50, 0.55 ... 0.95 of intersection over union.
    precision
        Of the boxes that were given with the label, the share that is right; 0 where none was.
    recall
        Of the true boxes, the share that was found; 0 where there are none.
    f1
        Harmonic mean of both.
    threshold
        The model's, for this label; None where it never gives it.
    support
        True boxes, without those of crowds.
    pictures
        How many pictures these boxes are in.
    """

    model_config = ConfigDict(frozen=True)

    average_precision: float | None
    average_precision_coco: float | None
    precision: float
    recall: float
    f1: float
    threshold: float | None
    support: int
    pictures: int


class DetectionReport(Report):
    """What an evaluation of the detection of objects found. In a notebook it shows itself.

    The figures are those of COCO's evaluation (Lin et al. 2014, "Microsoft COCO: Common objects in context";
    pycocotools): at most 100 boxes of a label in a picture count for average precision. Precision, recall, F1 and the
    mean overlap are of the boxes that reached the model's thresholds; a box is right from an intersection over union of
    0.5 on.

    Parameters
    ----------
    mean_average_precision
        Mean of the labels' average precision at an intersection over union of 0.5, over the labels that the test has;
        None where it has none.
    mean_average_precision_coco
        The same for the mean of the limits 0.50, 0.55 ... 0.95: how exactly the boxes lie counts, too.
    precision, recall, f1
        Over the boxes of all labels together, at the thresholds.
    mean_iou
        Mean intersection over union of the boxes that are right; None where none is.
    labels
        The model's.
    per_label
        The figures of each.
    outcomes
        Every picture with what is in it and what was found.
    history
        What each epoch of the training measured.
    examples, groups, intervals, warnings, model, data, unreadable
        As in every `Report`.
    """

    pages: ClassVar[str] = "mediaml.reports.detection"
    wording: ClassVar[Wording] = PICTURES

    mean_average_precision: float | None
    mean_average_precision_coco: float | None
    precision: float
    recall: float
    f1: float
    mean_iou: float | None
    labels: tuple[str, ...]
    per_label: Mapping[str, DetectionScore]
    outcomes: tuple[DetectionOutcome, ...] = Field(default=(), repr=False)
    history: tuple[Mapping[str, float], ...] = Field(default=(), repr=False)

    def hardest(self, count: int = 20) -> tuple[DetectionOutcome, ...]:
        """Give the pictures that are most worth a look: those with the most, and the surest, mistakes first.

        Parameters
        ----------
        count
            At most so many; pictures without a mistake are not among them.
        """
        wrong = [one for one in self.outcomes if one.missed or one.false]
        return tuple(sorted(wrong, key=lambda one: -one.difficulty)[:count])

    def __str__(self) -> str:
        lines = [
            f"mean average precision {self._known('mean_average_precision', self.mean_average_precision)} at an "
            f"overlap of 0.5, {self._known('mean_average_precision_coco', self.mean_average_precision_coco)} over "
            f"0.5 to 0.95, on {self.counted}",
            f"at the thresholds: precision {self._share('precision', self.precision)}, "
            f"recall {self._share('recall', self.recall)}, F1 {self._number('f1', self.f1)}",
            f"mean overlap of what was found {self._known('mean_iou', self.mean_iou)}",
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
