"""What every format says of a picture, in one shape: readers give it, writers take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediaml.values.geometry import Box


@dataclass(frozen=True, slots=True)
class Pictured:
    """One picture of a file of annotations.

    Parameters
    ----------
    path
        Absolute path of the picture, or its ``s3://`` address.
    labels
        Labels of the picture as a whole, or of its boxes, each once, sorted; may be none.
    boxes
        Pixels of the picture as the annotation counts them. None: the file says nothing of boxes. Empty: it says that
        there are none.
    width, height
        Pixels, where the file states them.
    group
        What must stay together in a split, where the file states it.
    extra
        What else the file says of the picture, by the file's own names: JSON values.
    """

    path: str
    labels: tuple[str, ...] = ()
    boxes: tuple[Box, ...] | None = None
    width: int | None = None
    height: int | None = None
    group: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer wrote, and what the format has no place for.

    Parameters
    ----------
    path
        The file or the folder.
    pictures, boxes
        How many were written.
    lost
        What could not be written, a sentence each; empty where the format holds everything.
    """

    path: Path
    pictures: int
    boxes: int
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.pictures:,} pictures, {self.boxes:,} boxes"]
        return "\n".join([*lines, *(f"! not written: {one}" for one in self.lost)])


class Losses:
    """Counts what a format has no place for, while it is written."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()

    def add(self, what: str, times: int = 1) -> None:
        """Count something: ``"the attribute 'difficult' of boxes"``."""
        self._found[what] += times

    def add_all(self, what: Iterable[str]) -> None:
        """Count several things once each."""
        self._found.update(what)

    @property
    def told(self) -> tuple[str, ...]:
        """A sentence each, sorted."""
        return tuple(f"{what} ({count:,} times)" for what, count in sorted(self._found.items()))
