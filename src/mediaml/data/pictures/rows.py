"""The rows of a dataset of pictures, from folders, tables and files of annotations, and back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml.aws.s3 import is_uri
from mediaml.data.formats.folders import PICTURES, read_folder
from mediaml.data.formats.pictured import Pictured
from mediaml.data.labels import as_label, label_column, labels_of
from mediaml.data.pictures import decode
from mediaml.data.progress import track
from mediaml.data.select import is_missing
from mediaml.data.table_rows import Columns, read_rows
from mediaml.errors import AnnotationError, ImageError
from mediaml.values.geometry import Box

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("path", "label", "boxes", "width", "height", "group")
"""The columns of every dataset of pictures, before those that came with a table or a file."""


def frame_of_folder(folder: Path, labels: str | Sequence[str] | None) -> pd.DataFrame:
    """Make the rows of a folder per label; groups are the paths below the folder."""
    root = Path(os.path.abspath(folder))
    found = read_folder(root, labels, PICTURES)
    groups = [path.relative_to(root).as_posix() for path, _ in found]
    return _frame([str(path) for path, _ in found], [label for _, label in found], groups)


def frame_of_table(table: str | Path | pd.DataFrame, columns: Columns, root: Path) -> pd.DataFrame:
    """Make the rows of a table, with the user's other columns behind."""
    rows = read_rows(table, columns, root)
    frame = _frame(rows.paths, rows.labels, rows.groups)
    for name, values in rows.others(set()).items():
        frame[f"{name}_in_table" if name in NAMES else name] = values
    return frame


def frame_of(pictures: Sequence[Pictured]) -> pd.DataFrame:
    """Make the rows of a file of annotations, with what else it says of its pictures behind."""
    import pandas as pd

    names = short_names([one.path for one in pictures])
    frame = _frame(
        [one.path for one in pictures],
        [as_label(one.labels) for one in pictures],
        [one.group or name for one, name in zip(pictures, names, strict=True)],
        [one.boxes for one in pictures],
        [(one.width, one.height) for one in pictures],
    )
    extras = pd.DataFrame([dict(one.extra) for one in pictures], index=frame.index, dtype=object)
    return pd.concat([frame, extras.rename(columns=lambda name: f"{name}_in_file" if name in NAMES else name)], axis=1)


def pictured(frame: pd.DataFrame) -> list[Pictured]:
    """Give rows as writers take them."""
    others = [name for name in frame.columns if name not in NAMES]
    extras = frame[others].to_dict("records") if others else [{}] * len(frame)
    columns = (frame[name] for name in NAMES)
    return [
        Pictured(
            str(path),
            labels_of(label),
            boxes,
            _pixels(width),
            _pixels(height),
            str(group),
            {str(name).removesuffix("_in_file"): value for name, value in extra.items() if not is_missing(value)},
        )
        for path, label, boxes, width, height, group, extra in zip(*columns, extras, strict=True)
    ]


def short_names(paths: Sequence[str]) -> list[str]:
    """Give each path below the folder of all of them, with forward slashes: the same wherever the data lies."""
    local = [path for path in paths if not is_uri(path)]
    root = os.path.commonpath([os.path.dirname(path) for path in local]) if local else ""  # noqa: PTH120
    return [path if is_uri(path) else Path(os.path.relpath(path, root)).as_posix() for path in paths]


def size_of(path: Path) -> tuple[int, int]:
    """Give width and height of a picture as a person sees it.

    Raises
    ------
    AnnotationError
        It cannot be opened.
    """
    try:
        found = decode.header(path)
    except ImageError as error:
        raise AnnotationError(path, None, f"its size is needed, and it cannot be opened: {error.reason}") from error
    return found.width, found.height


def with_labels_of_boxes(frame: pd.DataFrame) -> pd.DataFrame:
    """Set each row's label to those of its boxes, where it has any."""
    labels = [
        label if boxes is None else as_label(box.label for box in boxes)
        for label, boxes in zip(frame["label"], frame["boxes"], strict=True)
    ]
    return frame.assign(label=label_column(labels, frame.index))


def box_column(values: Sequence[tuple[Box, ...] | None], index: pd.Index[Any]) -> pd.Series[Any]:
    """Make a column that keeps None as None and tuples as tuples."""
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        cells[position] = value
    return pd.Series(cells, index=index, dtype=object)


def _frame(
    paths: Iterable[str],
    labels: Iterable[Any],
    groups: Iterable[Any],
    boxes: Sequence[tuple[Box, ...] | None] | None = None,
    sizes: Sequence[tuple[int | None, int | None]] | None = None,
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({"path": pd.Series(list(paths), dtype=object)})
    frame["label"] = label_column(list(labels), frame.index)
    frame["boxes"] = box_column([None] * len(frame) if boxes is None else boxes, frame.index)
    frame["width"] = pd.array([None] * len(frame) if sizes is None else [width for width, _ in sizes], dtype="Int64")
    frame["height"] = pd.array([None] * len(frame) if sizes is None else [height for _, height in sizes], dtype="Int64")
    frame["group"] = pd.Series(list(groups), dtype=object)
    return frame


def _pixels(value: Any) -> int | None:
    return None if is_missing(value) else int(value)


def with_sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill in width and height of the pictures that lie on this machine and can be opened; each file once."""
    import pandas as pd

    unknown = frame["width"].isna() | frame["height"].isna()
    paths = [path for path in dict.fromkeys(frame.loc[unknown, "path"]) if not is_uri(path)]
    with ThreadPoolExecutor() as pool:
        found = dict(zip(paths, track(pool.map(_header, paths), len(paths), "reading headers"), strict=True))
    filled = frame.copy()
    for number, name in enumerate(("width", "height")):
        values = [
            size[number] if missing and (size := found.get(path)) else value
            for path, value, missing in zip(frame["path"], frame[name], unknown, strict=True)
        ]
        filled[name] = pd.array([_pixels(value) for value in values], dtype="Int64")
    return filled


def _header(path: str) -> tuple[int, int] | None:
    try:
        found = decode.header(path)
    except ImageError:  # check() says why; a writer that needs the size names the picture
        return None
    return found.width, found.height


def row_a_box(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a row a box, and one for each picture without boxes."""
    import pandas as pd

    numbers: list[int] = []
    places: list[tuple[Any, float, float, float, float]] = []
    nothing = float("nan")
    for number, (label, boxes) in enumerate(zip(frame["label"], frame["boxes"], strict=True)):
        own = [(box.label, box.left, box.top, box.width, box.height) for box in boxes or ()]
        for place in own or [(label, nothing, nothing, nothing, nothing)]:
            numbers.append(number)
            places.append(place)
    flat = frame.iloc[numbers].reset_index(drop=True).drop(columns=["boxes", "label"])
    columns = pd.DataFrame(places, columns=["label", "left", "top", "box_width", "box_height"])
    return pd.concat([flat[["path"]], columns, flat.drop(columns="path")], axis=1)
