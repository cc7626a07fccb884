"""The pictures of a video by FFmpeg (PyAV, extra ``video``): upright, with square pixels, each with its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mediaml._extras import require
from mediaml.data import ffmpeg
from mediaml.data.ffmpeg import open_media
from mediaml.errors import VideoError
from mediaml.values.media import FrameRate, Media

USUAL_RATE = Fraction(25)  # of a raw stream that says nothing, as FFmpeg assumes
STANDARD = tuple(
    Fraction(*rate)
    for rate in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
)
NEAR = 0.0005  # of a rate: 29.97 is told from 30, which are 0.001 apart


class Shot(NamedTuple):
    """A decoded picture, not yet made pixels.

    Parameters
    ----------
    number
        From 0.
    time
        Seconds from the first picture.
    frame
        PyAV's.
    aspect
        How many times wider than high its pixels are: not 1 in old television.
    """

    number: int
    time: float
    frame: Any
    aspect: Fraction = Fraction(1)

    @property
    def quarters(self) -> int:
        """By how many quarters of a turn, counter-clockwise, a person sees it turned."""
        return round((self.frame.rotation or 0) / 90) % 4

    @property
    def seen_size(self) -> tuple[int, int]:
        """Width and height as a person sees it."""
        width, height = _square(self.frame.width, self.frame.height, self.aspect)
        return (height, width) if self.quarters % 2 else (width, height)


def media_of(source: str) -> Media:
    """Read what a file's container says of its streams; lengths that it does not say are counted.

    Raises
    ------
    VideoError
        It cannot be read, or has neither picture nor sound.
    """
    with _opened(source) as container:
        picture, sound = picture_of(container), next(iter(container.streams.audio), None)
        if picture is None and sound is None:
            raise VideoError(source, "there is neither picture nor sound in it")
        rate = None if picture is None else frame_rate_of(picture)
        code = None if picture is None else timecode_of(container, picture)
        width, height = (0, 0) if picture is None else _seen_size(container, picture)
        known = _duration(container, picture, sound)
        media = Media(
            duration=known or 0.0,
            frame_rate=None
            if rate is None
            else FrameRate(numerator=rate.numerator, denominator=rate.denominator, drop_frame=";" in (code or "")),
            start_timecode=code,
            width=width,
            height=height,
            sample_rate=int(getattr(sound, "rate", 0) or 0),
            channels=int(getattr(sound, "channels", 0) or 0),
            sound_start=_start(sound) - _start(picture) if picture is not None and sound is not None else 0.0,
        )
    return media if known else media.model_copy(update={"duration": _counted(source, rate)})


def shots(source: str, start: float = 0.0) -> Iterator[Shot]:
    """Decode pictures in the order in which they are shown; what is damaged is left out.

    Parameters
    ----------
    source
        The file.
    start
        Seconds; decoding begins at a key picture at this time or before. Where it is not 0, numbers are reckoned from
        the times.

    Raises
    ------
    VideoError
        It cannot be read, has no picture, or nothing in it can be decoded.
    """
    import av

    with _opened(source) as container:
        stream = picture_of(container)
        if stream is None:
            reason = "there is no picture in it"
            raise VideoError(
                source, f"{reason}, only sound: sound models hear it" if container.streams.audio else reason
            )
        stream.thread_type = "AUTO"
        step = 1 / (frame_rate_of(stream) or USUAL_RATE)
        aspect = _aspect(stream)
        origin, number, before, damage = None, 0, -1.0, None
        jumped = start > 0 and stream.start_time is not None
        if jumped:
            origin = stream.start_time * stream.time_base
            container.seek(int((start + origin) / stream.time_base), stream=stream)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError as error:
                damage = error
                continue
            for frame in frames:
                at = number * step if frame.pts is None else frame.pts * frame.time_base
                origin = at if origin is None else origin
                time = float(at - origin)
                if time > before:  # a damaged stamp that goes back in time would bring all else out of order
                    yield Shot(round(time / step) if jumped else number, time, frame, aspect)
                    before = time
                number += 1
        if number == 0:
            raise VideoError(source, f"damaged: {damage.strerror}" if damage else "nothing in it could be decoded")


def pixels_of(shot: Shot, at_least: int | None = None) -> np.ndarray[Any, Any]:
    """Make a decoded picture uint8 [height, width, 3], turned and stretched as a person sees it.

    Parameters
    ----------
    shot
        The picture.
    at_least
        Pixels that the shorter side keeps where the picture is made smaller; None: all.
    """
    width, height = _square(shot.frame.width, shot.frame.height, shot.aspect)
    shorter = min(width, height)
    if at_least is not None and shorter > at_least:
        width, height = round(width * at_least / shorter), round(height * at_least / shorter)
    pixels = shot.frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(np.rot90(pixels, shot.quarters))


def picture_of(container: Any) -> Any | None:
    """Find the first stream of pictures that is no cover."""
    import av

    covers = av.stream.Disposition.attached_pic
    return next((one for one in container.streams.video if not one.disposition & covers and one.codec_context), None)


def frame_rate_of(stream: Any) -> Fraction | None:
    """Give the pictures a second that a stream has: the standard rate where one is near; None where it says nothing."""
    for said in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if said:
            rate = Fraction(said)
            return next((one for one in STANDARD if abs(rate / one - 1) < NEAR), rate.limit_denominator(100_000))
    return None


def _square(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """Give the size with square pixels; an aspect that makes a giant of it is none."""
    stretched = max(1, round(width * aspect))
    return (stretched if stretched * height <= ffmpeg.MOST_PIXELS else width), height


def _seen_size(container: Any, stream: Any) -> tuple[int, int]:
    """Give the size as a person sees it; how a picture is to be turned stands at the picture."""
    import av

    try:
        for frame in container.decode(stream):
            return Shot(0, 0.0, frame, _aspect(stream)).seen_size
    except av.FFmpegError:
        pass  # it is damaged at its start: the header has a size, too
    context = stream.codec_context
    return _square(context.width or 0, context.height or 0, _aspect(stream))


def _aspect(stream: Any) -> Fraction:
    said = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    return Fraction(said) if said else Fraction(1)


def timecode_of(container: Any, picture: Any) -> str | None:
    """Find the timecode of the first picture: of its stream, of a track of its own, or of the container."""
    for place in (picture, *container.streams.data, container):
        if code := place.metadata.get("timecode"):
            return str(code)
    return None


def _duration(container: Any, *streams: Any) -> float | None:
    import av

    said = [float(one.duration * one.time_base) for one in streams if one is not None and one.duration]
    if said:
        return max(said)
    return float(container.duration / av.time_base) if container.duration else None


def _start(stream: Any) -> float:
    return float((stream.start_time or 0) * stream.time_base)


def _counted(source: str, rate: Fraction | None) -> float:
    """Decode to the end: some streams do not say how long they are."""
    last = 0.0
    for shot in shots(source):
        last = shot.time
    return last + float(1 / (rate or USUAL_RATE))


def _refuse_giants(container: Any, source: str) -> None:
    for stream in container.streams.video:
        width, height = (getattr(stream.codec_context, side, 0) or 0 for side in ("width", "height"))
        if width * height > ffmpeg.MOST_PIXELS:
            raise VideoError(source, f"has pictures of {width} x {height} pixels, too many to open safely")


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    """Open a container; turn FFmpeg's errors into `VideoError`."""
    av = require("av", "video", "reading videos")
    try:
        with open_media(source, "reading videos") as container:
            _refuse_giants(container, source)
            yield container
    except (av.FFmpegError, OSError, ValueError, EOFError) as error:
        if isinstance(error, VideoError):
            raise
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise VideoError(source, f"FFmpeg: {reason}") from error
