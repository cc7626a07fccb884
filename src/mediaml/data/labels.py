"""What a row's label can be, and columns that hold such labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

Label: TypeAlias = str | tuple[str, ...] | None
"""None, one, or several at once."""


def labels_of(label: Label) -> tuple[str, ...]:
    """Give the labels of a row: none, one or several."""
    if label is None:
        return ()
    return (label,) if isinstance(label, str) else label


def as_label(labels: Iterable[str]) -> Label:
    """Give labels as a row holds them."""
    several = tuple(sorted(set(labels)))
    return None if not several else several[0] if len(several) == 1 else several


def label_column(values: Sequence[Label], index: pd.Index[Any]) -> pd.Series[Any]:
    """Make a column that keeps None as None and tuples as tuples."""
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)
    cells[:] = [None] * len(values)
    for position, value in enumerate(values):
        cells[position] = value
    return pd.Series(cells, index=index, dtype=object)
