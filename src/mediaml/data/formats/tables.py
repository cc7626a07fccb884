"""CSV, Parquet and DataFrames: one row a clip."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mediaml._extras import require
from mediaml.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

RESERVED = ("path", "start", "end", "label", "group")


class Table(NamedTuple):
    """A table twice: with numbers as numbers, and as it was written (a label ``007`` is no 7)."""

    values: pd.DataFrame
    texts: pd.DataFrame


def read_table(table: str | Path | pd.DataFrame) -> Table:
    """Read a table as it is.

    Parameters
    ----------
    table
        A DataFrame, or the path of a ``.csv``, ``.tsv`` or ``.parquet`` file.

    Raises
    ------
    TableError
        It cannot be read.
    MissingExtraError
        Parquet needs the extra ``parquet``.
    """
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        given = table.reset_index(drop=True)
        return Table(given, given)
    path = Path(table)
    suffix = path.suffix.lower()
    try:
        if suffix in (".parquet", ".pq"):
            require("pyarrow", "parquet", "reading Parquet")
            given = pd.read_parquet(path).reset_index(drop=True)
            return Table(given, given)
        if suffix in (".csv", ".tsv", ".txt"):
            return Table(_read_text(path, None), _read_text(path, str))
    except (OSError, ValueError, OverflowError) as error:  # pandas tries a number of 400 digits, and fails
        raise TableError(f"{path}: cannot be read ({error})") from error
    raise TableError(f"{path}: a .csv, .tsv or .parquet file or a DataFrame was expected")


def _read_text(path: Path, kind: type | None) -> pd.DataFrame:
    """Read CSV or TSV; "NA" and "nan" are text, only an empty cell is missing."""
    import pandas as pd

    with warnings.catch_warnings():
        # of a comma at the end of every row: without index_col=False it would shift all columns by one
        warnings.simplefilter("ignore", pd.errors.ParserWarning)
        return pd.read_csv(
            path,
            sep="," if path.suffix.lower() == ".csv" else "\t",
            dtype=kind,
            index_col=False,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
        )


def column(frame: pd.DataFrame, name: str, argument: str) -> pd.Series[Any]:
    """Give a column.

    Raises
    ------
    TableError
        There is none of this name; the message lists those that are there and the argument that names it.
    """
    if name not in frame.columns:
        there = ", ".join(str(one) for one in frame.columns)
        raise TableError(f"there is no column {name!r}; there are: {there}. Name the right one with {argument}=")
    return frame[name]


def extra_columns(frame: pd.DataFrame, used: set[str]) -> dict[str, pd.Series[Any]]:
    """Give the user's other columns; one whose name mediaml needs itself is kept as ``<name>_in_table``."""
    return {
        (f"{name}_in_table" if name in RESERVED else str(name)): frame[name]
        for name in frame.columns
        if name not in used
    }
