"""Seconds as frames and timecodes, as editors count them; the arithmetic is OpenTimelineIO's."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from mediaml._extras import require
from mediaml.errors import ExportError
from mediaml.values.geometry import Segment
from mediaml.values.media import FrameRate, Media

STANDARD = tuple(
    FrameRate(numerator=numerator, denominator=denominator)
    for numerator, denominator in (
        *((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1)),
    )
)
SOUND_RATE = FrameRate(numerator=25)
"""What sound without a picture is counted in: a frame is 40 ms exactly, and every second begins with one."""

DROPS = (FrameRate(numerator=30000, denominator=1001), FrameRate(numerator=60000, denominator=1001))
SAME = 2e-4  # of a rate: 23.98 is 24000/1001, and 30 is not 30000/1001
NOMINAL = 0.04  # of a rate: what has 119.5 pictures a second, or 11.6, has a timecode that counts 120, or 12
TINY = 1e-6  # frames: 0.1 s at 30 frames a second are 3.0000000000000004
NEARLY = 0.07  # frames: Matroska says a length in whole milliseconds, up to 0.06 frames too short
_TIMECODE = re.compile(r"(\d\d:[0-5]\d:[0-5]\d)([:;.,])(\d{2,3})")


class Frames(NamedTuple):
    """A stretch in whole frames from the start of a file.

    Parameters
    ----------
    start
        From 0.
    length
        At least 1.
    """

    start: int
    length: int

    @property
    def end(self) -> int:
        """The frame after the last one."""
        return self.start + self.length


class Clock(NamedTuple):
    """How the frames of a file are counted.

    Parameters
    ----------
    rate
        A standard one: the file's own, or the nearest.
    start
        The timecode of its first picture, in frames.
    length
        Of the file, in whole frames: what is left at the end of a sound is no picture, and no program finds one there.
    """

    rate: FrameRate
    start: int
    length: int

    def frames(self, segment: Segment) -> Frames:
        """Give the frames that a stretch touches: begun ones count, there is at least one, and none beyond the end."""
        first = min(self.length - 1, int(segment.start * self.rate.fps + TINY))
        end = -int(-(segment.end * self.rate.fps - TINY) // 1)
        return Frames(first, max(1, min(self.length, end) - first))

    def time(self, frame: int) -> Any:
        """Give a frame as OpenTimelineIO's time."""
        return _opentime().RationalTime(frame, self.rate.fps)

    def timecode(self, frame: int, source: str) -> str:
        """Give the timecode of a frame, counted from the start of the file.

        Raises
        ------
        ExportError
            It passes midnight, where timecodes begin anew.
        """
        return timecode_of(self.start + frame, self.rate, source)


def clock_of(media: Media, source: str) -> Clock:
    """Tell how the frames of a file are counted.

    Parameters
    ----------
    media
        Its streams.
    source
        Its name, for the error.

    Raises
    ------
    ExportError
        Its timecode is none.
    """
    rate = edit_rate(media)
    counted = rate if media.frame_rate is None else media.frame_rate
    start = 0 if media.start_timecode is None else frames_of(media.start_timecode, counted, rate, source)
    return Clock(rate, start, max(1, math.floor(media.duration * rate.fps + NEARLY)))


def edit_rate(media: Media) -> FrameRate:
    """Give the rate that editors' programs know: the file's own where it is one.

    Else the next that is a whole multiple of it, or of which it is one, so that pictures begin with frames: 12.5
    pictures a second are counted at 25, 14.985 at 29.97, 120 at 60. Else the nearest (29.87: 29.97). Positions are
    taken from seconds, so that what is found is cut there.
    """
    if media.frame_rate is None:
        return SOUND_RATE
    fps = media.frame_rate.fps
    chosen = min(STANDARD, key=lambda one: _unlike(one.fps, fps))
    drops = media.frame_rate.drop_frame or ";" in (media.start_timecode or "")
    return chosen.model_copy(update={"drop_frame": drops and chosen in DROPS})


def _unlike(one: float, other: float) -> tuple[float, float]:
    """Rank how badly two rates go together: by how many times the one is the other, then by how far they are apart."""
    ratio = max(one / other, other / one)
    times = round(ratio)
    return (times, abs(ratio / times - 1)) if abs(ratio / times - 1) < SAME else (math.inf, ratio)


def frames_of(timecode: str, counted: FrameRate, rate: FrameRate, source: str) -> int:
    """Read a timecode, as frames.

    Parameters
    ----------
    timecode
        ``"01:00:00:00"``; where frames are dropped, the last sign between numbers does not matter.
    counted
        The file's own rate: at 120 pictures a second, the last number may go up to 119.
    rate
        Of the frames.
    source
        The file's name, for the error.

    Raises
    ------
    ExportError
        It is none.
    """
    try:
        return _frames_of(timecode, counted, rate)
    except ValueError as error:
        raise ExportError(
            f"{source}: its timecode {timecode!r} is none at {counted} pictures a second ({error})"
        ) from error


def _frames_of(timecode: str, counted: FrameRate, rate: FrameRate) -> int:
    found = _TIMECODE.fullmatch(timecode)
    if found is None:
        raise ValueError("like 01:00:00:00 is one")
    if found[2] == ";" and not rate.drop_frame:
        raise ValueError("no frames are dropped at this rate")
    number = _at_rate(int(found[3]), counted, rate)
    text = f"{found[1]}{';' if rate.drop_frame else ':'}{number:02d}"
    frames = int(_opentime().from_timecode(text, _counting(rate)).to_frames())
    if timecode_of(frames, rate) != text:
        raise ValueError("no clock shows it")
    return frames


def _at_rate(number: int, counted: FrameRate, rate: FrameRate) -> int:
    """Count the pictures since the last second at another rate, where that is some times the one, or a part of it."""
    ratio = rate.fps / counted.fps  # not of whole rates: 12.5 pictures a second are half of 25
    times = round(max(ratio, 1 / ratio))
    if abs(max(ratio, 1 / ratio) / times - 1) >= NOMINAL:
        return number
    return number * times if ratio > 1 else number // times


def timecode_of(frame: int, rate: FrameRate, source: str = "") -> str:
    """Write frames as a timecode, with ``;`` before the last number where some are dropped.

    Midnight itself, at which a stretch may end, is 00:00:00:00.

    Raises
    ------
    ExportError
        It passes midnight.
    """
    base = _counting(rate)
    if frame > 24 * round(3600 * base):
        raise ExportError(
            f"{f'{source}: ' if source else ''}a timecode after midnight (frame {frame} at {rate}) cannot be written: "
            "cut it in two, or write .otio, .fcpxml or .xml"
        )
    opentime = _opentime()
    text: str = opentime.to_timecode(opentime.RationalTime(frame, base), base, rate.drop_frame)
    return text


def _counting(rate: FrameRate) -> float:
    """Give what a timecode counts to: 30 at 29.97, where none are dropped.

    OpenTimelineIO (0.18) begins anew at 24 hours of the clock, which is 23:58:33:18 by such a timecode.
    """
    return rate.fps if rate.drop_frame else float(round(rate.fps))


def _opentime() -> Any:
    return require("opentimelineio", "editors", "writing timelines for editors").opentime
