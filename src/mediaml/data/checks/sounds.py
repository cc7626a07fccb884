"""The recordings of a dataset with the rows they have in it, each heard once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mediaml.data.checks.measure import Measured, measure
from mediaml.data.labels import labels_of
from mediaml.data.progress import track

if TYPE_CHECKING:
    import pandas as pd


class Row(NamedTuple):
    """One row of a dataset."""

    number: int
    start: float
    end: float
    labels: tuple[str, ...]
    group: str

    @property
    def seconds(self) -> float:
        """Its length; NaN where that is unknown."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording of a dataset.

    Parameters
    ----------
    measured
        What was heard.
    rows
        Its rows, in the dataset's order.
    """

    measured: Measured
    rows: tuple[Row, ...]

    @property
    def path(self) -> str:
        """The file."""
        return self.measured.path

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels of all its rows, sorted."""
        return tuple(sorted({label for row in self.rows for label in row.labels}))

    @property
    def uncut(self) -> bool:
        """Whether it is in the dataset as a whole, not in clips of it."""
        only = self.rows[0]
        return len(self.rows) == 1 and only.start == 0 and not only.end < 0.99 * self.measured.seconds


def hear_all(frames: Sequence[pd.DataFrame]) -> list[list[Sound]]:
    """Listen to the recordings of some datasets, those that several share once.

    The levels of clips are measured for the first dataset alone.
    """
    rows = [_rows_by_path(frame) for frame in frames]
    paths = list(dict.fromkeys(path for one in rows for path in one))
    clips = [[(row.start, row.end) for row in rows[0].get(path, ())] for path in paths]
    pool = ThreadPoolExecutor(thread_name_prefix="mediaml-check")
    try:
        heard = dict(zip(paths, track(pool.map(measure, paths, clips), len(paths), "listening"), strict=True))
    finally:
        pool.shutdown(cancel_futures=True)
    return [[Sound(heard[path], tuple(own)) for path, own in one.items()] for one in rows]


def _rows_by_path(frame: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    columns = (frame[name] for name in ("path", "start", "end", "label", "group"))
    for number, (path, start, end, label, group) in enumerate(zip(*columns, strict=True)):
        found.setdefault(str(path), []).append(Row(number, float(start), float(end), labels_of(label), str(group)))
    return found


def rows_of(sounds: Iterable[Sound]) -> list[Row]:
    """Give all rows of some recordings."""
    return [row for sound in sounds for row in sound.rows]
