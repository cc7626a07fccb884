"""Parts of the training data to choose on, where none is given."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mediaml.data.base import Dataset
from mediaml.data.split import assign
from mediaml.errors import SplitError

DataT = TypeVar("DataT", bound=Dataset)
SHARE = 0.1  # not more: what is held back is missing in training
FOLDS = 5


def hold_back(train: DataT, seed: int) -> tuple[DataT, DataT]:
    """Divide data into what to learn from and a grouped, stratified tenth to choose on.

    Raises
    ------
    SplitError
        No label has two recordings.
    """
    # the rows alone: what looks alike is told of where the user divides the data
    kept, held_back = Dataset.split(train, 1 - SHARE, SHARE, seed=seed, allow_missing=True)
    if len(held_back) == 0:
        raise SplitError(
            f"no label has two {train.wording.group}s, so none can be held back to choose on: add some, or give "
            f"validation="
        )
    return kept, held_back


def folds(train: Dataset, seed: int) -> npt.NDArray[np.int64] | None:
    """Divide data into up to five grouped, stratified folds for cross-validation.

    Returns
    -------
    The fold of each row, int64 [rows]; None where no label has two recordings.
    """
    numbers, groups = train.groups()
    recordings = Counter(label for group in groups for label in group.labels)
    several = [count for count in recordings.values() if count > 1]
    if not several:
        return None
    count = min(FOLDS, max(2, min(several)))
    of_group, _ = assign(groups, [1 / count] * count, seed)
    return np.array([of_group[number] for number in numbers], np.int64)
