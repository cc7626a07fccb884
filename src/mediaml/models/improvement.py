"""A model and a better one: trained on more, and compared on the same examples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from mediaml import _forward
from mediaml._warnings import warn
from mediaml.data.base import Dataset
from mediaml.data.hold_back import hold_back
from mediaml.errors import DataError, LabelError
from mediaml.metrics.comparison import compare
from mediaml.values.comparison import Comparison
from mediaml.values.report import Report

ModelT = TypeVar("ModelT")
DataT = TypeVar("DataT", bound=Dataset)


@dataclass(frozen=True)
class Improvement(Generic[ModelT]):
    """What came of more data. It prints itself; neither model is changed or thrown away.

    Parameters
    ----------
    old, new
        The models.
    old_report, new_report
        What each does on the same examples.
    comparison
        The figures of both, with the interval of their difference.
    """

    old: ModelT
    new: ModelT
    old_report: Report
    new_report: Report
    comparison: Comparison

    @property
    def recommended(self) -> ModelT:
        """The model that is better overall; the new one where both are alike, it knows more."""
        return self.new if self.comparison.better else self.old

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "improvement_html", self)
        return html

    def __str__(self) -> str:
        which = "new" if self.comparison.better else "old"
        return f"{self.comparison}\nrecommended: the {which} model"


@dataclass(frozen=True)
class Learned(Generic[DataT]):
    """What a model was fitted with in this process."""

    train: DataT
    validation: DataT | None
    background: DataT | None


class Improvable(Generic[DataT]):
    """A model that can be trained again on more."""

    _learned: Learned[Any] | None = None

    @abstractmethod
    def _again(self) -> Self:
        """Make a model with the same settings that has learned nothing."""

    def improve(
        self,
        more: DataT,
        validation: DataT | None = None,
        *,
        train: DataT | None = None,
        background: DataT | None = None,
        progress: bool = True,
    ) -> Improvement[Self]:
        """Train a new model on what this one knows and on more, and compare the two.

        Parameters
        ----------
        more
            Labelled data. What this model knows already takes the labels that it has here: so mistakes are mended.
        validation
            What both are compared on, and the new model chooses its thresholds on. None: that of `fit`; where there was
            none, three tenths of `more`, by groups, are kept for it.
        train
            What this model was trained on. None: what `fit` was given in this process; a model that was loaded from a
            folder does not have it.
        background
            What is none of the things, besides that of `fit`: what a person rejected in a review, say.
        progress
            Show bars.

        Returns
        -------
        Both models, their reports, and the comparison; this model stays as it is.

        Raises
        ------
        NotFittedError
            This model has learned nothing.
        DataError
            It is not known what this model was trained on.
        LabelError, SplitError
            As of `fit` and of `split`.
        """
        model: Any = self
        model.labels  # noqa: B018  a model that has learned nothing says so
        learned = self._learned
        known = train if train is not None else None if learned is None else learned.train
        if known is None:
            raise DataError("a loaded model does not have its training data: improve(more, train=dataset)")
        chosen_on = validation if validation is not None else None if learned is None else learned.validation
        compared_on, what = chosen_on, "the validation data"
        if compared_on is None:
            more, compared_on = _kept_for_comparison(more)
            what = "what was kept back of `more` (give validation=)"
        both = _known_to_both(compared_on, model.labels, what)
        negatives = _both(None if learned is None else learned.background, background)
        again: Any = self._again()
        new = again.fit(known.union(more), validation=chosen_on, background=negatives, progress=progress)
        reports = model.evaluate(both, progress=progress), new.evaluate(both, progress=progress)
        return Improvement(model, new, *reports, compare(*reports, _groups(both, reports[0])))


def _both(known: DataT | None, more: DataT | None) -> DataT | None:
    """Bring background together; one without rows is none."""
    given = [one for one in (known, more) if one is not None and len(one)]
    return given[0].union(given[1]) if len(given) > 1 else given[0] if given else None


def _kept_for_comparison(more: DataT) -> tuple[DataT, DataT]:
    parts = Dataset.split(more, 0.7, 0.3, seed=0, allow_missing=True)
    if len(parts[1]) == 0:
        return hold_back(more, seed=0)
    return parts[0], parts[1]


def _known_to_both(whole: DataT, labels: Sequence[str], what: str) -> DataT:
    """Leave out what has a label that the older model does not know; nothing is trained where nothing remains."""
    both = whole.only(labels)
    if len(both.labels) == 0:
        raise LabelError(
            f"no {whole.wording.example} of {what} has labels that this model knows, and none besides "
            f"({', '.join(labels)}): there is nothing to compare the two on"
        )
    if len(both) < len(whole):
        warn(
            f"{len(whole) - len(both)} of {len(whole)} {whole.wording.example}s have a label that only the new model "
            f"knows: they are not compared"
        )
    return both


def _groups(dataset: Dataset, report: Any) -> list[int]:
    """Give the group of each example of a report."""
    numbers, _ = dataset.groups()
    of_path = dict(zip(dataset.frame["path"], numbers, strict=True))
    return [of_path[one.source] for one in report.outcomes]
