"""Files of sounds, pictures and videos as views hold them: small copies, inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from mediaml.aws.s3 import is_uri
from mediaml.data import decode, video
from mediaml.data.files import printable
from mediaml.data.pictures import decode as pictures
from mediaml.data.pictures import placing
from mediaml.errors import DataError, MissingExtraError
from mediaml.features.items import open_sound
from mediaml.features.pictures import overview, picture, png
from mediaml.reports.boxes import outlined
from mediaml.reports.players import HIGHEST_RATE, flac
from mediaml.reports.stills import moment
from mediaml.reports.views.parts import Card, Medium
from mediaml.runtime.cores import available_cores
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Box, Segment
from mediaml.values.picture import Picture
from mediaml.values.timeline import Event, clock

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 10.0  # s of a sound
COLUMNS, ROWS, SHADES = 400, 96, 64  # of a spectrogram
SIDE, SIDE_IN_GALLERY = 480, 280  # pixels of the longer side of a picture
QUALITY = 80
MOST_BYTES = 800_000  # of all sounds of a view, as they stand in it
SPEC = Spec(hop_length=512)
UNREADABLE = (DataError, MissingExtraError, OSError)
"""A view says why there is nothing to hear or see; a name that is too long for the system is an OSError."""

ValueT = TypeVar("ValueT")


def heard_at(source: str, segment: Segment | None) -> Medium:
    """Give a stretch of a recording, by its path or address."""
    if is_uri(source):
        return Medium(note="Nothing to hear: it lies on S3")
    return heard(Clip(path=Path(source), segment=segment))


def heard(clip: Clip) -> Medium:
    """Give the spectrogram and a player of a clip: mono, at most 16 kHz, at most 10 s."""
    name = file_name(str(clip.path))
    try:
        sound = open_sound(clip)
        part = replace(sound, duration=min(sound.duration, LONGEST))
        rate = min(HIGHEST_RATE, decode.info(clip.path).sample_rate)
        waveform = part.read(0.0, part.duration, rate)
        if not len(waveform):
            return Medium(note=f"Nothing to hear: {name} has no samples here")
        levels, _ = overview(part, SPEC, COLUMNS)
    except UNREADABLE as error:
        return Medium(note=f"Nothing to hear: {_reason(error)}")
    image = picture(levels, SHADES).resize((COLUMNS, ROWS))
    where = f"{round(part.offset, 2):g}–{round(part.offset + part.duration, 2):g} s"  # noqa: RUF001
    first = f", the first {LONGEST:g} s" if part.duration < sound.duration else ""
    return Medium(
        picture=f"data:image/png;base64,{_text(png(image))}",
        described=f"spectrogram of {name}, {where}",
        sound=f"data:audio/flac;base64,{_text(flac(waveform, rate))}",
        note=f"{where}{first}",
        stretched=True,
    )


def seen(one: Picture, side: int = SIDE) -> Medium:
    """Give a picture with its boxes, which are in pixels of the size that it states."""
    try:
        found = pictures.read_sized(one.path, side)
        boxes = placing.upright(one, found.width, found.height).boxes or ()
    except UNREADABLE as error:
        return Medium(note=f"Nothing to see: {_reason(error)}")
    return _seen(found, one.path, boxes, side)


def seen_as(path: str, size: tuple[int, int], boxes: Sequence[Box], side: int = SIDE) -> Medium:
    """Give a picture with boxes that were found in it when it had this size, in pixels, as a person sees it."""
    try:
        found = pictures.read_sized(path, side)
    except UNREADABLE as error:
        return Medium(note=f"Nothing to see: {_reason(error)}")
    if boxes and (found.width, found.height) != size:
        return replace(_seen(found, path, (), side), note="The file has changed since: its boxes are not drawn")
    return _seen(found, path, boxes, side)


def _seen(found: pictures.Decoded, path: str, boxes: Sequence[Box], side: int) -> Medium:
    from PIL import Image

    image = outlined(Image.fromarray(found.pixels), boxes, found.width, side)
    labels = ", ".join(dict.fromkeys(box.label for box in boxes))
    return Medium(
        picture=_jpeg(image),
        described=file_name(path) + (f" with boxes around {printable(labels)}" if labels else ""),
    )


def filmed(source: str, event: Event, side: int = SIDE_IN_GALLERY) -> Medium:
    """Give the picture of an event of a video in which a box is surest, or the one in its middle, with its boxes."""
    from PIL import Image

    try:
        frame, boxes = moment(source, event, side)
    except UNREADABLE as error:
        return Medium(note=f"Nothing to see: {_reason(error)}")
    if frame.pixels is None:
        return Medium(note="Nothing to see: this picture could not be decoded")
    time = clock(frame.time)
    image = outlined(Image.fromarray(frame.pixels), boxes, frame.width, side)
    return Medium(picture=_jpeg(image), described=f"{file_name(source)} at {time}", note=f"the picture at {time}")


def filmed_and_heard(source: str, event: Event, side: int = SIDE_IN_GALLERY) -> Medium:
    """Give the picture of an event of a video, and a player of its sound: nobody says which of the two it is about."""
    try:
        start, end = video.heard_in(source, event.segment.start, event.segment.end)
    except UNREADABLE:  # there is no sound: the picture says what can be said
        return filmed(source, event, side)
    sound = heard(Clip(path=Path(source), segment=Segment(start=start, end=end)))
    return replace(filmed(source, event, side), sound=sound.sound)


def cards(values: Iterable[ValueT], make: Callable[[ValueT], Card]) -> tuple[Card, ...]:
    """Make cards in threads; sounds that would make the view too large are left out, and their cards say so."""
    budget, kept = MOST_BYTES, []
    with ThreadPoolExecutor(available_cores(), "mediaml-views") as pool:
        for card in pool.map(make, values):
            size = len(card.medium.sound) if card.medium else 0
            fits = size <= budget
            budget -= size if fits else 0
            kept.append(card if fits else _silent(card))
    return tuple(kept)


def _silent(card: Card) -> Card:
    if card.medium is None:
        return card
    note = "; ".join(one for one in (card.medium.note, "no player: the view would grow too large") if one)
    return replace(card, medium=replace(card.medium, sound="", note=note))


def file_name(path: str) -> str:
    """Give the last part of a path or address, in signs that every font knows."""
    return printable(PurePath(path).name or path)


def _reason(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) else getattr(error, "reason", None)
    return printable(told or str(error))


def _jpeg(image: Image) -> str:
    content = io.BytesIO()
    image.convert("RGB").save(content, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{_text(content.getvalue())}"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
