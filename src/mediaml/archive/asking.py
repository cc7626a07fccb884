"""What is asked of a catalog: which segments, in which order, how many."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from mediaml.archive.journal import Journal
from mediaml.archive.value import Value
from mediaml.errors import DataError, LabelError

Order = Literal["time", "confidence", "value", "doubt"]
MOST_NAMED = 5


@dataclass(frozen=True)
class Question:
    """Which segments are wanted.

    Parameters
    ----------
    label
        One, or several; None: all.
    min_confidence
        The lowest, 0 to 1.
    file
        Of one file; its path, or the end of it where only one file ends so.
    model
        Of one model, by its name in the scan.
    top
        Only so many, the first of the order.
    order
        None: by time, or by confidence where `top` is given.
    value
        What makes a segment valuable; None: the usual. It orders by value.
    """

    label: str | Sequence[str] | None = None
    min_confidence: float = 0.0
    file: str | Path | None = None
    model: str | None = None
    top: int | None = None
    order: Order | None = None
    value: Value | None = None

    def __post_init__(self) -> None:
        if self.order is not None and self.order not in get_args(Order):
            raise ValueError(f"order is one of {', '.join(get_args(Order))}, not {self.order!r}")
        if self.value is not None and self.order not in (None, "value"):
            raise ValueError(f"value= orders by value, not by {self.order}")

    @property
    def sorted_by(self) -> Order:
        """The order that holds."""
        if self.order is not None:
            return self.order
        if self.value is not None:
            return "value"
        return "time" if self.top is None else "confidence"

    def where(self, journal: Journal) -> tuple[str, list[Any]]:
        """Give what SQL wants to know: conditions, each with an AND before it, and their values.

        Raises
        ------
        LabelError
            No model of the scan has this label, or one of those that `value` weighs.
        DataError
            There is no such file in the catalog, or no such model.
        """
        where = ""
        values: list[Any] = []
        if self.value is not None:
            known_labels(journal, tuple(self.value.labels))
        if self.label is not None:
            wanted = known_labels(journal, (self.label,) if isinstance(self.label, str) else tuple(self.label))
            where += f" AND segments.label IN ({', '.join('?' * len(wanted))})"
            values += wanted
        if self.min_confidence > 0:
            where += " AND segments.confidence >= ?"
            values.append(self.min_confidence)
        if self.file is not None:
            where += " AND files.path = CAST(? AS TEXT)"
            values.append(os.fsencode(path_of(journal, self.file)))
        if self.model is not None:
            where += " AND models.name = ?"
            values.append(_known_model(journal, self.model))
        return where, values


def path_of(journal: Journal, file: str | Path) -> str:
    """Find a file by its path, or by the end of it; one that was gone at the last scan only where no other is meant.

    Raises
    ------
    DataError
        There is none, or several end so.
    """
    wanted = os.fspath(file)
    exact = (gone for gone in (False, True) if Path(wanted).is_absolute() and _there(journal, wanted, gone))
    if next(exact, None) is not None:
        return wanted
    found = _named_so(journal, wanted, gone=False) or _named_so(journal, wanted, gone=True)
    if not found:
        raise DataError(f"{wanted}: there is no such file in {journal.path}; in Python, catalog.files lists all")
    if len(found) > 1:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise DataError(f"{wanted}: several files end so: {', '.join(found[:MOST_NAMED])}{more}")
    return found[0]


def _named_so(journal: Journal, wanted: str, gone: bool) -> list[str]:
    """Give the file of this name, else those whose names end so."""
    for exact in (wanted, os.path.abspath(wanted)):
        if _there(journal, exact, gone):
            return [exact]
    tail = wanted if wanted.startswith("/") else f"/{wanted}"
    paths = journal.rows("SELECT path FROM files WHERE gone = ? ORDER BY path", (gone,))
    return [path for (path,) in paths if path.endswith(tail)]


def _there(journal: Journal, path: str, gone: bool) -> bool:
    known = "SELECT 1 FROM files WHERE path = CAST(? AS TEXT) AND gone = ?"
    return bool(journal.rows(known, (os.fsencode(path), gone)))


def models_of(journal: Journal) -> list[tuple[str, list[str]]]:
    """Give the models that took part, each with its labels."""
    return [(name, json.loads(labels)) for name, labels in journal.rows("SELECT name, labels FROM models")]


def known_labels(journal: Journal, wanted: Sequence[str]) -> Sequence[str]:
    """Refuse labels that no model looked or listened for.

    Raises
    ------
    LabelError
        There are some.
    """
    known = {label for _, labels in models_of(journal) for label in labels}
    unknown = [label for label in wanted if label not in known]
    if unknown and known:
        seen = {label for (label,) in journal.rows("SELECT DISTINCT label FROM segments")}
        if still := [label for label in unknown if label not in seen]:
            raise LabelError(
                f"{journal.path}: no model looked for {', '.join(map(repr, still))}; there are: "
                f"{', '.join(sorted(known | seen))}"
            )
    return wanted


def _known_model(journal: Journal, name: str) -> str:
    names = sorted({one for one, _ in models_of(journal)})
    if name not in names:
        raise DataError(f"{journal.path}: no model {name!r} took part; there are: {', '.join(names)}")
    return name
