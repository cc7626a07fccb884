"""Tables that speak of several recordings: which recording each of their rows is of."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from mediaml._warnings import warn
from mediaml.data.formats.annotation import Annotation
from mediaml.errors import AnnotationError


def share_out(found: Sequence[Annotation], recordings: Iterable[Path], table: Path) -> dict[Path, list[Annotation]]:
    """Give each recording the annotations that a table has of it.

    A table names a recording by its file's name, with its ending or without, or by its path, which may be that of
    another machine. Of recordings with the same name, and of paths with the same name, those belong together that
    share the most folders, counted from the file upwards. What is said of other recordings is left out, and what is
    said of none belongs to each.

    Parameters
    ----------
    found
        What the table says.
    recordings
        Those that are asked for.
    table
        What errors name.

    Raises
    ------
    AnnotationError
        Two recordings have the name, and nothing tells which of them is meant.
    """
    own: dict[Path, list[Annotation]] = {path: [] for path in recordings}
    named = dict.fromkeys(one.recording for one in found if one.recording is not None)
    candidates = with_names(named, own)
    all_owners = {name: _owner(name, several, table) for name, several in candidates.items()}
    owners = _nearest_only(all_owners)
    if left := [name for name in all_owners if name not in owners]:
        warn(
            f"{table}: what it says of {', '.join(left[:3])}{' ...' if len(left) > 3 else ''} is left out: other paths "
            f"in it are nearer to the recordings of that name"
        )
    for one in found:
        if one.recording is None:
            for rows in own.values():
                rows.append(one)
        elif one.recording in owners:
            own[owners[one.recording]].append(one)
    return own


def with_names(names: Iterable[str], recordings: Iterable[Path]) -> dict[str, list[Path]]:
    """Find the recordings that have each name, with this ending, with another or without; what nothing has is none."""
    by_stem: dict[str, list[Path]] = {}
    for path in recordings:
        by_stem.setdefault(composed(path.stem), []).append(path)
    found = {}
    for name in names:
        without_ending = by_stem.get(_last(name), [])  # RTTM's names have none, and may have dots
        exact = [path for path in by_stem.get(stem_of(name), []) if composed(path.name) == _last(name)]
        found[name] = exact or without_ending or by_stem.get(stem_of(name), [])
    return {name: several for name, several in found.items() if several}


def stem_of(name: str) -> str:
    """Give the name of a recording without folders, of Windows too, and ending."""
    return PurePosixPath(_last(name)).stem


def composed(name: str) -> str:
    """Write accents the same way: macOS takes file names apart into letter and accent, others do not."""
    return unicodedata.normalize("NFC", name)


def _owner(name: str, recordings: Sequence[Path], table: Path) -> Path:
    shared = {path: _shared_folders(name, path) for path in recordings}
    nearest = [path for path, number in shared.items() if number == max(shared.values())]
    if len(nearest) > 1:
        raise AnnotationError(
            table,
            None,
            f"{name!r} may be {' or '.join(map(str, nearest))}: a column Begin Path that has their folders tells them "
            f"apart, or give each recording a table of its own",
        )
    return nearest[0]


def _nearest_only(owners: Mapping[str, Path]) -> dict[str, Path]:
    """Take away paths that are farther from their recording than another path is: those of other recordings."""
    shared = {name: _shared_folders(name, path) for name, path in owners.items()}
    most: dict[Path, int] = {}
    for name, path in owners.items():
        most[path] = max(most.get(path, 0), shared[name])
    return {name: path for name, path in owners.items() if not _folders(name) or shared[name] == most[path]}


def _shared_folders(name: str, path: Path) -> int:
    """Count the folders above both that are called the same, from the file upwards."""
    folders = zip(reversed(_folders(name)), reversed(_folders(os.path.abspath(path))), strict=False)
    same = [one == other for one, other in folders]
    return same.index(False) if False in same else len(same)


def _folders(name: str) -> list[str]:
    return _parts(name)[:-1]


def _last(name: str) -> str:
    return _parts(name)[-1]


def _parts(name: str) -> list[str]:
    return re.split(r"[/\\]+", composed(name))
