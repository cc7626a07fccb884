"""Datasets from what is named on the command line, and parts of a split as tables."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import mediaml as mm
from mediaml.errors import DataError, LabelError, TableError
from mediaml.runtime.atomic import write_whole

PARTS = ("train", "validation", "test")


def read(data: Path, *, labelled: bool = True) -> mm.AudioDataset:
    """Read a folder with a folder per label, or a table with the columns path and label.

    Parameters
    ----------
    data
        The folder, or the ``.csv``, ``.tsv`` or ``.parquet`` file; relative paths in it begin at its folder.
    labelled
        Whether labels matter.

    Raises
    ------
    DataError
        There is no such folder or table, or nothing in it.
    """
    if data.is_dir():
        return mm.AudioDataset.from_folder(data, "folders" if labelled else None)
    if not data.exists():
        raise DataError(f"{data}: there is no such folder or table")
    return mm.AudioDataset.from_table(data, label_column="label" if labelled else None, root=data.parent)


def write_parts(parts: Mapping[str, mm.AudioDataset], folder: Path) -> dict[str, Path]:
    """Write each part as a CSV that `AudioDataset.from_table` reads back: paths are absolute, groups are kept.

    Parameters
    ----------
    parts
        By name.
    folder
        Made where it is missing. Tables of the same names are replaced.

    Returns
    -------
    The table of each part.

    Raises
    ------
    LabelError
        A row has several labels: a CSV holds one.
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
    contents = {name: _csv(part) for name, part in parts.items()}
    folder.mkdir(parents=True, exist_ok=True)
    places = {name: folder / f"{name}.csv" for name in parts}
    for name, place in places.items():
        write_whole(place, contents[name])
    return places


def _csv(part: mm.AudioDataset) -> bytes:
    frame = part.frame
    several = [path for path, label in zip(frame["path"], frame["label"], strict=True) if isinstance(label, tuple)]
    if several:
        raise LabelError(f"{several[0]}: a row with several labels does not fit into a CSV ({len(several)} such rows)")
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\r\n")  # RFC 4180; else a lone return in a label is not quoted
    try:
        return text.getvalue().encode("utf-8")
    except UnicodeEncodeError as error:
        raise TableError(f"a file's name is no text, so no table can hold it: rename it ({error})") from error
