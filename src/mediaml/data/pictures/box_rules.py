"""What is wrong with boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mediaml.data.pictures.decode import SIDEWAYS
from mediaml.data.pictures.placing import was_turned
from mediaml.data.pictures.problems import PictureFinding as Found
from mediaml.data.pictures.seen import Row, Seen
from mediaml.values.geometry import Box

TINY = 4.0  # pixels of the shorter side
SAME = 0.9  # of the area that two boxes cover together is shared
FORGIVEN = 0.5  # pixels over the edge: rounding


def check_boxes(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Find boxes that cannot be right, or that may have been drawn on something else than the picture."""
    for picture in pictures:
        for row in picture.rows:
            if row.boxes:
                yield from _places(picture, row, row.boxes)
                yield from _sizes(picture, row)
                yield from _repeated(picture, row, row.boxes)


def _places(picture: Seen, row: Row, boxes: tuple[Box, ...]) -> Iterator[Found]:
    """Hold the boxes of a row against the picture; each box is told of once."""
    frame = picture.frame_of(row)
    told: dict[str, list[Box]] = {}
    for box in boxes:
        problem = _wrong(box, frame)
        if problem:
            told.setdefault(problem, []).append(box)
    for problem, found in told.items():
        where = f" in a picture of {frame[0]:,} x {frame[1]:,}" if frame and problem != "boxes_without_area" else ""
        detail = f"{len(found):,} of {_boxes(len(boxes))}, the first: {found[0]}{where}"
        yield Found(problem, detail, picture.path, (found[0].label,))


def _wrong(box: Box, frame: tuple[int, int] | None) -> str | None:
    if box.width <= 0 or box.height <= 0:
        return "boxes_without_area"
    if frame is not None:
        if box.left >= frame[0] or box.top >= frame[1] or box.right <= 0 or box.bottom <= 0:
            return "boxes_outside"
        over = max(-box.left, -box.top, box.right - frame[0], box.bottom - frame[1])
        if over > FORGIVEN:
            return "boxes_over_edge"
    return "tiny_boxes" if min(box.width, box.height) < TINY else None


def _sizes(picture: Seen, row: Row) -> Iterator[Found]:
    """Hold the stated size against that of the picture."""
    size, turn, stated = picture.size, picture.orientation, row.stated
    if size is None:
        return
    if turn != 1:
        unturned = size[::-1] if turn in SIDEWAYS else size
        if stated is not None and was_turned(stated, size, turn):
            told = f"the annotation states {_size(stated)}, as the picture is before it is turned"
            yield _turned(picture, row, f"{told}: the boxes are most likely drawn on that")
        elif stated is None or unturned == size:
            yield _turned(picture, row, f"EXIF orientation {turn}; nothing tells which way up the boxes were drawn")
        if stated == unturned:
            return
    if stated is not None and stated != size:
        yield Found("size_differs", f"stated {_size(stated)}, is {_size(size)} pixels", picture.path, row.labels)


def _turned(picture: Seen, row: Row, detail: str) -> Found:
    return Found("turned_with_boxes", detail, picture.path, row.labels)


def _repeated(picture: Seen, row: Row, boxes: tuple[Box, ...]) -> Iterator[Found]:
    """Find boxes of one label that lie on each other."""
    by_label: dict[str, list[Box]] = {}
    for box in boxes:
        if box.area > 0:
            by_label.setdefault(box.label, []).append(box)
    twins = [box for own in by_label.values() for box in _on_others(own)]
    if twins:
        detail = f"{len(twins):,} of {_boxes(len(boxes))}, the first: {twins[0]}"
        yield Found("repeated_boxes", detail, picture.path, (twins[0].label,))


def _on_others(boxes: list[Box]) -> list[Box]:
    """Give the boxes that lie where one before them lies."""
    if len(boxes) < 2:
        return []
    corners = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.float64)
    areas = np.array([box.area for box in boxes], np.float64)
    found = []
    for number in range(1, len(boxes)):
        own, others = corners[number], corners[:number]
        sides = np.minimum(own[2:], others[:, 2:]) - np.maximum(own[:2], others[:, :2])
        shared = np.clip(sides, 0, None).prod(axis=1)
        if (shared > SAME * (areas[number] + areas[:number] - shared)).any():
            found.append(boxes[number])
    return found


def _boxes(number: int) -> str:
    return "1 box" if number == 1 else f"{number:,} boxes"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]:,} x {size[1]:,}"
