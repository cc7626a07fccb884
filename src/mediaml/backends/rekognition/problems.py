"""What the service found wrong with the data, out of the files and entries that it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from mediaml.data.formats.manifest import SOURCE
from mediaml.data.preflight.rules import CODES

LISTS = ("errors", "warnings")
PARTS = {"training": "train", "testing": "test"}


class Problem(NamedTuple):
    """One thing that the service found wrong.

    Parameters
    ----------
    code
        Its own: ``ERROR_...`` or ``WARNING_...``.
    message
        What it says.
    part
        ``"train"``, ``"test"``, or empty where it is about both.
    line
        Of the manifest, counted from 1; None where the manifest as a whole is meant.
    address
        The picture's; empty where none is meant.
    """

    code: str
    message: str
    part: str = ""
    line: int | None = None
    address: str = ""

    @property
    def remedy(self) -> str:
        """What to do about it; empty where this version does not know the code."""
        return CODES[self.code].remedy if self.code in CODES else ""

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.part, "" if self.line is None else f"line {self.line}") if part)
        told = f"{self.code}: {self.message}" if self.message else self.code
        return ": ".join(part for part in (where, self.address, told, self.remedy) if part)


def line_problems(lines: Iterable[str], part: str = "") -> Iterator[Problem]:
    """Give what is wrong with the lines of a validation manifest, or with the entries of a dataset.

    The arrays ``errors`` and ``warnings`` stand at the line, at its label attributes, at their annotations and at
    their metadata (AWS, "Custom Labels guide", tm-debugging-json-line-errors).
    """
    for number, text in enumerate(lines, 1):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue  # a line that was no JSON when it was sent comes back as it was
        address = str(found.get(SOURCE, "")) if isinstance(found, dict) else ""
        for row in _rows(found):
            yield Problem(str(row.get("code", "")), str(row.get("message", "")), part, number, address)


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in LISTS and isinstance(inner, list):
                yield from (row for row in inner if isinstance(row, Mapping) and "code" in row)
            else:
                yield from _rows(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rows(inner)


def entry_problems(lines: Iterable[str], most: int) -> Iterator[str]:
    """Say what is wrong with entries, some of them, as a person would read it."""
    return (str(one._replace(line=None)) for one in islice(line_problems(lines), most))


def summary_problems(summary: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what is wrong with manifests as a whole, out of ``manifest_summary.json`` (tm-debugging-summary)."""
    for row in summary.get("errors", ()):
        yield Problem(str(row.get("code", "")), str(row.get("message", "")))
    for name, part in PARTS.items():
        for row in summary.get("statistics", {}).get(name, {}).get("errors", ()):
            yield Problem(str(row.get("code", "")), str(row.get("message", "")), part)
