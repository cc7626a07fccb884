"""YOLO: ``images/`` beside ``labels/``, a text file a picture, a line a box: class, middle and size as shares.

Source: docs.ultralytics.com/datasets/detect. A line with more than six numbers is a polygon; its upright rectangle is
the box, and the polygon is kept in the box's ``attributes``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from mediaml.data.formats.documents import content_of
from mediaml.data.formats.folders import PICTURES, media_files
from mediaml.data.formats.pictured import Losses, Pictured, Written
from mediaml.data.formats.text import number as finite
from mediaml.data.formats.yolo_names import read_names, write_names
from mediaml.errors import AnnotationError, DataError
from mediaml.runtime.atomic import write_whole
from mediaml.values.geometry import Box

LARGEST = 1 << 26  # bytes of one picture's file
SizeOf = Callable[[Path], tuple[int, int]]


def read_yolo(folder: Path, names: Path | Sequence[str] | None = None, *, size_of: SizeOf) -> list[Pictured]:
    """Read a folder of YOLO.

    Parameters
    ----------
    folder
        With ``images`` and ``labels``, or with both kinds of files side by side.
    names
        Of the classes in order, or the file that has them; None: ``names.txt``, ``classes.txt``, ``data.yaml`` ... in
        the folder.
    size_of
        Gives width and height of a picture as a person sees it: the boxes are shares of them.

    Returns
    -------
    A picture a file. One without a text file has no boxes that anybody drew (None); one with an empty file has none.

    Raises
    ------
    AnnotationError
        A line is not what it should be, or there are no names.
    DataError
        There is no picture.
    """
    root = Path(os.path.abspath(folder))
    known = read_names(root, names)
    images = root / "images" if (root / "images").is_dir() else root
    return [_picture(path, _text_file(path, root), known, size_of) for path in media_files(images, PICTURES)]


def _text_file(path: Path, root: Path) -> Path:
    """Give the place of a picture's text: ``labels`` stands for the last ``images`` of its path."""
    parts = list(path.relative_to(root).parts)
    for number in range(len(parts) - 1, -1, -1):
        if parts[number] == "images":
            parts[number] = "labels"
            break
    return root.joinpath(*parts).with_suffix(".txt")


def _picture(path: Path, text: Path, names: Mapping[int, str], size_of: SizeOf) -> Pictured:
    if not text.exists():
        return Pictured(str(path))
    width, height = size_of(path)
    boxes = tuple(_box(text, number, line, names, (width, height)) for number, line in _lines(text))
    return Pictured(str(path), tuple(sorted({box.label for box in boxes})), boxes, width, height)


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = content_of(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnnotationError(path, None, f"cannot be read: {error}") from error
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _box(path: Path, line: int, text: str, names: Mapping[int, str], size: tuple[int, int]) -> Box:
    values = [finite(one) for one in text.split()]
    numbers = [value for value in values if value is not None]
    if len(numbers) != len(values) or len(numbers) < 5 or not float(numbers[0]).is_integer():
        raise AnnotationError(path, line, f"a class, a middle and a size were expected (five numbers), not {text!r}")
    if int(numbers[0]) not in names:
        raise AnnotationError(path, line, f"there is no name for the class {int(numbers[0])}; there are {len(names)}")
    label, rest = names[int(numbers[0])], numbers[1:]
    if len(rest) > 5:
        return _polygon(path, line, label, rest, size)
    width, height = rest[2] * size[0], rest[3] * size[1]
    return Box(
        label=label,
        left=rest[0] * size[0] - width / 2,
        top=rest[1] * size[1] - height / 2,
        width=width,
        height=height,
        confidence=rest[4] if len(rest) == 5 and 0 <= rest[4] <= 1 else None,
    )


def _polygon(path: Path, line: int, label: str, places: Sequence[float], size: tuple[int, int]) -> Box:
    if len(places) % 2:
        raise AnnotationError(path, line, f"a polygon needs pairs of numbers, not {len(places)}")
    across = [place * size[0] for place in places[0::2]]
    down = [place * size[1] for place in places[1::2]]
    return Box(
        label=label,
        left=min(across),
        top=min(down),
        width=max(across) - min(across),
        height=max(down) - min(down),
        attributes={"polygon": list(places)},
    )


# -- writing -----------------------------------------------------------------------------------------------------------


def write_yolo(pictures: Sequence[Pictured], folder: Path, *, names: Callable[[Pictured], str]) -> Written:
    """Write ``labels/``, a text file a picture, with ``names.txt`` and ``data.yaml``; the pictures stay where they are.

    Parameters
    ----------
    pictures
        In any order; for those that nobody drew boxes in there is no file.
    folder
        Made where missing.
    names
        Gives the name of a picture below ``images/``.

    Raises
    ------
    DataError
        Two pictures would have one file, or the size of one with boxes is not known.
    """
    losses = Losses()
    labels = sorted({box.label for one in pictures for box in one.boxes or ()})
    numbers = {label: number for number, label in enumerate(labels)}
    written: dict[Path, str] = {}
    for one in pictures:
        if one.boxes is None:
            losses.add("labels of whole pictures" if one.labels else "pictures that nobody looked at")
            continue
        relative = PurePosixPath(names(one))
        place = (folder / "labels").joinpath(*relative.parts).with_suffix(".txt")
        if place in written:
            raise DataError(f"{one.path} and {written[place]} would both be described in {place}")
        written[place] = one.path
        losses.add_all(f"the property {name!r} of pictures" for name in one.extra)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, "".join(f"{_line(one, box, numbers, losses)}\n" for box in one.boxes).encode())
    write_names(folder, labels)
    return Written(folder, len(written), sum(len(one.boxes or ()) for one in pictures), losses.told)


def _line(one: Pictured, box: Box, numbers: Mapping[str, int], losses: Losses) -> str:
    if one.width is None or one.height is None:
        raise DataError(f"{one.path}: YOLO's boxes are shares of the picture's size, and it is not known")
    losses.add_all(f"the attribute {name!r} of boxes" for name in box.attributes if name != "polygon")
    if polygon := box.attributes.get("polygon"):
        return " ".join([str(numbers[box.label]), *(f"{place:.12g}" for place in polygon)])
    shares = (
        (box.left + box.width / 2) / one.width,
        (box.top + box.height / 2) / one.height,
        box.width / one.width,
        box.height / one.height,
        *(() if box.confidence is None else (box.confidence,)),
    )
    return " ".join([str(numbers[box.label]), *(f"{share:.12g}" for share in shares)])
