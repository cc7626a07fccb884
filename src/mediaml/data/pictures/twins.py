"""The same picture twice: as a row, as a file, or as a picture that looks like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from mediaml.data.checks.check import below, common_folder
from mediaml.data.checks.finding import counted
from mediaml.data.checks.parts import Parts
from mediaml.data.grouping import identical_files
from mediaml.data.pictures.likeness import families
from mediaml.data.pictures.problems import PictureFinding as Found
from mediaml.data.pictures.seen import Seen, rows_of

NAMED = 3  # pictures of a family that are named


def repeated_rows(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Find pictures that stand in several rows."""
    for picture in pictures:
        first, *others = picture.rows
        for row in others:
            detail = f"rows {first.number} and {row.number} of the table are the same file"
            if _contradict(first.labels, row.labels):
                detail += f": {_named(first.labels)} and {_named(row.labels)}"
                yield Found("duplicate_across_labels", detail, picture.path, row.labels)
            else:
                yield Found("duplicate", detail, picture.path, row.labels)


def same_file(pictures: Sequence[Seen], parts: Parts) -> Iterator[Found]:
    """Find files with the bytes of one before: one finding for each copy, named by the worst of it."""
    for group in _by_content(pictures):
        for number, copy in enumerate(group[1:], 1):
            problem, first = _worst(copy, group[:number], parts)
            yield _copy(problem, copy, first)


def same_file_elsewhere(pictures: Sequence[Seen], others: Sequence[Sequence[Seen]]) -> Iterator[Found]:
    """Find files whose bytes another part of the data has too, under another name."""
    theirs = [picture for other in others for picture in other]
    there = {picture.path for picture in theirs}  # these are told of by shared_with
    ours = {picture.path for picture in pictures}
    for group in _by_content([*theirs, *(picture for picture in pictures if picture.path not in there)]):
        first = group[0]
        if first.path in there:
            yield from (_copy("duplicate_across_parts", one, first) for one in group if one.path in ours - there)


def _by_content(pictures: Sequence[Seen]) -> list[list[Seen]]:
    usable = {picture.path: picture for picture in pictures if picture.usable}
    groups: dict[str, list[Seen]] = {}
    for path, digest in identical_files(usable).items():
        groups.setdefault(digest, []).append(usable[path])
    return list(groups.values())


def _worst(copy: Seen, earlier: Sequence[Seen], parts: Parts) -> tuple[str, Seen]:
    """Choose what is worst about a copy, and against which of the pictures before it."""
    for first in earlier:
        if _contradict(first.labels, copy.labels):
            return "duplicate_across_labels", first
    for first in earlier:
        if _apart([first, copy], parts):
            return "duplicate_across_parts", first
    return "duplicate", earlier[0]


def _copy(problem: str, copy: Seen, first: Seen) -> Found:
    labelled = f", labelled {_named(first.labels)}" if first.labels != copy.labels else ""
    return Found(problem, f"the same bytes as {_near(first, copy)}{labelled}", copy.path, copy.labels, first.path)


def look_alike(pictures: Sequence[Seen], others: Sequence[Sequence[Seen]], parts: Parts) -> Iterator[Found]:
    """Find families of pictures that look alike and are not the same file: one finding for each family."""
    ours = {picture.path for picture in pictures}
    everything = [*pictures, *(picture for other in others for picture in other if picture.path not in ours)]
    digests = identical_files(picture.path for picture in everything if picture.usable)
    first: dict[str, Seen] = {}
    for picture in everything:
        if picture.usable:
            first.setdefault(digests.get(picture.path, picture.path), picture)
    single = list(first.values())
    for places in families([picture.measured.hash if picture.measured else None for picture in single]):
        family = [single[place] for place in places]
        inside = [picture for picture in family if picture.path in ours]
        if inside:
            yield _family(inside, len(inside) < len(family), family, parts)


def _family(inside: Sequence[Seen], elsewhere: bool, family: Sequence[Seen], parts: Parts) -> Found:
    """Tell of pictures that look alike, by the worst of it."""
    first = inside[0]
    if elsewhere:
        twin = next(one for one in family if one not in inside)
        problem, where = "look_alike_across_parts", ", some of them in another part"
    elif other := next((one for one in inside if _contradict(first.labels, one.labels)), None):
        twin, problem, where = other, "look_alike_across_labels", f": {_named(first.labels)}, {_named(other.labels)}"
    else:
        twin = inside[1]
        apart = _apart(inside, parts)
        problem, where = ("look_alike_across_parts", ", in several parts") if apart else ("look_alike", "")
    named = [twin, *(one for one in family if one not in (first, twin))]
    names = ", ".join(_near(one, first) for one in named[:NAMED]) + (", ..." if len(named) > NAMED else "")
    detail = f"one of {counted(len(family), 'picture')} that look alike{where}; with {names}"
    return Found(problem, detail, first.path, first.labels, twin.path)


def cut_by_columns(pictures: Sequence[Seen], parts: Parts) -> Iterator[Found]:
    """Find groups, and so pictures, whose rows a column puts in more than one part."""
    for column in parts.columns:
        groups: dict[str, list[tuple[Seen, int]]] = {}
        for picture in pictures:
            for row in picture.rows:
                groups.setdefault(row.group, []).append((picture, row.number))
        for group, members in groups.items():
            found = parts.of(column, [number for _, number in members])
            if len(found) > 1:
                yield _group(members[0][0], group, f"{column} {', '.join(found)}", len(members))


def shared_with(pictures: Sequence[Seen], others: Sequence[Sequence[Seen]]) -> Iterator[Found]:
    """Find pictures and groups that another part of the data has too."""
    theirs = [picture for other in others for picture in other]
    paths = {picture.path for picture in theirs}
    stated = {row.group for picture in theirs for row in picture.rows if _is_stated(row.group, picture.path)}
    sizes: dict[str, int] = {}
    for row in rows_of(pictures):
        sizes[row.group] = sizes.get(row.group, 0) + 1
    told: set[str] = set()
    for picture in pictures:
        groups = [row.group for row in picture.rows if row.group in stated and _is_stated(row.group, picture.path)]
        if groups and groups[0] not in told:
            told.add(groups[0])
            yield _group(picture, groups[0], "another part, too", sizes[groups[0]])
        elif not groups and picture.path in paths:
            yield _group(picture, picture.path, "another part, too", len(picture.rows))


def _group(picture: Seen, group: str, where: str, rows: int) -> Found:
    what = f"group {group!r} ({counted(rows, 'picture')})" if _is_stated(group, picture.path) else "the picture"
    return Found("group_across_parts", f"{what} is in {where}", picture.path, picture.labels)


def _is_stated(group: str, path: str) -> bool:
    """Tell whether a group was named by somebody; else it is the picture's own path, below whatever folder."""
    own = tuple(part for part in PurePath(group).parts if part != "..")
    return not own or PurePath(path).parts[-len(own) :] != own


def _apart(pictures: Sequence[Seen], parts: Parts) -> bool:
    numbers = [number for picture in pictures for number in picture.numbers]
    return any(len(parts.of(column, numbers)) > 1 for column in parts.columns)


def _contradict(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(one and other) and one != other


def _named(labels: tuple[str, ...]) -> str:
    return ", ".join(labels) or "nothing"


def _near(one: Seen, other: Seen) -> str:
    """Name a picture as seen from the folder of another."""
    name = below(one.path, common_folder([other.path]))
    return one.path if name.startswith("../../..") else name
