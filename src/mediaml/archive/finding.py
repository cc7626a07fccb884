"""Segments as values: each with its file's streams and the tracks of its boxes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from mediaml.archive.journal import TRACKS, Journal
from mediaml.archive.value import PARTS
from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.reel import Find
from mediaml.values.timeline import Event

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE = 10_000  # variables of a query
MORE = """
SELECT segments.id, segments.tracks, files.media FROM segments JOIN files ON files.id = segments.file
WHERE segments.id IN ({})
"""


def finds_of(journal: Journal, found: pd.DataFrame) -> tuple[Find, ...]:
    """Give segments as values, in their order."""
    more = _more(journal, [int(number) for number in found["id"]])
    worth = [name for name in (*PARTS, "value") if name in found] if "value" in found else []
    known = cache(media_of)
    return tuple(
        Find(
            source=row.file,
            event=Event(
                label=row.label,
                segment=Segment(start=row.start, end=row.end),
                confidence=row.confidence,
                model=row.model,
                tracks=TRACKS.validate_json(tracks) if tracks else (),
            ),
            media=None if media is None else known(media),
            value=row.value if "value" in worth else None,
            parts={name: getattr(row, name) for name in worth if name != "value"},
        )
        for row, (tracks, media) in zip(found.itertuples(), more, strict=True)
    )


def _more(journal: Journal, numbers: Sequence[int]) -> list[tuple[Any, Any]]:
    found: dict[int, tuple[Any, Any]] = {}
    for first in range(0, len(numbers), AT_ONCE):
        some = numbers[first : first + AT_ONCE]
        rows = journal.rows(MORE.format(", ".join("?" * len(some))), some)
        found.update({number: (tracks, media) for number, tracks, media in rows})
    return [found.get(number, (None, None)) for number in numbers]  # another scan may have replaced some meanwhile


def media_of(text: str) -> Media:
    """Read what a journal says of a file's streams."""
    return Media.model_validate_json(text)
