"""``clips.csv``: which clip of a folder is of which find."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from mediaml.errors import StoreError
from mediaml.export.cutting.spans import Clipped
from mediaml.runtime.atomic import write_whole
from mediaml.values.reel import Find

NAME = "clips.csv"
HEADER = ("file", "source", "start", "end", "label", "confidence", "model", "begins", "copied", "error")
Row = tuple[str, ...]


class Listing:
    """The clips of a folder: those of earlier exports that are still there, and those of this one.

    Parameters
    ----------
    folder
        Where the clips are.
    name
        Of the table.
    earlier
        Rows by file name.
    """

    def __init__(self, folder: Path, name: str, earlier: dict[str, Row]) -> None:
        self.folder, self.name, self.earlier = folder, name, earlier
        self.rows: dict[int, Row] = {}

    @classmethod
    def read(cls, folder: Path) -> Listing:
        """Read the table of an earlier export; one of somebody else's is left as it is, and ours gets another name."""
        for number in range(1, 1000):
            name = NAME if number == 1 else f"clips-{number}.csv"
            if not os.path.lexists(folder / name):
                return cls(folder, name, {})
            if (rows := _rows(folder / name)) is not None:
                return cls(folder, name, {row[0]: row for row in rows if row[0] and (folder / row[0]).is_file()})
        raise StoreError(f"{folder} is full of tables called clips.csv that are somebody else's")

    def place_for(self, name: str, find: Find) -> Path:
        """Give where a clip goes: to its name, or beside what stands there and is not this find's."""
        place, number = self.folder / name, 2
        stem, suffix = place.stem, place.suffix
        while os.path.lexists(place) and not self._is_of(place, find):
            place, number = self.folder / f"{stem}-{number}{suffix}", number + 1
        return place

    def add(self, index: int, clipped: Clipped) -> None:
        """Note what became of a find."""
        find, place, copied, error, begins = clipped
        name = "" if place is None else place.name
        self.earlier.pop(name, None)
        *identity, model = _identity(find)
        self.rows[index] = (
            *(name, *identity, f"{find.event.confidence:.6g}", model),
            *("" if begins is None else f"{begins:.6f}", "" if place is None else str(copied).lower(), error or ""),
        )

    def write(self) -> None:
        """Write the table, in one step."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(HEADER)
        table.writerows(self.earlier.values())
        table.writerows(self.rows[index] for index in sorted(self.rows))
        write_whole(self.folder / self.name, text.getvalue().encode("utf-8", "replace"))

    def _is_of(self, place: Path, find: Find) -> bool:
        row = self.earlier.get(place.name)
        return row is not None and not place.is_symlink() and (*row[1:5], row[6]) == _identity(find)


def _identity(find: Find) -> Row:
    segment = find.event.segment
    return (_text(find.source), str(segment.start), str(segment.end), _text(find.event.label), _text(find.event.model))


def _text(text: str) -> str:
    """Give what is left of a text in the table: names that are no text lose something."""
    return text.encode("utf-8", "replace").decode()


def _rows(path: Path) -> list[Row] | None:
    """Read a table; None: it is none of ours."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [tuple(row) for row in csv.reader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    if not rows or rows[0] != HEADER or any(len(row) != len(HEADER) for row in rows):
        return None
    return rows[1:]
