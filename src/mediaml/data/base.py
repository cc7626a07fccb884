"""What all datasets have in common: rows of files with labels and groups, chosen, renamed and split."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from mediaml import _forward
from mediaml._warnings import warn
from mediaml.data.grouping import connected, content_hash, identical_files
from mediaml.data.labels import Label, as_label, label_column, labels_of
from mediaml.data.select import as_json, check_columns, is_missing, rows_with
from mediaml.data.split import Group, Missing, assign, check_fractions
from mediaml.errors import LabelError, SplitError, TableError
from mediaml.values.wording import SOUNDS, Wording

if TYPE_CHECKING:
    import pandas as pd


class Dataset(ABC):
    """Files with labels. Every method gives a new dataset; none changes this one.

    Parameters
    ----------
    frame
        One row an example, with at least the columns ``path``, ``label`` and ``group``.
    origin
        The steps by which this dataset came about, kept with the models that are trained on it:
        ``{"where": {"fold": [1, 2]}}``, ``{"split": [0.7, 0.15, 0.15], "seed": 7, "part": 0}``.
    """

    wording: ClassVar[Wording] = SOUNDS
    """What its rows are called."""

    def __init__(self, frame: pd.DataFrame, origin: Sequence[Mapping[str, Any]] = ()) -> None:
        self._frame = frame.reset_index(drop=True)
        self._origin = tuple(origin)

    @abstractmethod
    def _with(self, frame: pd.DataFrame, step: Mapping[str, Any] | None = None) -> Self:
        """Give a dataset of other rows, with all else as it is here, and one step more in its origin."""

    @property
    def frame(self) -> pd.DataFrame:
        """The rows, as a copy: path (absolute), label, group and whatever columns came with them."""
        return self._frame.copy()

    @property
    def origin(self) -> tuple[Mapping[str, Any], ...]:
        """How this dataset came about: what was selected, and which part of which splits this is."""
        return self._origin

    def __len__(self) -> int:
        return len(self._frame)

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted(self._counts()))

    def _counts(self) -> Counter[str]:
        return Counter(label for row in self._frame["label"] for label in labels_of(row))

    @property
    def unlabelled(self) -> Self:
        """The rows without a label."""
        return self._with(self._frame[self._frame["label"].isna()])

    @property
    def labelled(self) -> Self:
        """The rows with at least one label."""
        return self._with(self._frame[self._frame["label"].notna()])

    def where(self, **columns: Any) -> Self:
        """Select rows by the values of any columns.

        Parameters
        ----------
        **columns
            Column and the value to look for, or a list, set, tuple or range of values. ``label=None`` finds the rows
            without one; a row with several labels is found by each of them.

        Raises
        ------
        TableError
            There is no such column, or it holds numbers and text is asked for (or the other way round).
        LabelError
            No row has any of the labels that are asked for.
        """
        chosen = np.ones(len(self), dtype=bool)
        for column, value in columns.items():
            chosen &= rows_with(self._frame, column, value)
        step = {"where": {column: as_json(value) for column, value in columns.items()}}
        return self._with(self._frame[chosen], step)

    def only(self, labels: str | Iterable[str]) -> Self:
        """Select the rows that have no label besides these: what a model that knows these can be measured on.

        Rows without a label stay; a row with one of these and another one does not, unlike with `where`.

        Parameters
        ----------
        labels
            ``test.only(model.labels)``.
        """
        known = {labels} if isinstance(labels, str) else set(labels)
        chosen = np.array([known.issuperset(labels_of(label)) for label in self._frame["label"]], dtype=bool)
        return self._with(self._frame[chosen], {"only": sorted(known)})

    def sorted_by(self, *columns: str) -> Self:
        """Sort the rows by columns; rows that are equal in all of them keep their order.

        Raises
        ------
        TableError
            There is no such column, or the only one has no order, as one label beside several.
        """
        check_columns(self._frame, columns)
        try:
            return self._with(self._frame.sort_values(list(columns), kind="stable"))
        except TypeError as error:
            raise TableError(f"the rows have no order by {', '.join(columns)}: {error}") from error

    def some(self, count: int, seed: int = 0) -> Self:
        """Draw rows at random to look at, one of each label in turn, so that rare labels are among them, too.

        Parameters
        ----------
        count
            At most so many.
        seed
            Another seed, other rows.
        """
        labels = list(self._frame["label"])
        turns: Counter[str] = Counter()
        ranked = []
        for number in np.random.default_rng(seed).permutation(len(self)):
            label = (*labels_of(labels[number]), "")[0]
            turns[label] += 1
            ranked.append((turns[label], not label, label, int(number)))
        return self._with(self._frame.iloc[[number for *_, number in sorted(ranked)[: max(0, count)]]])

    def relabel(self, names: Mapping[str, str | None]) -> Self:
        """Rename labels; several may get one name, and None takes a label away.

        Raises
        ------
        LabelError
            The dataset does not have a label that should be renamed.
        """
        unknown = sorted(set(names) - set(self.labels))
        if unknown:
            raise LabelError(f"no row is labelled {', '.join(map(repr, unknown))}; there are: {', '.join(self.labels)}")

        def renamed(label: Label) -> Label:
            return as_label(new for old in labels_of(label) if (new := names.get(old, old)) is not None)

        frame = self._frame.copy()
        frame["label"] = label_column([renamed(label) for label in frame["label"]], frame.index)
        return self._with(frame)

    def union(self, other: Self) -> Self:
        """Give the rows of both; a file (or a stretch of it) that is in both takes the rows of `other`.

        So corrected labels replace wrong ones. Columns that only one of the two has are empty in the rest.
        """
        import pandas as pd

        both = pd.concat([self._frame, other._frame], ignore_index=True)
        keys = ["path", *(name for name in ("start", "end") if name in both.columns)]
        of_row = both.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
        mine, theirs = of_row[: len(self)], of_row[len(self) :]
        # several rows of one file may be its several labels: only the other's rows of it replace them
        kept = np.concatenate([~np.isin(mine, theirs), np.ones(len(theirs), bool)])
        if "boxes" in both.columns:
            both["boxes"] = both["boxes"].astype(object).where(both["boxes"].notna(), None)
        both["label"] = label_column([None if is_missing(one) else one for one in both["label"]], both.index)
        return self._with(both[kept], {"union": [len(self), len(other)]})

    def split(self, *fractions: float, seed: int = 0, allow_missing: bool = False) -> tuple[Self, ...]:
        """Divide the dataset so that every part has its share of every label and no group is in two parts.

        All rows of one file, of one value of ``group`` and of identical files stay together. The split depends
        on the rows and the seed alone: not on their order, the machine or where the files lie.

        Parameters
        ----------
        *fractions
            Of the rows, for each part; they add up to 1. None given: 0.7, 0.15, 0.15.
        seed
            Another seed, another split.
        allow_missing
            A label with fewer groups (recordings, say) than parts cannot be in all of them. False: this is an error
            that names it. True: a warning names it, and the largest parts have it.

        Returns
        -------
        A dataset for each fraction: ``train, validation, test = clips.split(0.7, 0.15, 0.15, seed=7)``.

        Raises
        ------
        SplitError
            The fractions do not add up to 1, or a label cannot be in every part.
        """
        fractions = fractions or (0.7, 0.15, 0.15)
        check_fractions(fractions)
        numbers, groups = self.groups()
        parts, missing = assign(groups, fractions, seed)
        if missing:
            _report_missing(missing, allow_missing, self.wording.where(len(self), len(groups)).group)
        of_row = np.array([parts[number] for number in numbers], dtype=int)
        return tuple(
            self._with(
                self._frame[of_row == part],
                {"split": list(fractions), "seed": seed, "part": part},
            )
            for part in range(len(fractions))
        )

    def groups(self) -> tuple[list[int], list[Group]]:
        """Number each row's group, and describe the groups."""
        paths = [str(path) for path in self._frame["path"]]
        twins = identical_files(paths)
        keys = [
            [("group", str(group)), ("path", path), *([("content", twins[path])] if path in twins else [])]
            for group, path in zip(self._frame["group"], paths, strict=True)
        ]
        numbers = connected(keys)
        names: dict[int, str] = {}
        rows: Counter[int] = Counter(numbers)
        labels: dict[int, Counter[str]] = defaultdict(Counter)
        for number, group, label in zip(numbers, self._frame["group"], self._frame["label"], strict=True):
            names[number] = min(names.get(number, str(group)), str(group))
            labels[number].update(labels_of(label))
        return numbers, [Group(names[number], rows[number], labels[number]) for number in range(len(names))]

    def content_hash(self) -> str:
        """Give a short hash of what is in the files and how it is labelled, whatever the files' names and order."""
        import hashlib

        columns = ["label", *(name for name in ("start", "end", "boxes") if name in self._frame.columns)]
        lines = sorted(
            repr((content_hash(path), *values))
            for path, *values in self._frame[["path", *columns]].itertuples(index=False)
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.datasets", "dataset_html", self)
        return html


def _report_missing(missing: Iterable[Missing], allowed: bool, what: str) -> None:
    sentences = "; ".join(one.told(what) for one in missing)
    if not allowed:
        raise SplitError(
            f"{sentences}. Add {what}s of it, take it away with relabel({{label: None}}), ask for fewer parts, or "
            f"accept it with allow_missing=True."
        )
    warn(f"{sentences}; the other parts lack it")
