"""Recordings and groups that stand in more than one part of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from mediaml.data.checks.finding import Finding, counted
from mediaml.data.checks.sounds import Sound, rows_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("split", "fold")
"""Columns of a table that say which part a row belongs to."""


class Parts:
    """Which parts the rows of a dataset belong to, by the columns ``split`` and ``fold`` where there are some."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._of_row: Mapping[str, list[str | None]] = {
            column: [
                str(value) if stated else None
                for value, stated in zip(frame[column], frame[column].notna(), strict=True)
            ]
            for column in COLUMNS
            if column in frame.columns
        }

    @property
    def columns(self) -> Sequence[str]:
        """The columns that there are."""
        return tuple(self._of_row)

    def of(self, column: str, rows: Sequence[int]) -> list[str]:
        """Give the parts that rows are in, sorted."""
        return sorted({part for number in rows if (part := self._of_row[column][number]) is not None})

    def apart(self, one: Sound, other: Sound) -> bool:
        """Tell whether two recordings are in different parts."""
        return any(
            len(self.of(column, [row.number for row in (*one.rows, *other.rows)])) > 1 for column in self.columns
        )


def cut_by_columns(sounds: Sequence[Sound], parts: Parts) -> Iterator[Finding]:
    """Find groups, and so recordings, whose rows a column puts in more than one part."""
    groups: dict[str, list[tuple[Sound, int]]] = {}
    for sound in sounds:
        for row in sound.rows:
            groups.setdefault(row.group, []).append((sound, row.number))
    for column in parts.columns:
        told: set[str] = set()
        for group, members in groups.items():
            found = parts.of(column, [number for _, number in members])
            if len(found) > 1:
                told.update(sound.path for sound, _ in members)
                yield _finding(members[0][0], group, f"{column} {', '.join(found)}", len(members))
        for sound in sounds:  # rows of one recording may belong to several groups
            found = parts.of(column, [row.number for row in sound.rows])
            if len(found) > 1 and sound.path not in told:
                yield _finding(sound, sound.path, f"{column} {', '.join(found)}", len(sound.rows))


def shared_with(sounds: Sequence[Sound], others: Sequence[Sequence[Sound]]) -> Iterator[Finding]:
    """Find recordings and groups that another part of the data has too."""
    theirs = [sound for other in others for sound in other]
    paths = {sound.path for sound in theirs}
    stated = {row.group for sound in theirs for row in sound.rows if _is_stated(row.group, sound.path)}
    clips = Counter(row.group for row in rows_of(sounds))
    told: set[str] = set()
    for sound in sounds:
        groups = [row.group for row in sound.rows if row.group in stated and _is_stated(row.group, sound.path)]
        if groups and groups[0] not in told:
            told.add(groups[0])
            yield _finding(sound, groups[0], "another part, too", clips[groups[0]])
        elif not groups and sound.path in paths:
            yield _finding(sound, sound.path, "another part, too", len(sound.rows))


def _is_stated(group: str, path: str) -> bool:
    """Tell whether a group was named by somebody; else it is the recording's own path, below whatever folder."""
    own = tuple(part for part in PurePath(group).parts if part != "..")
    return not own or PurePath(path).parts[-len(own) :] != own


def _finding(sound: Sound, group: str, where: str, clips: int) -> Finding:
    what = f"group {group!r}" if _is_stated(group, sound.path) else "the recording"
    return Finding(
        "recording_across_parts", f"{what} is in {where} ({counted(clips, 'clip')})", sound.path, sound.labels
    )
