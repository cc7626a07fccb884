"""Search by example: what in an archive sounds or looks like this."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml._extras import require
from mediaml.archive.examples import Kind, embedding_of, kinds_of
from mediaml.archive.journal import VECTOR, Journal
from mediaml.backends.tracing import Embedder
from mediaml.errors import DataError
from mediaml.values.geometry import Segment

COLUMNS = ["file", "start", "end", "similarity", "label", "confidence", "model"]
AT_ONCE = 50_000  # vectors in memory
SHORT = 10.0  # seconds: of a longer segment a moment tells better where in it
VARIABLES = 10_000  # of a query
SPARE = 4  # times as many as are wanted: several that lie on one another are one hit
HITS = """
SELECT embeddings.id, files.path, embeddings.start, embeddings.end, segments.label, segments.confidence, models.name
FROM embeddings JOIN files ON files.id = embeddings.file JOIN models ON models.id = embeddings.model
LEFT JOIN segments ON segments.id = embeddings.segment
WHERE embeddings.id IN ({})
"""
VECTORS = """
SELECT embeddings.id, embeddings.vector FROM embeddings JOIN files ON files.id = embeddings.file
WHERE NOT files.gone AND embeddings.model IN ({}) AND embeddings.id > ? ORDER BY embeddings.id LIMIT ?
"""


class Hit(NamedTuple):
    """A place in the archive that is like the example; the label of what was found there, where something was."""

    file: str
    start: float
    end: float
    similarity: float
    label: str | None
    confidence: float | None
    model: str | None


def similar(
    journal: Journal, example: str | Path, segment: Segment | None, kind: Kind | None, by: object, top: int
) -> list[Hit]:
    """Give the places that are most like an example, the likest first; see `Catalog.similar`."""
    embedder, models = _chosen(journal, example, kind)
    wanted = embedding_of(example, segment, embedder, by)
    count = SPARE * top
    while True:
        nearest = _nearest(journal, models, wanted, count)
        found = _apart(_hits(journal, nearest), top)
        if len(found) == top or len(nearest) < count:
            return found
        count *= SPARE  # many lie on one another: there are more behind them


def _chosen(journal: Journal, example: str | Path, kind: Kind | None) -> tuple[Embedder, list[int]]:
    """Choose the network to compare by: the one that has heard or seen most of the archive."""
    counted: dict[Embedder, int] = {}
    models: dict[Embedder, list[int]] = {}
    for number, written, count in journal.rows(
        "SELECT models.id, models.embedder, COUNT(*) FROM models JOIN embeddings ON embeddings.model = models.id "
        "WHERE models.embedder IS NOT NULL GROUP BY models.id"
    ):
        embedder = Embedder(*json.loads(written))
        counted[embedder] = counted.get(embedder, 0) + count
        models.setdefault(embedder, []).append(number)
    for one in kinds_of(example) if kind is None else (kind,):
        if suiting := [embedder for embedder in counted if embedder.kind == one]:
            best = max(suiting, key=lambda embedder: counted[embedder])
            return best, models[best]
    raise DataError(
        f"{journal.path}: no model that took part can compare by {example}. Sounds are compared by models of sounds, "
        "pictures by models that give labels; stores of older scans keep nothing to compare by: scan into a new one"
    )


def _nearest(journal: Journal, models: Sequence[int], wanted: npt.NDArray[np.float32], count: int) -> dict[int, float]:
    """Compare with every vector, some at a time; gives the numbers of the nearest with their cosine."""
    usearch = require("usearch.index", "similar", "searching by example")
    best: list[tuple[float, int]] = []
    for numbers, vectors in _vectors(journal, models, len(wanted)):
        found = usearch.search(
            vectors, wanted.astype(VECTOR), min(count, len(vectors)), usearch.MetricKind.Cos, exact=True
        )
        best += [(1.0 - float(far), int(numbers[key])) for key, far in zip(found.keys, found.distances, strict=True)]
        best = sorted(best, key=lambda one: (-one[0], one[1]))[:count]
    return {number: similarity for similarity, number in best}


def _vectors(
    journal: Journal, models: Sequence[int], numbers: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]:
    query, last = VECTORS.format(", ".join("?" * len(models))), 0
    while rows := journal.rows(query, (*models, last, AT_ONCE)):
        last = rows[-1][0]
        content = b"".join(vector for _, vector in rows)
        yield np.array([number for number, _ in rows]), np.frombuffer(content, VECTOR).reshape(len(rows), numbers)


def _hits(journal: Journal, nearest: dict[int, float]) -> list[Hit]:
    numbers, rows = list(nearest), []
    for first in range(0, len(numbers), VARIABLES):
        some = numbers[first : first + VARIABLES]
        rows += journal.rows(HITS.format(", ".join("?" * len(some))), some)
    found = [
        Hit(path, start, end, round(nearest[number], 4), label, confidence, None if label is None else model)
        for number, path, start, end, label, confidence, model in rows
    ]
    return sorted(found, key=lambda hit: (-hit.similarity, hit.label is None, hit.file, hit.start))


def _apart(hits: Sequence[Hit], top: int) -> list[Hit]:
    """Make one hit of those that lie on one another, the likest first.

    A segment knows where a thing begins and ends, a moment does not: a short segment takes the place of the moments
    that it lies on; of what else overlaps the likest stays, with the label of any of them.
    """
    kept: list[Hit] = []
    for one in sorted(_drawn_to_segments(hits), key=lambda hit: -hit.similarity):
        on = next((number for number, other in enumerate(kept) if _touch(one, other)), None)
        if on is None:
            if len(kept) < top:
                kept.append(one)
        elif kept[on].label is None and one.label is not None:
            kept[on] = kept[on]._replace(label=one.label, confidence=one.confidence, model=one.model)
    return kept


def _drawn_to_segments(hits: Sequence[Hit]) -> list[Hit]:
    """Put segments in place of moments, each as like as the likest of these."""
    segments = [one for one in hits if one.label is not None and one.end - one.start <= SHORT]
    rest: list[Hit] = [one for one in hits if one.label is not None and one.end - one.start > SHORT]
    of_file: dict[str, list[int]] = {}
    for number, one in enumerate(segments):
        of_file.setdefault(one.file, []).append(number)
    for moment in (one for one in hits if one.label is None):
        on = [number for number in of_file.get(moment.file, ()) if _touch(segments[number], moment)]
        if not on:
            rest.append(moment)
        for number in on:
            best = max(segments[number].similarity, moment.similarity)
            segments[number] = segments[number]._replace(similarity=best)
    return [*segments, *rest]


def _touch(one: Hit, other: Hit) -> bool:
    if one.file != other.file:
        return False
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
