"""The rows of a user's table: paths, labels and groups, whatever the columns are called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mediaml._warnings import warn
from mediaml.aws.s3 import is_uri
from mediaml.data.files import is_there
from mediaml.data.formats.tables import column, extra_columns, read_table
from mediaml.data.labels import Label, as_label
from mediaml.data.select import is_missing
from mediaml.errors import TableError

if TYPE_CHECKING:
    import pandas as pd


class Columns(NamedTuple):
    """What a table's columns are called, and what stands between several labels in a cell."""

    path: str = "path"
    label: str | None = "label"
    group: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class TableRows:
    """What was read of a table.

    Parameters
    ----------
    given
        The table, with numbers as numbers.
    columns
        What its columns are called.
    paths
        Absolute, or ``s3://`` addresses.
    labels, groups
        Of each row.
    """

    given: pd.DataFrame
    columns: Columns
    paths: Sequence[str]
    labels: Sequence[Label]
    groups: Sequence[Any]

    def others(self, used: set[str]) -> dict[str, pd.Series[Any]]:
        """Give the user's other columns, but for those that were used."""
        path, label = self.columns.path, self.columns.label
        taken = used | {name for name in (path, label) if name in ("path", "label")}
        if self.columns.group in (None, "group"):
            taken.add("group")
        return {name: values for name, values in extra_columns(self.given, taken).items() if name != path}


def read_rows(table: str | Path | pd.DataFrame, columns: Columns, root: Path) -> TableRows:
    """Read a table.

    Raises
    ------
    TableError
        A column is missing, a row has no path, or none of the files exists.
    """
    if columns.separator is not None and not columns.separator.strip():
        raise TableError(f"label_separator is what stands between labels, such as ';', not {columns.separator!r}")
    given, texts = read_table(table)
    names = [text_of(value) for value in column(texts, columns.path, "path_column")]
    blank = [number for number, name in enumerate(names) if not name]
    if blank:
        raise TableError(f"row {blank[0] + 1} has no path in column {columns.path!r} ({len(blank)} such rows)")
    paths = [str(name) if is_uri(name) else os.path.abspath(root / str(name)) for name in names]
    _check_some_exist(paths, root)
    labels: list[Label] = [None] * len(given)
    if columns.label is not None:
        labels = [label_of(value, columns.separator) for value in column(texts, columns.label, "label_column")]
    group = "group" if columns.group is None and "group" in given.columns else columns.group
    groups: list[Any] = [str(name) for name in names]
    if group is not None:
        stated = [text_of(value) for value in column(texts, group, "group_column")]
        groups = [own if own else alone for own, alone in zip(stated, groups, strict=True)]
    return TableRows(given, columns._replace(group=group), paths, labels, groups)


def _check_some_exist(paths: Sequence[str], root: Path) -> None:
    local = [path for path in dict.fromkeys(paths) if not is_uri(path)]
    missing = [path for path in local if not is_there(path)]
    if local and len(missing) == len(local):
        raise TableError(f"none of the {len(missing)} files exists, the first is {missing[0]}. Is root='{root}' right?")
    if missing:
        warn(f"{len(missing)} files do not exist, the first is {missing[0]}; check() lists them")


def label_of(value: Any, separator: str | None = None) -> Label:
    """Read a cell of labels: text, a number, a list of them, or nothing."""
    if separator is not None and isinstance(value, str):
        return as_label(name for one in value.split(separator) if (name := one.strip()))
    if isinstance(value, list | tuple | set | frozenset) or (
        hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1
    ):
        return as_label(text for one in value if (text := text_of(one)))
    return text_of(value)


def text_of(value: Any) -> str | None:
    """Read a cell as text; whole numbers without a point, empty and missing cells as None."""
    if is_missing(value) or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
