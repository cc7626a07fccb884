"""Segments in the order that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mediaml.archive.asking import Question
from mediaml.archive.journal import VECTOR, Journal
from mediaml.archive.novelty import ALIKE, novelty, same
from mediaml.archive.value import PARTS, Value, parts_of, worth

if TYPE_CHECKING:
    import pandas as pd

BASIC = ["id", "file", "start", "end", "label", "confidence", "model"]
MEASURED = ["kind", "embedder", "digest", "clipped", "level", "sharpness", "side"]
SEGMENTS = """
SELECT segments.id, files.path, segments.start, segments.end, segments.label, segments.confidence, models.name{more}
FROM segments JOIN files ON files.id = segments.file JOIN models ON models.id = segments.model
WHERE NOT files.gone{where}
ORDER BY {order}files.path, segments.start, segments.end, segments.label, models.name{limit}
"""
MORE = (
    ", models.kind, COALESCE(models.embedder, ''), files.digest, segments.clipped, segments.level, segments.sharpness, "
    "segments.side"
)
BY = {"time": "", "value": "", "confidence": "segments.confidence DESC, ", "doubt": "segments.confidence, "}
COMPARED = 5000  # segments of one label, the most valuable: the others are no more new than the least new of these
AT_ONCE = 10_000  # variables of a query
LARGEST = 2**63 - 1  # number of SQLite's


def ranked(journal: Journal, question: Question) -> pd.DataFrame:
    """Give the segments that are asked for, in their order: the columns of `BASIC`; by value also its parts.

    Raises
    ------
    LabelError, DataError
        As of `Question.where`.
    """
    import pandas as pd

    where, values = question.where(journal)
    by_value = question.sorted_by == "value"
    limited = question.top is not None and not by_value
    query = SEGMENTS.format(
        more=MORE if by_value else "", where=where, order=BY[question.sorted_by], limit=" LIMIT ?" if limited else ""
    )
    rows = journal.rows(
        query, [*values, min(int(question.top), LARGEST)] if limited and question.top is not None else values
    )
    found = pd.DataFrame(rows, columns=[*BASIC, *MEASURED] if by_value else BASIC)
    found = found.astype({"start": float, "end": float, "confidence": float})
    return _by_value(journal, found, question) if by_value else found


def _by_value(journal: Journal, found: pd.DataFrame, question: Question) -> pd.DataFrame:
    value = question.value or Value()
    (files,) = journal.rows("SELECT COUNT(*) FROM files WHERE NOT gone AND error IS NULL")[0]
    counts = dict(
        journal.rows(
            "SELECT segments.label, COUNT(DISTINCT segments.file) FROM segments JOIN files ON files.id = segments.file "
            "WHERE NOT files.gone GROUP BY segments.label"
        )
    )
    found["files_with"] = found["label"].map(counts).astype(float)
    parts = parts_of(found, value, max(1, files))
    parts["novelty"] = _novelty(journal, found, worth(parts, value))
    parts["value"] = worth(parts, value)
    table = found[BASIC].join(parts.drop(columns="confidence"))
    table = table.sort_values("value", ascending=False, kind="stable")
    return table.head(question.top if question.top is not None else len(table)).reset_index(drop=True)


def _novelty(journal: Journal, found: pd.DataFrame, before: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Compare the segments of each label, the most valuable first, with those that can be compared."""
    out = np.ones(len(found))
    numbers = found["id"].to_numpy(np.int64)
    for kind, places in _alike(found):
        ranked = places[np.argsort(-before[places], kind="stable")]
        order, rest = ranked[:COMPARED], ranked[COMPARED:]
        vectors = _vectors(journal, numbers[order])
        known = [vectors.get(int(number), b"") for number in numbers[order]]
        by = [(found["embedder"].iat[place], len(one)) for place, one in zip(order, known, strict=True)]
        for space in sorted(set(by)):  # models may compare otherwise, or not at all
            some = [number for number, one in enumerate(by) if one == space]
            if space[1]:
                stacked = np.stack([np.frombuffer(known[number], VECTOR) for number in some]).astype(np.float32)
                out[order[some]] = novelty(stacked, ALIKE[kind])
            else:
                out[order[some]] = same(_contents(found.iloc[order[some]]))
        out[rest] = out[order].min()
    return out


def _alike(found: pd.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Give where the segments of each label and kind stand."""
    for _, rows in found.groupby(["label", "kind"], sort=False):
        yield str(rows["kind"].iat[0]), rows.index.to_numpy(np.int64)


def _contents(rows: pd.DataFrame) -> list[tuple[str, float, float]]:
    return list(zip(rows["digest"], rows["start"].round(1), rows["end"].round(1), strict=True))


def _vectors(journal: Journal, numbers: npt.NDArray[np.int64]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for first in range(0, len(numbers), AT_ONCE):
        some = [int(one) for one in numbers[first : first + AT_ONCE]]
        query = f"SELECT segment, vector FROM embeddings WHERE segment IN ({', '.join('?' * len(some))})"  # noqa: S608
        found.update(journal.rows(query, some))
    return found


__all__ = ["BASIC", "PARTS", "ranked"]
