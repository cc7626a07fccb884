"""CSV, Parquet and DataFrames: one row a clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml._extras import require
from mediaml.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

RESERVED = ("path", "start", "end", "label", "group")


def read_table(table: str | Path | pd.DataFrame) -> pd.DataFrame:
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
        return table.copy()
    path = Path(table)
    suffix = path.suffix.lower()
    try:
        if suffix in (".parquet", ".pq"):
            require("pyarrow", "parquet", "reading Parquet")
            return pd.read_parquet(path)
        if suffix in (".csv", ".tsv", ".txt"):
            # text stays text: a column of numbers is still read as numbers, but a label "NA" is no missing value
            return pd.read_csv(
                path, sep="," if suffix == ".csv" else "\t", keep_default_na=False, na_values=[""], encoding="utf-8-sig"
            )
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read ({error})") from error
    raise TableError(f"{path}: a .csv, .tsv or .parquet file or a DataFrame was expected")


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
