"""A repaired copy of a dataset of pictures."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from mediaml import _forward
from mediaml.aws.s3 import is_uri
from mediaml.data.files import printable
from mediaml.data.grouping import identical_files
from mediaml.data.pictures import placing, rows
from mediaml.data.pictures.measure import Measured, measure_all
from mediaml.data.pictures.renew import Plan, plan, renewed
from mediaml.data.pictures.seen import Row, Seen, rows_of_frame
from mediaml.data.preflight import quotas
from mediaml.data.progress import bar
from mediaml.errors import DataError, ImageError
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.cores import available_cores
from mediaml.values.geometry import Box

if TYPE_CHECKING:
    import pandas as pd

DatasetT = TypeVar("DatasetT")
FORBIDDEN = frozenset('<>:"\\|?*')  # in names, on some systems
SAME_TIME = 1_000  # nanoseconds: file systems round times
SHOWN = 20
LOST = 0.01  # pixels: what files round away is cut without a word


@dataclass(frozen=True, slots=True)
class Repaired(Generic[DatasetT]):
    """A repaired copy of a dataset.

    Parameters
    ----------
    dataset
        The new rows.
    done
        What was done: a row for each row that there was, with ``path``, ``new_path`` (None where it was left out) and
        ``what``.
    """

    dataset: DatasetT
    done: pd.DataFrame

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "repaired_html", self)
        return html

    def __str__(self) -> str:
        kinds = kinds_of(self.done)
        lines = [f"{self.dataset}: {len(self.done):,} rows were looked at"]
        lines += [f"{count:>8,}  {printable(what)}" for what, count in kinds.most_common(SHOWN)]
        if len(kinds) > SHOWN:
            lines.append(f"          and {len(kinds) - SHOWN:,} other things: see .done")
        return "\n".join(lines)


def kinds_of(done: pd.DataFrame) -> Counter[str]:
    """Count how often each kind of step was done, of a table as `Repaired.done`."""
    return Counter(step.partition(": ")[0] for what in done["what"] for step in str(what).split("; "))


class _Kept(NamedTuple):
    """What becomes of a row: its new path, boxes and size; no path where it is left out."""

    path: str | None
    boxes: tuple[Box, ...] | None
    size: tuple[int, int] | None
    what: str


def repaired(frame: pd.DataFrame, out: Path, progress: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write a repaired copy of each picture; good ones are copied byte for byte.

    Parameters
    ----------
    frame
        The rows of a dataset. Pictures on S3 stay where they are.
    out
        The folder for the pictures; what a run before this one wrote there is not written again.
    progress
        Show a bar.

    Returns
    -------
    The new rows, and what was done: path, new_path and what, a row for each row of `frame`.

    Raises
    ------
    DataError
        The folder cannot be written to, or holds the pictures themselves.
    """
    import pandas as pd

    found = rows_of_frame(frame)
    paths = list(dict.fromkeys(path for path, _ in found if not is_uri(path)))
    measured = measure_all(paths)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's, which name no file
        plans = dict(zip(paths, (plan(measured[path]) for path in paths), strict=True))
        places = _places(paths, plans, Path(os.path.abspath(out)))
        failed = _write(paths, plans, places, progress)
    kept = _rows(found, measured, {**plans, **failed}, places)
    table = [(path, one.path, one.what) for (path, _), one in zip(found, kept, strict=True)]
    done = pd.DataFrame(table, columns=["path", "new_path", "what"], dtype=object)
    return _frame(frame, kept), done


def _frame(frame: pd.DataFrame, kept: Sequence[_Kept]) -> pd.DataFrame:
    """Put the new values into the rows that stay."""
    import pandas as pd

    stays = [one for one in kept if one.path is not None]
    new = frame[[one.path is not None for one in kept]].copy()
    new["path"] = pd.Series([one.path for one in stays], index=new.index, dtype=object)
    new["boxes"] = rows.box_column([one.boxes for one in stays], new.index)
    for number, name in enumerate(("width", "height")):
        values = [None if one.size is None else one.size[number] for one in stays]
        new[name] = pd.array(values, dtype="Int64")
    return rows.with_labels_of_boxes(new)


# -- files -------------------------------------------------------------------------------------------------------------


def _places(paths: Sequence[str], plans: dict[str, Plan], out: Path) -> dict[str, Path]:
    """Give each picture that stays its new place: its name below the folder of all, made safe and unique."""
    wanted = {path: name for path, name in zip(paths, rows.short_names(paths), strict=True) if not plans[path].dropped}
    # those that keep their name come first: another one that becomes a.png does not push them aside
    order = sorted(wanted, key=lambda path: plans[path].suffix != Path(path).suffix)
    taken: set[str] = set()
    places: dict[str, Path] = {}
    for path in order:
        name = PurePosixPath(*map(_safe, PurePosixPath(wanted[path]).parts))
        stem = name.name.removesuffix(name.suffix)
        number = 1
        new = name.with_name(stem + plans[path].suffix)
        while str(new).casefold() in taken:
            number += 1
            new = name.with_name(f"{stem}-{number}{plans[path].suffix}")
        taken.add(str(new).casefold())
        places[path] = out / new
    own = {os.path.realpath(path) for path in paths}
    clash = next((place for place in places.values() if os.path.realpath(place) in own), None)
    if clash is not None:
        raise DataError(f"{out} holds the pictures themselves, {clash} for one: give another folder for the copies")
    return places


def _safe(part: str) -> str:
    """Replace what is no text, or what some systems do not take, in a name."""
    known = "".join("_" if sign in FORBIDDEN else sign for sign in printable(part).replace("?", "_"))
    return known.rstrip(". ") or "_"


def _write(paths: Sequence[str], plans: dict[str, Plan], places: dict[str, Path], progress: bool) -> dict[str, Plan]:
    """Write all pictures; give the plans of those that could not be decoded after all."""
    failed: dict[str, Plan] = {}
    pool = ThreadPoolExecutor(available_cores(), "mediaml-repair")
    with bar(len(places), "repairing", "picture", progress) as move:

        def write(path: str) -> None:
            try:
                _write_one(path, plans[path], places[path])
            except ImageError as error:
                failed[path] = Plan(f"cannot be opened: {error.reason}")
            move()

        try:
            for _ in pool.map(write, [path for path in paths if path in places]):
                pass
        finally:
            pool.shutdown(cancel_futures=True)
    return failed


def _write_one(path: str, planned: Plan, place: Path) -> None:
    """Write a picture in one step, with the time of the old one: so the next run knows that it is done."""
    try:
        status = Path(path).stat()
        if _is_done(place, status, planned):
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, renewed(path, planned))
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        name = error.filename if isinstance(error.filename, str) else str(place)
        raise DataError(f"{name}: cannot be written or read ({error.strerror or error})") from error


def _is_done(place: Path, status: os.stat_result, planned: Plan) -> bool:
    if not place.is_file():
        return False
    there = place.stat()
    same_time = abs(there.st_mtime_ns - status.st_mtime_ns) <= SAME_TIME
    return same_time and (bool(planned.steps) or there.st_size == status.st_size)


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(
    found: Sequence[tuple[str, Row]], measured: dict[str, Measured], plans: dict[str, Plan], places: dict[str, Path]
) -> list[_Kept]:
    """Say what becomes of each row."""
    twins = identical_files(places)
    first: dict[tuple[str, tuple[str, ...], str], str] = {}
    kept = []
    for path, row in found:
        if is_uri(path):
            kept.append(_Kept(path, row.boxes, row.stated, "left as it is: it lies on S3, and fetch() brings it here"))
            continue
        if plans[path].dropped:
            kept.append(_left_out(plans[path].dropped))
            continue
        key = (twins.get(path, path), row.labels, repr(row.boxes))
        if key in first:
            kept.append(_left_out(f"a copy, labelled alike: of {first[key]}"))
            continue
        first[key] = path
        kept.append(_kept(Seen(path, measured[path], (row,)), plans[path], places[path]))
    return kept


def _left_out(reason: str) -> _Kept:
    return _Kept(None, None, None, f"left out, {reason.replace(';', ',')}")


def _kept(picture: Seen, planned: Plan, place: Path) -> _Kept:
    """Say what becomes of a row whose picture stays."""
    row, size = picture.rows[0], (planned.width, planned.height)
    done = list(planned.steps) or ["copied"]
    if place.suffix != Path(picture.path).suffix and not planned.steps:
        done.append(f"renamed: it is {planned.format}")
    if row.boxes is None or picture.size is None:
        return _Kept(str(place), row.boxes, size, "; ".join(done))
    stated = row.stated or picture.size
    turned = placing.was_turned(stated, picture.size, picture.orientation)
    done += ["boxes turned with the picture"] if turned else []
    moved = [_moved(box, stated, size, picture.orientation if turned else 1) for box in row.boxes]
    boxes, cut = _inside(moved, size)
    lost = len(moved) - len(boxes)
    done += [f"boxes cut off at the edge: {cut}"] if cut else []
    done += [f"boxes left out (outside, without area or tiny): {lost}"] if lost else []
    return _Kept(str(place), boxes, size, "; ".join(done))


def _moved(box: Box, stated: tuple[int, int], size: tuple[int, int], orientation: int) -> Box:
    """Turn and scale a box from the size that it was counted in to that of the new picture."""
    if stated == size and orientation == 1:
        return box
    old, new = np.array([*stated, *stated], np.float64), np.array([*size, *size], np.float64)
    corners: npt.NDArray[np.float64] = np.array([[box.left, box.top, box.right, box.bottom]], np.float64) / old
    flat = box.width <= 0 or box.height <= 0
    left, top, right, bottom = ((corners if flat else placing.turned(corners, orientation))[0] * new).tolist()
    return box.model_copy(update={"left": left, "top": top, "width": right - left, "height": bottom - top})


def _inside(boxes: Sequence[Box], size: tuple[int, int]) -> tuple[tuple[Box, ...], int]:
    """Cut boxes off at the edge and leave out what is too small then; give how many were cut."""
    kept: list[Box] = []
    cut = 0
    scale = min(1.0, quotas.TRAINED_SIDE / max(size))
    for box in boxes:
        left, top = max(0.0, box.left), max(0.0, box.top)
        right, bottom = min(float(size[0]), box.right), min(float(size[1]), box.bottom)
        # in whole pixels, which manifests count in, a side may lose its fraction
        if int(min(right - left, bottom - top)) * scale <= quotas.SMALLEST_BOX:
            continue
        inside = (left, top, right, bottom) == (box.left, box.top, box.right, box.bottom)
        cut += max(left - box.left, top - box.top, box.right - right, box.bottom - bottom) > LOST
        sides = {"left": left, "top": top, "width": right - left, "height": bottom - top}
        kept.append(box if inside else box.model_copy(update=sides))
    return tuple(kept), cut
