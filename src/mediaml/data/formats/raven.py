"""Raven selection tables: tab separated, one row for each view of a selection, times in seconds."""

from __future__ import annotations

from pathlib import Path

from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.text import ending, number_or_text, quoted, read_lines, seconds, span
from mediaml.errors import AnnotationError

_SELECTION, _VIEW = "Selection", "View"
_BEGIN, _END = "Begin Time (s)", "End Time (s)"
_FILE, _PATH, _OFFSET = "Begin File", "Begin Path", "File Offset (s)"
_LABELS = frozenset(
    ["annotation", "annotations", "call type", "class", "common name", "label", "labels", "species", "tag", "tags"]
)


def recognises(line: str) -> bool:
    """Whether the first line of a file is the header of a selection table."""
    names = {cell.strip().casefold() for cell in line.split("\t")}
    return not names.isdisjoint({_BEGIN.casefold(), _END.casefold()})


def read(path: Path, label_column: str | None = None) -> list[Annotation]:
    """Read a Raven selection table.

    Of a selection that is listed once for each view, the row of the spectrogram is kept. Where the table names the
    file in which a selection begins and its offset there, times count from the start of that file; else they are
    Raven's own, which count from the start of the sequence of files that was open.

    Parameters
    ----------
    path
        The table.
    label_column
        The column of the labels; None takes the only one with a usual name (Annotation, Species, Label, Tags...).

    Returns
    -------
    list[Annotation]
        In the order of the table, with the other columns in `extra`: numbers as float, empty cells left out.

    Raises
    ------
    AnnotationError
        The file is not a selection table, a row has no valid times, or the column of the labels is missing or unclear.
    """
    lines = read_lines(path)
    if not lines:
        raise AnnotationError(path, None, "is empty: a Raven selection table begins with the names of its columns")
    header = _header(path, *lines[0])
    rows = [(line, _row(path, line, text, header)) for line, text in lines[1:]]
    if not rows:
        return []
    label = _label_column(path, header, label_column)
    return [_annotation(path, line, row, label) for line, row in _one_view(rows)]


def _header(path: Path, line: int, text: str) -> list[str]:
    header = [cell.strip() for cell in text.split("\t")]
    for name in (_BEGIN, _END):
        if name not in header:
            raise AnnotationError(path, line, f"has no column {name!r}; {_columns(header)}")
    for name in filter(None, header):
        if header.count(name) > 1:
            raise AnnotationError(path, line, f"has the column {quoted(name)} more than once; {_columns(header)}")
    return header


def _columns(header: list[str]) -> str:
    return f"its columns are {', '.join(quoted(name) for name in header if name)}"


def _row(path: Path, line: int, text: str, header: list[str]) -> dict[str, str]:
    cells = [cell.strip() for cell in text.split("\t")]
    if any(cells[len(header) :]):
        reason = f"has {len(cells)} cells under {len(header)} columns: {quoted(text)}"
        raise AnnotationError(path, line, reason)
    cells += [""] * (len(header) - len(cells))
    return {name: cell for name, cell in zip(header, cells, strict=False) if name}


def _label_column(path: Path, header: list[str], wanted: str | None) -> str:
    if wanted is not None:
        if wanted and wanted in header:
            return wanted
        raise AnnotationError(path, None, f"has no column {wanted!r} for label_column=; {_columns(header)}")
    usual = [name for name in header if name.casefold() in _LABELS]
    if len(usual) == 1:
        return usual[0]
    found = f"may hold its labels in {' or '.join(map(repr, usual))}" if usual else "has no column known to hold labels"
    raise AnnotationError(path, None, f"{found}; {_columns(header)}: name the right one with label_column=")


def _one_view(rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """Keep one view of each selection.

    Joined tables count their selections from 1 again, so that the number alone does not tell two of them apart.
    """
    if _SELECTION not in rows[0][1] or _VIEW not in rows[0][1]:
        return rows
    kept: dict[tuple[str | None, ...], str] = {}
    for _, row in rows:
        view = kept.setdefault(_identity(row), row[_VIEW])
        if _is_spectrogram(row[_VIEW]) and not _is_spectrogram(view):
            kept[_identity(row)] = row[_VIEW]
    return [(line, row) for line, row in rows if row[_VIEW] == kept[_identity(row)]]


def _identity(row: dict[str, str]) -> tuple[str | None, ...]:
    return tuple(row.get(name) for name in (_SELECTION, _BEGIN, _END, _FILE, _PATH))


def _is_spectrogram(view: str) -> bool:
    return view.casefold().startswith("spectrogram")


def _annotation(path: Path, line: int, row: dict[str, str], label: str) -> Annotation:
    start, end = span(path, line, row[_BEGIN], row[_END])
    recording = row.get(_PATH) or row.get(_FILE) or None
    if recording and _OFFSET in row:
        duration = end - start
        start = seconds(path, line, row[_OFFSET])
        end = ending(path, line, start, duration)
    extra = {
        name: number_or_text(cell) for name, cell in row.items() if cell and name not in {_BEGIN, _END, _FILE, label}
    }
    return Annotation(start, end, row[label] or None, extra, recording)
