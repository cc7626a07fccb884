"""Audacity label tracks: start, end and label separated by tabs, times in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.text import number, quoted, read_lines, span
from mediaml.errors import AnnotationError

_FREQUENCIES = "\\"  # the first cell of a line that holds the frequencies of the label above it


def recognises(line: str) -> bool:
    """Whether the first line of a file is a label: two numbers, separated by a tab."""
    start, tab, rest = line.partition("\t")
    end = rest.partition("\t")[0]
    return bool(tab) and None not in (number(start, decimal_comma=True), number(end, decimal_comma=True))


def read(path: Path, label_column: str | None = None) -> list[Annotation]:
    """Read an Audacity label track, with a decimal point or, as some locales write it, a decimal comma.

    Parameters
    ----------
    path
        The label track.
    label_column
        Must be None: a label track has no named columns.

    Returns
    -------
    list[Annotation]
        In the order of the file. A point label starts where it ends. Where Audacity exported the frequencies of a
        label, `extra` holds them in hertz as ``low_freq_hz`` and ``high_freq_hz``.

    Raises
    ------
    AnnotationError
        A line is not a label or has no valid times, or `label_column` is given.
    """
    if label_column is not None:
        reason = f"is an Audacity label track, which has no named columns: leave out label_column={label_column!r}"
        raise AnnotationError(path, None, reason)
    found: list[Annotation] = []
    for line, text in read_lines(path):
        if not text.startswith(_FREQUENCIES):
            found.append(_label(path, line, text))
        elif not found:
            raise AnnotationError(path, line, f"has frequencies before the first label: {quoted(text)}")
        else:
            found[-1] = replace(found[-1], extra=_frequencies(path, line, text))
    return found


def _label(path: Path, line: int, text: str) -> Annotation:
    start, tab, rest = text.partition("\t")
    end, _, label = rest.partition("\t")
    if not tab:
        raise AnnotationError(path, line, f"{quoted(text)} is not a start, an end and a label, separated by tabs")
    times = span(path, line, start, end, decimal_comma=True)
    return Annotation(*times, label.strip() or None)


def _frequencies(path: Path, line: int, text: str) -> dict[str, object]:
    """Read a line of frequencies; Audacity writes a negative number for one that is not set."""
    values = [number(cell, decimal_comma=True) for cell in text.rstrip().split("\t")[1:]]
    if len(values) != 2 or None in values:
        raise AnnotationError(path, line, f"{quoted(text)} is not a low and a high frequency, separated by tabs")
    names = ("low_freq_hz", "high_freq_hz")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None and value >= 0}
