"""The verdicts of a review page as rows: what was accepted or relabelled has labels, what was rejected has none."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from mediaml._warnings import warn
from mediaml.data import video
from mediaml.data.formats.documents import content_of, parsed
from mediaml.data.formats.pictured import Pictured
from mediaml.data.labels import Label, as_label
from mediaml.data.video import Pixels
from mediaml.errors import AnnotationError, DataError
from mediaml.runtime.atomic import write_whole
from mediaml.values.geometry import Box
from mediaml.values.judgement import Judgement, Judgements, Sense

VERDICTS = "verdicts.json"
FRAMES = "frames"
LARGEST = 1 << 28  # bytes of a file of verdicts


class Stretch(NamedTuple):
    """A judged stretch of a recording, with all that was said of it."""

    path: str
    start: float
    end: float
    label: Label
    group: str


def verdicts_file(place: Path) -> Path:
    """Give the file of verdicts: the one that is named, or that of the folder that is named.

    Raises
    ------
    AnnotationError
        There is none.
    """
    if not place.is_dir():
        return place
    if not (place / VERDICTS).exists():
        raise AnnotationError(
            place, None, f"there is no {VERDICTS} in it: press 'Save verdicts' in the page, and move the file here"
        )
    return place / VERDICTS


def read_judgements(path: Path) -> Judgements:
    """Read what a review page saved.

    Raises
    ------
    AnnotationError
        It is none, or an entry is not what it should be; the message names it.
    """
    found = parsed(path, None, content_of(path, LARGEST).decode("utf-8-sig", "replace"))
    if isinstance(number := found.get("format"), int) and number > 1:
        raise AnnotationError(path, None, f"is of format {number}, which a newer mediaml wrote")
    try:
        return Judgements.model_validate(found)
    except ValidationError as error:
        raise AnnotationError(path, None, _reason(found, error)) from error


def stretches(judged: Judgements, path: Path) -> list[Stretch]:
    """Give the stretches of recordings that were judged, each once; what was rejected only has no label.

    Raises
    ------
    AnnotationError
        Nothing that is heard was judged.
    """
    groups: dict[tuple[str, float, float], list[Judgement]] = {}
    for one in _of_sense(judged, "heard", path):
        groups.setdefault((_place(one.source), one.start, one.end), []).append(one)
    return [
        Stretch(path, *_heard_in(of_one[0], path), as_label(_labels(of_one)), of_one[0].group or path)
        for (path, _, _), of_one in groups.items()
    ]


def pictures(judged: Judgements, path: Path) -> list[Pictured]:
    """Give the pictures that were judged, each once, and write those of videos into the folder ``frames``.

    What was rejected has no label; where boxes were drawn in any picture, it has an empty tuple of boxes. Labels of a
    picture with boxes are those of its boxes; a warning names what was accepted without one.

    Raises
    ------
    AnnotationError
        Nothing that is seen was judged.
    VideoError
        The picture of a video cannot be taken out of it.
    """
    seen = _of_sense(judged, "seen", path)
    boxed = any(one.boxes is not None for one in seen)
    groups: dict[tuple[str, float | None], list[Judgement]] = {}
    for one in seen:
        groups.setdefault((one.source, _time(one)), []).append(one)
    _warn_without_box(groups.values())
    return [_pictured(of_one, boxed, path.parent / FRAMES) for of_one in groups.values()]


def _of_sense(judged: Judgements, sense: Sense, path: Path) -> list[Judgement]:
    found = [one for one in judged.items if one.sense == sense]
    if not found:
        other = {"heard": "seen: ImageDataset.from_review", "seen": "heard: AudioDataset.from_review"}[sense]
        more = f"; it has {len(judged.items)} on what is {other}" if judged.items else ""
        raise AnnotationError(path, None, f"holds no verdict on anything that is {sense}{more}")
    return found


def _heard_in(one: Judgement, path: str) -> tuple[float, float]:
    """Find a stretch of a film in its sound track; a file that is gone or cannot be read keeps its times."""
    if one.kind not in ("video", None) or one.end == one.start:
        return one.start, one.end
    try:
        return video.heard_in(path, one.start, one.end)
    except DataError:  # the row stands for it: check() says what is wrong with the file
        return one.start, one.end


def _place(source: str) -> str:
    """Give the absolute path of a file; an address stays as it is."""
    return source if "://" in source else os.path.abspath(source)


def _labels(judged: Iterable[Judgement]) -> list[str]:
    return [one.judged for one in judged if one.judged is not None]


def _warn_without_box(pictures: Iterable[Sequence[Judgement]]) -> None:
    """Name the labels that were accepted in pictures with boxes, and have none there."""
    left_out = []
    for judged in pictures:
        kept = [one for one in judged if one.verdict != "rejected"]
        drawn = [one.boxes for one in kept if one.boxes is not None]
        known = {box.label for boxes in drawn for box in boxes}
        left_out += [(label, judged[0].source) for label in _labels(kept) if drawn and label not in known]
    if left_out:
        named = ", ".join(f"{label} in {source}" for label, source in left_out[:5])
        warn(
            f"{len(left_out)} labels were accepted without a box where the boxes of the picture were judged, and are "
            f"left out: {named}. Draw their boxes, or reject them"
        )


def _pictured(judged: Sequence[Judgement], boxed: bool, frames: Path) -> Pictured:
    """Bring together what was said of one picture."""
    first = judged[0]
    kept = [one for one in judged if one.verdict != "rejected"]
    drawn = [one.boxes for one in kept if one.boxes is not None]
    boxes = _each_once(box for own in drawn for box in own) if drawn else () if boxed and not kept else None
    labels = [box.label for box in boxes] if boxes is not None else _labels(kept)
    sized = next((one for one in judged if one.width is not None and one.height is not None), first)
    place, extra = _place(first.source), {}
    if (time := _time(first)) is not None:
        extra = {"video": place, "time": time}
        place = os.path.abspath(_frame(place, time, frames))
    return Pictured(
        path=place,
        labels=tuple(sorted(set(labels))),
        boxes=boxes,
        width=sized.width,
        height=sized.height,
        group=first.group or _place(first.source),
        extra=extra,
    )


def _time(one: Judgement) -> float | None:
    """Give the time of a video's picture; where the page had none to show, the middle. None: a still picture."""
    if one.time is None and (one.kind == "video" or one.end > one.start):
        return (one.start + one.end) / 2
    return one.time


def _each_once(boxes: Iterable[Box]) -> tuple[Box, ...]:
    found = {(box.label, box.left, box.top, box.width, box.height): box for box in boxes}
    return tuple(found.values())


def _frame(source: str, time: float, folder: Path) -> Path:
    """Take a picture out of a video, once, without a loss."""
    mark = hashlib.sha256(os.fsencode(source)).hexdigest()[:6]
    place = folder / f"{Path(source).stem}-{mark}-{time:010.3f}.png"
    if not place.exists():
        pixels = video.frame_at(source, time).pixels
        folder.mkdir(parents=True, exist_ok=True)
        if pixels is not None:
            write_whole(place, _png(pixels))
    return place


def _png(pixels: Pixels) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _reason(found: dict[str, Any], error: ValidationError) -> str:
    """Say in a line what is wrong with which entry."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = list(first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    if place[:1] == ["items"] and len(place) > 1 and isinstance(place[1], int):
        entry = found["items"][place[1]]
        name = f" ({entry['source']})" if isinstance(entry, dict) and isinstance(entry.get("source"), str) else ""
        field = f"{'.'.join(map(str, place[2:]))}: " if place[2:] else ""
        return f"entry {place[1] + 1}{name}: {field}{said}"
    return f"is no file of verdicts that 'Save verdicts' wrote: {'.'.join(map(str, place))}: {said}"
