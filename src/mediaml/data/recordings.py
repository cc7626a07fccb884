"""The rows of a dataset of sounds, from folders, tables and annotations, and cut into segments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isinf, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml._warnings import warn
from mediaml.data import decode
from mediaml.data.formats import review
from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.annotations import match, table_files
from mediaml.data.formats.annotations import read as read_annotations
from mediaml.data.formats.folders import audio_files, read_folder
from mediaml.data.formats.joined import composed, share_out, stem_of, with_names
from mediaml.data.labels import Label, as_label, labels_of
from mediaml.data.labels import label_column as make_label_column
from mediaml.data.progress import track
from mediaml.data.table_rows import Columns, read_rows
from mediaml.data.windows import labels_within, windows
from mediaml.errors import AnnotationError, AudioError, DataError, TableError

if TYPE_CHECKING:
    import pandas as pd

NOT_A_NUMBER = float("nan")


def frame_of_folder(folder: Path, labels: str | Sequence[str] | None) -> pd.DataFrame:
    """Make the rows of a folder per label; groups are the paths below the folder."""
    root = Path(os.path.abspath(folder))
    found = read_folder(root, labels)
    paths = [str(path) for path, _ in found]
    groups = [path.relative_to(root).as_posix() for path, _ in found]
    return _frame(paths, [label for _, label in found], groups, ends=durations(paths))


def frame_of_table(table: str | Path | pd.DataFrame, columns: Columns, root: Path) -> pd.DataFrame:
    """Make the rows of a table, with the user's other columns behind."""
    rows = read_rows(table, columns, root)
    frame = _frame(rows.paths, rows.labels, rows.groups, *_bounds(rows.given, rows.paths))
    for name, values in rows.others({"start", "end"}).items():
        frame[name] = values
    return frame


def _bounds(given: pd.DataFrame, paths: Sequence[str]) -> tuple[list[float], list[float]]:
    """Give start and end of each row; where the table does not say, the whole recording."""
    import pandas as pd

    values = {}
    for name in ("start", "end"):
        if name in given.columns:
            try:
                values[name] = [float(value) for value in pd.to_numeric(given[name])]
            except (ValueError, TypeError) as error:
                raise TableError(f"column {name!r} must hold seconds ({error})") from error
    starts = [0.0 if isnan(start) else start for start in values.get("start", [0.0] * len(paths))]
    ends = values.get("end", [NOT_A_NUMBER] * len(paths))
    unknown = [path for path, end in zip(paths, ends, strict=True) if isnan(end)]
    lengths = dict(zip(unknown, durations(unknown), strict=True))
    ends = [lengths[path] if isnan(end) else end for path, end in zip(paths, ends, strict=True)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start < 0 or end < start or isinf(start) or isinf(end):
            raise TableError(f"row {number + 1}: start {start:g} s, end {end:g} s is no stretch of {paths[number]}")
    return starts, ends


def frame_of_annotations(
    recordings: str | Path | Sequence[str | Path],
    tables: str | Path | Sequence[str | Path],
    label_column: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a row an annotation, and beside it a row a recording: path, end and group."""
    import pandas as pd

    pairs = _pairs(recordings, tables, label_column)
    paths = [os.path.abspath(path) for path, _ in pairs]
    groups = _short_names(paths)
    whole = pd.DataFrame({"path": paths, "end": durations(paths), "group": groups})
    rows: dict[str, list[Any]] = {name: [] for name in ("path", "label", "group", "start", "end")}
    extras: list[dict[str, object]] = []
    for path, group, found in zip(paths, groups, _annotations(pairs, label_column), strict=True):
        for one in found:
            values = (path, one.label, group, one.start, one.end)
            for name, value in zip(rows, values, strict=True):
                rows[name].append(value)
            extras.append({f"{name}_in_table" if name in rows else name: value for name, value in one.extra.items()})
    frame = _frame(rows["path"], rows["label"], rows["group"], rows["start"], rows["end"])
    _warn_beyond_end(frame, whole)
    return pd.concat([frame, pd.DataFrame(extras, index=frame.index)], axis=1), whole


def frame_of_review(place: Path) -> pd.DataFrame:
    """Make a row for each stretch that was judged on a page; one that has no length is all of the recording."""
    path = review.verdicts_file(place)
    found = review.stretches(review.read_judgements(path), path)
    whole = [one.path for one in found if one.end == one.start]
    lengths = dict(zip(whole, durations(whole), strict=True))
    return _frame(
        [one.path for one in found],
        [one.label for one in found],
        [one.group for one in found],
        [one.start for one in found],
        [lengths[one.path] if one.end == one.start else one.end for one in found],
    )


def _warn_beyond_end(frame: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Say which annotations lie behind the end of their recording: no segment will hold them."""
    ends = dict(zip(whole["path"], whole["end"], strict=True))
    beyond = [path for path, start in zip(frame["path"], frame["start"], strict=True) if start >= ends[path]]
    if beyond:
        warn(f"{len(beyond)} annotations lie behind the end of their recording, as in {beyond[0]}")


def _annotations(pairs: Sequence[tuple[Path, Path]], label_column: str | None) -> list[list[Annotation]]:
    """Read the table of each recording, once, and leave out what it says of other recordings."""
    sharing: dict[Path, list[Path]] = {}
    for path, table in pairs:
        sharing.setdefault(table, []).append(path)
    found: dict[Path, dict[Path, list[Annotation]]] = {}
    for table, paths in sharing.items():
        said = read_annotations(table, label_column)
        found[table] = share_out(said, paths, table) if len(paths) > 1 else {paths[0]: _own(said, paths[0], table)}
    return [found[table][path] for path, table in pairs]


def _own(said: list[Annotation], path: Path, table: Path) -> list[Annotation]:
    """Give what a table that belongs to one recording alone says of it: it may call it by another name."""
    named = {one.recording for one in said if one.recording is not None}
    names = {composed(stem_of(one)) for one in named}
    if len(named) <= 1 or (len(names) == 1 and composed(stem_of(str(path))) not in names):
        return said
    own = share_out(said, [path], table)[path]
    if not own:
        raise AnnotationError(table, None, f"says nothing of {path.name}, but of {', '.join(sorted(names))}")
    return own


def _pairs(
    recordings: str | Path | Sequence[str | Path],
    tables: str | Path | Sequence[str | Path],
    label_column: str | None,
) -> list[tuple[Path, Path]]:
    """Bring recordings and tables together: in order where both are lists, else by name."""
    sounds, by_name = _listed(recordings, audio_files)
    texts, tables_by_name = _listed(tables, table_files)
    if len(texts) == 1 and len(sounds) > 1 and _names_one_of(sounds, texts[0], label_column):
        return [(path, texts[0]) for path in sounds]
    if by_name or tables_by_name:
        return match(sounds, texts)
    if len(sounds) != len(texts):
        raise DataError(
            f"{len(sounds)} recordings and {len(texts)} tables of annotations: one table a recording, please"
        )
    return list(zip(sounds, texts, strict=True))


def _names_one_of(sounds: Sequence[Path], table: Path, label_column: str | None) -> bool:
    """Tell an RTTM or a joined Raven table that itself names these recordings."""
    named = {one.recording for one in read_annotations(table, label_column) if one.recording is not None}
    return len(named) > 1 and bool(with_names(named, sounds))


def _listed(paths: str | Path | Sequence[str | Path], look_into: Any) -> tuple[list[Path], bool]:
    """Give a list of paths, and whether it came from a folder."""
    if not isinstance(paths, str | Path):
        return [Path(path) for path in paths], False
    return (look_into(Path(paths)), True) if Path(paths).is_dir() else ([Path(paths)], False)


def _short_names(paths: Sequence[str]) -> list[str]:
    """Name recordings by what follows the folder that they share, so that names hold on other machines too."""
    folder = os.path.commonpath([str(Path(path).parent) for path in paths]) if paths else ""
    return [Path(os.path.relpath(path, folder)).as_posix() for path in paths]


def cut(frame: pd.DataFrame, annotated: pd.DataFrame | None, seconds: float, hop: float | None) -> pd.DataFrame:
    """Cut annotated recordings as a whole, and each row of the others within itself.

    Parameters
    ----------
    frame
        The rows.
    annotated
        A row a recording that was annotated: path, end and group; None: there are none.
    seconds, hop
        Of the windows.
    """
    import pandas as pd

    if annotated is None:
        return cut_rows(frame, seconds, hop)
    whole = frame["path"].isin(set(annotated["path"]))
    parts = [cut_annotated(frame[whole], annotated, seconds, hop), cut_rows(frame[~whole], seconds, hop)]
    # empty ones would bring their columns along
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def cut_rows(frame: pd.DataFrame, seconds: float, hop: float | None) -> pd.DataFrame:
    """Cut each row into windows; the other columns are repeated. Unreadable rows stay as they are."""
    numbers, starts, ends = [], [], []
    for number, (start, end) in enumerate(zip(frame["start"], frame["end"], strict=True)):
        for first, last in [(start, end)] if isnan(end) else _windows(start, end, seconds, hop):
            numbers.append(number)
            starts.append(first)
            ends.append(last)
    cut = frame.iloc[numbers].reset_index(drop=True)
    return cut.assign(start=starts, end=ends)


def cut_annotated(frame: pd.DataFrame, whole: pd.DataFrame, seconds: float, hop: float | None) -> pd.DataFrame:
    """Cut whole recordings into windows that carry the labels of the annotations they hold."""
    annotations: dict[str, list[tuple[float, float, tuple[str, ...]]]] = {}
    for path, start, end, label in frame[["path", "start", "end", "label"]].itertuples(index=False):
        annotations.setdefault(path, []).append((start, end, labels_of(label)))
    rows: list[tuple[str, str, float, float, Label]] = []
    for path, end, group in whole[["path", "end", "group"]].itertuples(index=False):
        for first, last in [(0.0, end)] if isnan(end) else _windows(0.0, end, seconds, hop):
            labels = labels_within(first, last, annotations.get(path, []))
            rows.append((path, group, first, last, as_label(labels)))
    paths, groups, starts, ends, labels_ = (list(values) for values in zip(*rows, strict=True)) if rows else ([],) * 5
    return _frame(paths, labels_, groups, starts, ends)


def _windows(start: float, end: float, seconds: float, hop: float | None) -> list[tuple[float, float]]:
    try:
        return list(windows(start, end, seconds, hop))
    except ValueError as error:
        raise DataError(str(error)) from error


def durations(paths: Sequence[str]) -> list[float]:
    """Give the seconds of each recording, NaN where it cannot be read; each file is looked at once."""
    unique = list(dict.fromkeys(paths))
    with ThreadPoolExecutor() as pool:
        found = dict(zip(unique, track(pool.map(_duration, unique), len(unique), "reading headers"), strict=True))
    return [found[path] for path in paths]


def _duration(path: str) -> float:
    try:
        return decode.info(path).duration
    except AudioError:  # the row stays, without an end: check() says why, and fit and evaluate name it
        return NOT_A_NUMBER


def _frame(
    paths: Iterable[str],
    labels: Iterable[Label],
    groups: Iterable[str],
    starts: Iterable[float] | None = None,
    ends: Iterable[float] = (),
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({"path": pd.Series(list(paths), dtype=object)})
    frame["start"] = pd.Series([0.0] * len(frame) if starts is None else list(starts), dtype=float)
    frame["end"] = pd.Series(list(ends), dtype=float)
    frame["label"] = make_label_column(list(labels), frame.index)
    frame["group"] = pd.Series(list(groups), dtype=object)
    return frame
