"""Which rows have the values that were asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mediaml.data.labels import labels_of
from mediaml.errors import LabelError, TableError

if TYPE_CHECKING:
    import pandas as pd


def rows_with(frame: pd.DataFrame, column: str, value: Any) -> npt.NDArray[np.bool_]:
    """Tell of each row whether its value is the wanted one, or among the wanted ones.

    Parameters
    ----------
    frame
        The rows.
    column
        Its name. Of ``label``, a row with several labels is found by each of them, and by the tuple of all.
    value
        A value, or a list, set, tuple or range of values. None finds what is missing.

    Returns
    -------
    bool [rows].

    Raises
    ------
    TableError
        There is no such column, or it holds numbers and text is asked for, or the other way round.
    LabelError
        No row has any of the labels that are asked for.
    """
    check_columns(frame, [column])
    cells = frame[column]
    wanted = _wanted(value, column)
    if column == "label":
        _check_labels(cells, wanted)
    else:
        _check_kind(cells, column, wanted)
    found = [_matches(cell, column, wanted) for cell in cells]
    return np.array(found, dtype=bool)


def check_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Hold names of columns against those that there are.

    Raises
    ------
    TableError
        There is no such column.
    """
    for column in columns:
        if column not in frame.columns:
            there = ", ".join(str(name) for name in frame.columns)
            raise TableError(f"there is no column {column!r}; there are: {there}")


def _wanted(value: Any, column: str) -> list[Any]:
    """Give the values that are looked for; of labels, a tuple is a value of its own too."""
    if isinstance(value, tuple) and column == "label":
        return [value, *value]
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return list(value)
    return [value]


def _check_labels(cells: pd.Series[Any], wanted: list[Any]) -> None:
    there = {label for cell in cells for label in labels_of(cell)}
    asked = [one for one in wanted if isinstance(one, str)]
    if there and asked and None not in wanted and not there.intersection(asked):
        raise LabelError(f"no row is labelled {' or '.join(map(repr, asked))}; there are: {', '.join(sorted(there))}")


def _check_kind(cells: pd.Series[Any], column: str, wanted: list[Any]) -> None:
    holds_numbers = cells.dtype.kind in "iufb"
    asks_text = any(isinstance(one, str) for one in wanted)
    if holds_numbers and asks_text:
        raise TableError(f"column {column!r} holds numbers, {wanted!r} is text: nothing would be found")
    numbers = any(isinstance(one, int | float | np.number) for one in wanted)
    if numbers and len(cells) and all(isinstance(cell, str) or is_missing(cell) for cell in cells):
        raise TableError(f"column {column!r} holds text, {wanted!r} is a number: nothing would be found")


def _matches(cell: Any, column: str, wanted: list[Any]) -> bool:
    if column == "label":
        labels = labels_of(cell)
        return any(not labels if one is None else one == cell or one in labels for one in wanted)
    if is_missing(cell):
        return any(one is None for one in wanted)
    return any(one is not None and bool(one == cell) for one in wanted)


def is_missing(cell: Any) -> bool:
    """Tell None, NaN, NaT and pandas' NA from values."""
    import pandas as pd

    return cell is None or (not isinstance(cell, str | tuple | list | np.ndarray) and bool(pd.isna(cell)))


def as_json(value: Any) -> Any:
    """Give a selection as JSON holds it."""
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return [as_json(one) for one in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
