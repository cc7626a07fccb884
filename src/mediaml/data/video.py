"""Videos: what their streams are, and those of their pictures that are looked at."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from math import floor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.data import decode, decode_video
from mediaml.data.decode_video import Shot
from mediaml.data.sampling import Sampling
from mediaml.data.scenes import BEHIND, Cuts
from mediaml.errors import AudioError, VideoError
from mediaml.values.media import Media

Pixels = npt.NDArray[np.uint8]
SMALL = 32  # pixels a side of what is compared
NEARLY = 2.0  # levels of 255, on average and at the most changed sixteenth: less is noise of the camera or the codec
PARTS = 8
ROUNDING = 1e-6


class Frame(NamedTuple):
    """A picture of a video that is looked at.

    Parameters
    ----------
    number
        Of the picture in the video, from 0.
    time
        Seconds from the first picture.
    pixels
        uint8 [height, width, 3], as a person sees it; None: nearly the same as the last one that had some.
    width, height
        Of the picture in the video; `pixels` may be fewer.
    """

    number: int
    time: float
    pixels: Pixels | None
    width: int
    height: int


def media_of(source: str | Path) -> Media:
    """Tell what a file's streams are.

    Raises
    ------
    VideoError, AudioError
        It cannot be read, or has neither picture nor sound.
    MissingExtraError
        It has a picture, and the extra ``video`` is not installed.
    """
    place = _checked(source)
    try:
        sound = decode.info(place)
    except AudioError:
        return decode_video.media_of(place)
    if not sound.format.split()[0].isupper():  # by FFmpeg: there may be a picture, too
        return decode_video.media_of(place)
    return Media(duration=sound.duration, sample_rate=sound.sample_rate, channels=sound.channels)


def heard_in(source: str | Path, start: float, end: float) -> tuple[float, float]:
    """Give the stretch of the sound track, from its own start, that is heard in a stretch of a film.

    Raises
    ------
    AudioError
        The sound begins behind it.
    VideoError
        It cannot be read.
    MissingExtraError
        It has a picture, and the extra ``video`` is not installed.
    """
    begins = media_of(source).sound_start
    if begins > 0 and end <= begins:
        raise AudioError(source, f"its sound begins at {begins:.3f} s, not before {end:.3f} s")
    return max(0.0, start - begins), end - begins


def frames(source: str | Path, sampling: Sampling, at_least: int | None = None) -> Iterator[Frame]:
    """Decode a video once, from its start to its end, and give the pictures that are asked for, by time.

    Parameters
    ----------
    source
        The file.
    sampling
        Which of them.
    at_least
        Pixels that the shorter side keeps where a picture is made smaller; None: all of them.

    Raises
    ------
    VideoError
        It cannot be read, or has no picture.
    """
    place = _checked(source)
    known: npt.NDArray[np.float32] | None = None
    for shot in _chosen(place, sampling):
        pixels: Pixels | None = decode_video.pixels_of(shot, at_least)
        if sampling.skip_similar:
            now = _small(shot.frame)
            if known is not None and _nearly_same(now, known):
                pixels = None
            else:
                known = now
        yield Frame(shot.number, shot.time, pixels, *shot.seen_size)


def frame_at(source: str | Path, time: float, at_least: int | None = None) -> Frame:
    """Give the picture that is shown at a time; behind the end the last one.

    Raises
    ------
    VideoError
        It cannot be read, or has no picture.
    """
    place = _checked(source)
    shown: Shot | None = None
    for shot in decode_video.shots(place, time):
        if shown is not None and shot.time > time + ROUNDING:
            break
        shown = shot
    if shown is None:
        raise VideoError(place, "nothing in it could be decoded")
    return Frame(shown.number, shown.time, decode_video.pixels_of(shown, at_least), *shown.seen_size)


def _chosen(place: str, sampling: Sampling) -> Iterator[Shot]:
    """Choose pictures by time and at cuts; each once, in order."""
    cuts = Cuts() if sampling.scenes else None
    waiting: deque[tuple[Shot, bool]] = deque()  # a cut is known some pictures late
    due = 0.0
    for shot in decode_video.shots(place):
        wanted = cuts is not None and not waiting and shot.number == 0
        if sampling.every is not None and shot.time >= due - ROUNDING:
            wanted, due = True, _next(due, shot.time, sampling.every)
        if cuts is None:
            if wanted:
                yield shot
            continue
        found = cuts.look(shot.time, shot.frame)
        waiting.append((shot, wanted))
        waiting = deque((one, wanted or any(abs(one.time - cut) < 1e-4 for cut in found)) for one, wanted in waiting)
        if len(waiting) > BEHIND + 1:
            first, wanted = waiting.popleft()
            if wanted:
                yield first
    yield from (one for one, wanted in waiting if wanted)


def _next(due: float, time: float, every: float) -> float:
    """Give the next multiple of a step after a time; where pictures are rare, steps are left out."""
    if every == 0:
        return 0.0
    return every * (floor((time + ROUNDING) / every) + 1)


def _small(frame: Any) -> npt.NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(format="gray", width=SMALL, height=SMALL), np.float32)


def _nearly_same(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> bool:
    """Compare two small pictures: as a whole, and part by part, so that a small thing that comes in is noticed."""
    side = SMALL // PARTS
    parts = np.abs(one - other).reshape(PARTS, side, PARTS, side).mean(axis=(1, 3))
    return bool(parts.mean() < NEARLY and parts.max() < 4 * NEARLY)


def _checked(source: str | Path) -> str:
    place = os.fspath(source)
    if not Path(place).exists():
        raise VideoError(place, "no such file")
    if Path(place).is_dir():
        raise VideoError(place, "a folder, not a video")
    if Path(place).stat().st_size == 0:
        raise VideoError(place, "empty: it has no bytes")
    return os.path.abspath(place)  # FFmpeg takes a relative name with a colon for an address
