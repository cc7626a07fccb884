"""The pictures of a dataset with the rows they have in it, each looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mediaml.aws.s3 import is_uri
from mediaml.data.labels import labels_of
from mediaml.data.pictures.measure import Measured, measure_all
from mediaml.data.select import is_missing
from mediaml.values.geometry import Box

if TYPE_CHECKING:
    import pandas as pd


class Row(NamedTuple):
    """One row of a dataset; `stated` is the size that the annotation states, where it does."""

    number: int
    labels: tuple[str, ...]
    boxes: tuple[Box, ...] | None
    stated: tuple[int, int] | None
    group: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture of a dataset.

    Parameters
    ----------
    path
        The file, or its address on S3.
    measured
        What was seen; None where it lies on S3.
    rows
        Its rows, in the dataset's order.
    """

    path: str
    measured: Measured | None
    rows: tuple[Row, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels of all its rows, sorted."""
        return tuple(sorted({label for row in self.rows for label in row.labels}))

    @property
    def numbers(self) -> list[int]:
        """Of its rows."""
        return [row.number for row in self.rows]

    @property
    def usable(self) -> bool:
        """Whether it lies here and can be opened."""
        return self.measured is not None and self.measured.failure is None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height as a person sees it; None where it cannot be told."""
        header = None if self.measured is None else self.measured.header
        return None if header is None else (header.width, header.height)

    @property
    def orientation(self) -> int:
        """Of EXIF; 1 where it cannot be told."""
        header = None if self.measured is None else self.measured.header
        return 1 if header is None else header.orientation

    def frame_of(self, row: Row) -> tuple[int, int] | None:
        """Give the width and height that the boxes of a row are counted in."""
        return row.stated or self.size


def look_all(frames: Sequence[pd.DataFrame]) -> list[list[Seen]]:
    """Look at the pictures of some datasets, those that several share once."""
    found = [_rows_by_path(frame) for frame in frames]
    measured = measure_all([path for one in found for path in one if not is_uri(path)])
    return [[Seen(path, measured.get(path), tuple(own)) for path, own in one.items()] for one in found]


def _rows_by_path(frame: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for path, row in rows_of_frame(frame):
        found.setdefault(path, []).append(row)
    return found


def rows_of_frame(frame: pd.DataFrame) -> list[tuple[str, Row]]:
    """Give path and row of each row of a dataset."""
    columns = (frame[name] for name in ("path", "label", "boxes", "width", "height", "group"))
    return [
        (str(path), Row(number, labels_of(label), boxes, stated_size(width, height), str(group)))
        for number, (path, label, boxes, width, height, group) in enumerate(zip(*columns, strict=True))
    ]


def stated_size(width: object, height: object) -> tuple[int, int] | None:
    """Give a size that an annotation states; None where it does not, or states none that a picture can have."""
    if is_missing(width) or is_missing(height):
        return None
    size = int(str(width)), int(str(height))
    return size if min(size) > 0 else None


def rows_of(pictures: Iterable[Seen]) -> list[Row]:
    """Give all rows of some pictures."""
    return [row for picture in pictures for row in picture.rows]
