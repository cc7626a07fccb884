"""Lines of manifests: what the service takes of them, and what it writes back where something is wrong."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.line import LineFacts, check_line
from mediaml.data.preflight.manifest import check_manifest
from mediaml.data.preflight.preflight import Figures, Preflight
from mediaml.data.preflight.rules import CODES

OF_DATASETS = (
    *("ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT", "ERROR_MANIFEST_SIZE_TOO_LARGE", "ERROR_EMPTY_MANIFEST"),
    *("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM", "ERROR_TOO_MANY_RECORDS_IN_ERROR", "ERROR_MANIFEST_TOO_MANY_LABELS"),
)
"""For which a dataset is not made (AWS, "Terminal errors" of datasets); an empty manifest is our own reading."""
SPANS = "OVERLAP"  # in the codes of what is wrong with both manifests together


@dataclass(frozen=True)
class Row:
    """A line that a dataset has taken.

    Parameters
    ----------
    text
        As it was sent.
    facts
        What is right and wrong with it.
    found
        What was found wrong with its picture.
    """

    text: str
    facts: LineFacts
    found: tuple[Fault, ...] = ()

    @property
    def address(self) -> str:
        """The picture's; empty where it cannot be read."""
        return self.facts.source_ref or ""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with it."""
        return (*self.facts.faults, *self.found)

    @property
    def in_error(self) -> bool:
        """Whether the service reports an error of it."""
        return any(one.severity == "error" and _is_aws(one) for one in self.faults)

    @property
    def usable(self) -> bool:
        """Whether it is learned from or tested on."""
        return self.facts.usable and not self.found

    @property
    def ignored(self) -> bool:
        """Whether it is right, and has no label."""
        return not self.facts.usable and not self.facts.bad and not self.found

    def told(self) -> str:
        """Give the line as the service gives it back: with what is wrong written into it."""
        rows = _rows(self.faults)
        if not rows["errors"] and not rows["warnings"]:
            return self.text
        try:
            document = json.loads(self.text)
        except (ValueError, RecursionError):
            document = {}
        if not isinstance(document, dict):
            document = {}
        # "The JSON Line is replaced with a new JSON Line that contains only the error information"
        return json.dumps({**document, **{name: told for name, told in rows.items() if told}})


def _is_aws(fault: Fault) -> bool:
    return fault.code.isupper()


def _rows(faults: Iterable[Fault]) -> dict[str, list[dict[str, str]]]:
    told: dict[str, list[dict[str, str]]] = {"errors": [], "warnings": []}
    for one in faults:
        if _is_aws(one):
            place = "errors" if one.severity == "error" else "warnings"
            told[place].append({"code": one.code, "message": CODES[one.code].meaning})
    return told


@dataclass
class Taken:
    """What a dataset takes of a manifest.

    Parameters
    ----------
    rows
        By the picture's address; what is dropped is not among them.
    refusal
        Why it is not made; empty where it is.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    refusal: str = ""


def taken(content: bytes, name: str, region: str) -> Taken:
    """Read a manifest as a dataset does: some lines are dropped without a word, some faults end it."""
    with tempfile.TemporaryDirectory(prefix="mm-twin-") as folder:
        path = Path(folder) / f"manifest{Path(name).suffix}"
        path.write_bytes(content)
        found = check_manifest(path, region=region)
    code = next((code for code in OF_DATASETS if found.counts.get(code)), None)
    if code is not None:
        return Taken(refusal=f"{code}: {CODES[code].meaning}.")
    return Taken(rows={row.address: row for row in rows_of(content) if not row.facts.dropped and row.address})


def rows_of(content: bytes) -> list[Row]:
    """Read the lines of a manifest; of a picture that is there several times the first one counts."""
    rows: list[Row] = []
    seen: set[str] = set()
    for number, raw in enumerate(_lines(content), 1):
        facts = check_line(raw, number)
        row = Row(raw, facts)
        if row.address and row.address in seen:
            continue
        seen.add(row.address)
        rows.append(row)
    return rows


def _lines(content: bytes) -> list[str]:
    lines = content.decode("utf-8", "replace").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def together(train: Sequence[str], test: Sequence[str], region: str) -> Preflight:
    """Hold two manifests against the rules for what is trained and tested on."""
    with tempfile.TemporaryDirectory(prefix="mm-twin-") as folder:
        paths = []
        for name, lines in (("train", train), ("test", test)):
            path = Path(folder) / f"{name}.manifest"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            paths.append(path)
        return check_manifest(*paths, region=region)


def summary(found: Preflight, train: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """Write ``manifest_summary.json`` (AWS, tm-debugging-summary)."""

    def of(part: str, rows: Sequence[Row], figures: Figures | None) -> dict[str, Any]:
        usable, ignored = sum(row.usable for row in rows), sum(row.ignored for row in rows)
        return {
            "use_case": "NOT_DETERMINED" if figures is None else figures.use_case,
            "total_json_lines": len(rows),
            "valid_json_lines": usable,
            "invalid_json_lines": len(rows) - usable - ignored,
            "ignored_json_lines": ignored,
            "error_json_line_indices": [number for number, row in enumerate(rows, 1) if row.in_error],
            "errors": _told(code for code in _of_whole(found, part) if SPANS not in code),
        }

    return {
        "statistics": {"training": of("train", train, found.train), "testing": of("test", test, found.test)},
        "errors": _told(code for code in _of_whole(found, "test") if SPANS in code),
    }


def _of_whole(found: Preflight, part: str) -> list[str]:
    return sorted({one.code for one in found.faults if one.part == part and is_whole(one)})


def _told(codes: Iterable[str]) -> list[dict[str, str]]:
    return [{"code": code, "message": CODES[code].meaning} for code in codes]


def is_whole(fault: Fault) -> bool:
    """Tell whether a fault is one of a manifest as a whole, for which a training fails, with a code of AWS's."""
    return _is_aws(fault) and fault.severity == "error" and CODES[fault.code].spoils == "training"
