"""What was found in many files: a catalog, and a reel of the best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mediaml.reports.views.examples import find_card, is_picture
from mediaml.reports.views.media import cards, file_name
from mediaml.reports.views.parts import Cell, Column, Gallery, Part, Table, View, cut, lasting
from mediaml.values.prediction import percentage
from mediaml.values.reel import Find, Reel
from mediaml.values.timeline import clock

ROWS, LABELS = 20, 40
SHOWN = 6
MOST_NOT_READ = 5
MOST_NOT_FOUND = 10


class Counted(NamedTuple):
    """How much was found of a label by a model."""

    model: str
    label: str
    segments: int
    files: int
    seconds: float


def reel_html(reel: Reel) -> str:
    """Write a reel for a notebook's cell: its finds in order, the first of them to be seen and heard."""
    seconds = sum(find.event.segment.duration for find in reel)
    rows = tuple(_find(number, find) for number, find in enumerate(reel, 1))
    first, note = cut(rows, ROWS, "reel.finds has them all")
    names = ("number", "file", "from", "to", "label", "confidence", *(["worth"] if _valued(reel.finds) else []))
    numbers = ("number", "from", "to", "worth")
    columns = tuple(Column(name, name in numbers, bar=name == "confidence") for name in names)
    wide = len(columns)
    shown = cards(reel.finds[:SHOWN], find_card)
    parts: tuple[Part, ...] = (
        Gallery(shown, "The first of them" if len(reel) > SHOWN else ""),
        Table("In order", columns, tuple(row[:wide] for row in first), note),
    )
    files = len({find.source for find in reel})
    figures = (("finds", f"{len(reel):,}"), ("files", f"{files:,}"), ("in all", clock(seconds, 0)))
    more = (("For an editor:", 'reel.save("best.edl")'),)
    return View(f"{reel.name}.", figures, parts if len(reel) else (), more=more)._repr_html_()


def _valued(finds: Sequence[Find]) -> bool:
    return any(find.value is not None for find in finds)


def _find(number: int, find: Find) -> tuple[Cell, ...]:
    segment, sure = find.event.segment, find.event.confidence
    return (
        Cell(str(number)),
        Cell(file_name(find.source)),
        *(Cell("" if is_picture(find) else clock(time)) for time in (segment.start, segment.end)),
        Cell(find.event.label),
        Cell(percentage(sure), sure),
        Cell("" if find.value is None else f"{find.value:.2f}"),
    )


def catalog_html(
    store: str,
    states: Mapping[str, int],
    seconds: float,
    found: Sequence[Counted],
    best: Sequence[Find],
    not_read: Sequence[tuple[str, str]],
) -> str:
    """Write a catalog for a notebook's cell.

    Parameters
    ----------
    store
        The file of the scan.
    states
        How many files are in each state.
    seconds
        How long they are together.
    found
        What was found, a row a label and model.
    best
        Some finds to be seen and heard.
    not_read
        Files that could not be read, or not all of them, and why.
    """
    files = sum(states.values())
    segments = sum(one.segments for one in found)
    figures = (
        ("files", f"{files:,}"),
        lasting(seconds),
        ("segments", f"{segments:,}"),
        *((state, f"{count:,}") for state, count in states.items() if state != "read"),
    )
    parts: list[Part] = [_labels(found)] if found else []
    if best:
        parts.append(Gallery(cards(best, find_card), "The surest of some labels"))
    remarks = [f"Not read: {file_name(path)}: {why}" for path, why in not_read[:MOST_NOT_READ]]
    if len(not_read) > MOST_NOT_READ:
        remarks.append(f"and {len(not_read) - MOST_NOT_READ:,} more files; catalog.files says why")
    return View(
        f"{store}.",
        figures,
        tuple(parts),
        tuple(remarks),
        (("What was found:", "catalog.segments()"), ("what to look at first:", 'catalog.segments(order="value")')),
    )._repr_html_()


def _some(names: Sequence[str]) -> str:
    """Name some, and count the others."""
    more = f" and {len(names) - MOST_NOT_FOUND:,} more" * (len(names) > MOST_NOT_FOUND)
    return ", ".join(names[:MOST_NOT_FOUND]) + more


def _labels(found: Sequence[Counted]) -> Table:
    """Those that were found, the most frequent first; which were not."""
    there = sorted((one for one in found if one.segments), key=lambda one: (-one.segments, one.label))
    most = max((one.segments for one in there), default=1)
    several = len(Counter(one.model for one in found)) > 1
    rows = tuple(
        (
            Cell(one.label),
            Cell(f"{one.segments:,}", one.segments / most),
            Cell(f"{one.files:,}"),
            Cell(clock(one.seconds, 0)),
            *([Cell(one.model)] if several else []),
        )
        for one in there
    )
    first, note = cut(rows, LABELS, "catalog.labels has them all")
    if missing := [f"{one.label} by {one.model}" if several else one.label for one in found if not one.segments]:
        note = f"{note}. " * bool(note) + f"Not found anywhere: {_some(missing)}."
    columns = (
        Column("label"),
        *(Column(name, number=True, bar=name == "segments") for name in ("segments", "files", "in all")),
        *([Column("model")] if several else []),
    )
    return Table("Labels", columns, first, note)
