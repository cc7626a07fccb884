"""Tables of annotations in any format that mediaml knows, and the recordings that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mediaml._warnings import warn
from mediaml.data.formats import audacity, raven, rttm
from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.joined import composed
from mediaml.data.formats.text import quoted, read_lines
from mediaml.errors import AnnotationError

TABLE_SUFFIXES = frozenset((".txt", ".tsv", ".rttm"))
_FORMATS = (
    (raven.recognises, raven.read),
    (audacity.recognises, audacity.read),
    (rttm.recognises, rttm.read),
)


def read(path: Path, label_column: str | None = None) -> list[Annotation]:
    """Read a table of annotations: a Raven selection table, an Audacity label track or RTTM.

    The first line tells the format, since ``.txt`` is the suffix of two of them.

    Parameters
    ----------
    path
        The table. An empty file is one without annotations, as Audacity exports an empty label track.
    label_column
        The column of the labels in a Raven table; None takes the only one with a usual name.

    Returns
    -------
    list[Annotation]
        In the order of the table; times in seconds.

    Raises
    ------
    AnnotationError
        The format is none of the three, or the table does not keep to it.
    """
    lines = read_lines(path)
    if not lines:
        return []
    line, first = lines[0]
    for recognises, reader in _FORMATS:
        if recognises(first):
            return reader(path, label_column)
    kind = "looks like CSV" if "," in first and "\t" not in first else "is in no known format"
    reason = f"{kind}: {quoted(first)} begins neither a Raven selection table, an Audacity label track nor RTTM"
    raise AnnotationError(path, line, f"{reason}; read tables of your own making with AudioDataset.from_table")


def table_files(folder: Path) -> list[Path]:
    """Find the files below a folder that may be tables of annotations, sorted.

    Raises
    ------
    AnnotationError
        There are none.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in TABLE_SUFFIXES and path.is_file())
    found = [path for path in files if _is_table(path)]
    if 0 < len(found) < len(files):
        others = [path.name for path in files if path not in found]
        warn(f"{folder}: no tables of annotations, passed over: {', '.join(others[:5])}")
    if not found:
        raise AnnotationError(folder, None, f"no table ({', '.join(sorted(TABLE_SUFFIXES))}) below this folder")
    return found


def _is_table(path: Path) -> bool:
    """Tell a table, an empty one too, from a README or a log."""
    lines = read_lines(path)
    return not lines or any(recognises(lines[0][1]) for recognises, _ in _FORMATS)


def match(recordings: Sequence[Path], tables: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Pair recordings with tables by name: ``day1.wav`` with ``day1.txt`` or ``day1.Table.1.selections.txt``.

    The name of a table begins with the stem of its recording and a dot. Where several stems fit, the longest wins;
    where recordings in several folders have that stem, the one in the table's own folder does.

    Parameters
    ----------
    recordings, tables
        The files, which need not be in one folder. None of them is opened.

    Returns
    -------
    list[tuple[Path, Path]]
        A recording and its table, in the order of `recordings`.

    Raises
    ------
    AnnotationError
        A recording has no table or several, or a table has no recording or several; names them all.
    """
    by_stem: dict[str, list[Path]] = {}
    for recording in dict.fromkeys(recordings):
        by_stem.setdefault(composed(recording.stem), []).append(recording)
    owners = {table: _owners(table, by_stem) for table in tables}
    owned: dict[Path, list[Path]] = {recording: [] for recording in recordings}
    for table, found in owners.items():
        for recording in found:
            owned[recording].append(table)
    if problems := _problems(owners, owned):
        folder = next(iter([*recordings, *tables])).parent
        raise AnnotationError(folder, None, f"recordings and tables do not pair: {'; '.join(problems)}")
    return [(recording, table) for recording, (table,) in owned.items()]


def _owners(table: Path, by_stem: Mapping[str, list[Path]]) -> list[Path]:
    name = composed(table.name)
    while "." in name:
        name = name.rpartition(".")[0]
        if found := by_stem.get(name):
            return [recording for recording in found if recording.parent == table.parent] or found
    return []


def _problems(owners: Mapping[Path, list[Path]], owned: Mapping[Path, list[Path]]) -> list[str]:
    cases = (
        (_alone(owned), "without a table: {} (leave them out, or give an empty table where nothing is to be heard)"),
        (_alone(owners), "without a recording: {} (name a table after its recording: day1.wav, day1.txt)"),
        (_shared(owned), "several tables of one recording: {} (give the tables explicitly, one for each recording)"),
        (_shared(owners), "several recordings for one table: {} (put each table beside its recording)"),
    )
    return [advice.format(", ".join(names)) for names, advice in cases if names]


def _alone(partners: Mapping[Path, list[Path]]) -> list[str]:
    return [str(path) for path, found in partners.items() if not found]


def _shared(partners: Mapping[Path, list[Path]]) -> list[str]:
    return [f"{path} with {' and '.join(map(str, found))}" for path, found in partners.items() if len(found) > 1]
