"""NIST RTTM (rich transcription time marked): who speaks when, times in seconds."""

from __future__ import annotations

import re
from pathlib import Path

from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.text import ending, number_or_text, quoted, read_lines, seconds
from mediaml.errors import AnnotationError

_SPEAKER = "SPEAKER"
_SKIPPED = frozenset(
    {"SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU", "CB"}
    | {"A/P", "SPKR-INFO"}
)
_FIELDS = ("type", "file", "chan", "tbeg", "tdur", "ortho", "stype", "name", "conf", "slat")
_OPTIONAL = 2  # older files end before conf or slat
_COMMENT = ";;"
_BLANKS = re.compile("[ \t]+")  # a name may hold other kinds of space


def recognises(line: str) -> bool:
    """Whether the first line of a file is an RTTM object or a comment."""
    return line.lstrip().startswith(_COMMENT) or _type(line) in {_SPEAKER, *_SKIPPED}


def read(path: Path, label_column: str | None = None) -> list[Annotation]:
    """Read the SPEAKER lines of an RTTM file; other objects and comments are skipped.

    Parameters
    ----------
    path
        The file.
    label_column
        Must be None: the label is the name of the speaker.

    Returns
    -------
    list[Annotation]
        In the order of the file, with the file field as `recording` and the other fields in `extra` (``chan``,
        ``ortho``, ``stype``, ``conf``, ``slat``: numbers as float). ``<NA>`` is None, or left out of `extra`.

    Raises
    ------
    AnnotationError
        A line is not an RTTM object, a speaker's line has no valid times, or `label_column` is given.
    """
    if label_column is not None:
        reason = f"is an RTTM file, whose labels are the names of the speakers: leave out label_column={label_column!r}"
        raise AnnotationError(path, None, reason)
    found: list[Annotation] = []
    for line, text in read_lines(path):
        if text.lstrip().startswith(_COMMENT):
            continue
        kind = _type(text)
        if kind == _SPEAKER:
            found.append(_speaker(path, line, text))
        elif kind not in _SKIPPED:
            raise AnnotationError(path, line, f"{quoted(text)} does not begin with a type of RTTM, such as SPEAKER")
    return found


def _type(text: str) -> str:
    return _BLANKS.split(text.strip(), maxsplit=1)[0].upper()


def _speaker(path: Path, line: int, text: str) -> Annotation:
    cells = _BLANKS.split(text.strip())
    if not len(_FIELDS) - _OPTIONAL <= len(cells) <= len(_FIELDS):
        raise AnnotationError(path, line, f"{quoted(text)} does not have the fields {' '.join(_FIELDS)}")
    fields = {name: cell for name, cell in zip(_FIELDS, cells, strict=False) if cell.upper() != "<NA>"}
    start = seconds(path, line, fields.pop("tbeg", "<NA>"))
    end = ending(path, line, start, seconds(path, line, fields.pop("tdur", "<NA>")))
    recording, label = fields.pop("file", None), fields.pop("name", None)
    extra = {name: number_or_text(cell) for name, cell in fields.items() if name != "type"}
    return Annotation(start, end, label, extra, recording)
