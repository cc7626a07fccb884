"""What tables of annotations share as text: their encoding, their lines and their times."""

from __future__ import annotations

import codecs
import math
import re
from pathlib import Path

from mediaml.data.formats.documents import content_of
from mediaml.errors import AnnotationError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINE_END = re.compile("\r\n|\n|\r")  # str.splitlines also cuts at signs that may stand in a label
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_LATIN_1 = re.compile("[\x80-\x9f]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
LARGEST_TABLE = 1 << 28  # bytes: some million annotations
_QUOTED = 60  # characters of the user's text in an error


def read_lines(path: Path) -> list[tuple[int, str]]:
    r"""Read the lines of a text file that are not blank.

    The encoding is UTF-16 where the file begins with its byte order mark, else UTF-8 with or without a mark. As a
    last resort, bytes that are not UTF-8 are read as Latin-1, in which older programs of western locales wrote.

    Parameters
    ----------
    path
        The file; its lines end in ``\n``, ``\r\n`` or ``\r``.

    Returns
    -------
    list[tuple[int, str]]
        The number of the line, counted from 1, and its text without the line end.

    Raises
    ------
    AnnotationError
        The file cannot be opened, or does not hold text.
    """
    raw = content_of(path, LARGEST_TABLE)
    text = _decode(path, raw)
    if control := _CONTROL.search(text):
        line = 1 + len(_LINE_END.findall(text, 0, control.start()))
        raise AnnotationError(path, line, f"is not text: it holds the character {control.group()!r}")
    return [(number, line) for number, line in enumerate(_LINE_END.split(text), start=1) if line.strip()]


def _decode(path: Path, raw: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    try:
        return raw.decode(marked or "utf-8")
    except UnicodeDecodeError as error:
        if marked:
            raise AnnotationError(path, None, f"begins as {marked} text but is damaged: {error}") from error
    text = raw.decode("latin-1")
    if _NOT_LATIN_1.search(text):
        raise AnnotationError(path, None, "is not UTF-8, UTF-16 or Latin-1 text: save it as UTF-8")
    return text


def quoted(text: str) -> str:
    """Show a piece of the user's text in an error, at a length that a line can hold."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Read a finite number as tables write it; None where the text is anything else ("nan", "1_000", "")."""
    text = text.strip()
    if decimal_comma:
        text = text.replace(",", ".")
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def number_or_text(text: str) -> float | str:
    """Read a cell whose meaning only its author knows: as a number where it is a finite one, else as it stands."""
    value = number(text)
    return text if value is None else value


def seconds(path: Path, line: int, text: str, *, decimal_comma: bool = False) -> float:
    """Read a time or a duration in seconds.

    Raises
    ------
    AnnotationError
        The text is not a finite number, or is negative.
    """
    value = number(text, decimal_comma=decimal_comma)
    if value is None:
        raise AnnotationError(path, line, f"{quoted(text)} is not a number of seconds")
    if value < 0:
        raise AnnotationError(path, line, f"{quoted(text)} is negative: a recording begins at 0 seconds")
    return value


def span(path: Path, line: int, start: str, end: str, *, decimal_comma: bool = False) -> tuple[float, float]:
    """Read where a stretch starts and ends, in seconds; both may be the same.

    Raises
    ------
    AnnotationError
        One of the two is not a time, or the end lies before the start.
    """
    first = seconds(path, line, start, decimal_comma=decimal_comma)
    last = seconds(path, line, end, decimal_comma=decimal_comma)
    if last < first:
        raise AnnotationError(path, line, f"the end {quoted(end)} lies before the start {quoted(start)}")
    return first, last


def ending(path: Path, line: int, start: float, duration: float) -> float:
    """Where a stretch of `duration` seconds ends, to the nanosecond: 27.84 + 2.16 is 30, not a hair more.

    Raises
    ------
    AnnotationError
        The sum is too large for a number.
    """
    end = round(start + duration, 9)
    if not math.isfinite(end):
        raise AnnotationError(path, line, f"a start of {start} with a duration of {duration} seconds has no end")
    return max(start, end)
