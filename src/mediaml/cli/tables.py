"""Datasets from what is named on the command line, and parts of a split as tables."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import mediaml as mm
from mediaml.data.labels import Label, labels_of
from mediaml.errors import DataError, LabelError, TableError
from mediaml.runtime.atomic import write_whole

if TYPE_CHECKING:
    from mediaml.data.base import Dataset

PARTS = ("train", "validation", "test")


def read(data: Path, *, labelled: bool = True, separator: str | None = None) -> mm.AudioDataset:
    """Read a folder with a folder per label, or a table with the columns path and label.

    Parameters
    ----------
    data
        The folder, or the ``.csv``, ``.tsv`` or ``.parquet`` file; relative paths in it begin at its folder.
    labelled
        Whether labels matter.
    separator
        What stands between several labels in a cell of a table.

    Raises
    ------
    DataError
        There is no such folder or table, or nothing in it.
    """
    if data.is_dir():
        return mm.AudioDataset.from_folder(data, "folders" if labelled else None)
    if not data.exists():
        raise DataError(f"{data}: there is no such folder or table")
    label_column = "label" if labelled else None
    return mm.AudioDataset.from_table(data, label_column=label_column, root=data.parent, label_separator=separator)


def write_parts(parts: Mapping[str, Dataset], folder: Path, separator: str | None = None) -> dict[str, Path]:
    """Write each part as a CSV that `AudioDataset.from_table` reads back: paths are absolute, groups are kept.

    Parameters
    ----------
    parts
        By name.
    folder
        Made where it is missing. Tables of the same names are replaced.
    separator
        What is written between several labels of a row.

    Returns
    -------
    The table of each part.

    Raises
    ------
    LabelError
        A row has several labels, and there is no separator, or a label holds it.
    TableError
        A file's name is no text.
    DataError
        The folder holds a table of another split that would not be replaced: it may share recordings with these.
    """
    left = [folder / f"{name}.csv" for name in PARTS if name not in parts and (folder / f"{name}.csv").exists()]
    if left:
        raise DataError(
            f"{left[0]}: of another split, and would stay beside this one; move it away or take a new folder"
        )
    contents = {name: _csv(part, separator) for name, part in parts.items()}
    folder.mkdir(parents=True, exist_ok=True)
    places = {name: folder / f"{name}.csv" for name in parts}
    for name, place in places.items():
        write_whole(place, contents[name])
    return places


def _csv(part: Dataset, separator: str | None) -> bytes:
    frame = part.frame
    frame["label"] = [_cell(path, label, separator) for path, label in zip(frame["path"], frame["label"], strict=True)]
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\r\n")  # RFC 4180; else a lone return in a label is not quoted
    try:
        return text.getvalue().encode("utf-8")
    except UnicodeEncodeError as error:
        raise TableError(f"a file's name is no text, so no table can hold it: rename it ({error})") from error


def _cell(path: str, label: Label, separator: str | None) -> str | None:
    """Write a row's labels into one cell."""
    labels = labels_of(label)
    if separator is None:
        if len(labels) > 1:
            raise LabelError(
                f"{path}: a row with several labels does not fit into a CSV without something between them: "
                f"--label-separator ';'"
            )
    elif wrong := [one for one in labels if separator in one or one != one.strip()]:
        raise LabelError(f"{path}: the label {wrong[0]!r} would not be read back: take another --label-separator")
    return (separator or "").join(labels) if labels else None
