"""The ways in which a stretch of a file can be cut out of it, the best first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from mediaml._extras import require
from mediaml.data import decode_av, decode_sndfile, decode_video
from mediaml.data.ffmpeg import open_media
from mediaml.errors import AudioError, VideoError
from mediaml.export.cutting.encode import encode_sound, encode_video
from mediaml.export.cutting.names import suffix_of
from mediaml.export.cutting.packets import copy_packets
from mediaml.export.cutting.samples import copy_samples, decode_samples, is_exact
from mediaml.export.cutting.spans import Cut, Span
from mediaml.export.stills import has_ending_of_picture
from mediaml.values.media import Media

Cutter: TypeAlias = Callable[[Path, Span], Cut]
MUXERS: Mapping[str, str] = MappingProxyType(
    {
        ".mp4": "mp4",
        ".m4v": "mp4",
        ".mov": "mov",
        ".qt": "mov",
        ".m4a": "ipod",
        ".m4b": "ipod",
        ".3gp": "3gp",
        ".3g2": "3g2",
        ".mkv": "matroska",
        ".mka": "matroska",
        ".webm": "webm",
        ".avi": "avi",
        ".mpg": "mpeg",
        ".mpeg": "mpeg",
        ".mpe": "mpeg",
        ".vob": "vob",
        ".ts": "mpegts",
        ".mts": "mpegts",
        ".m2ts": "mpegts",
        ".flv": "flv",
        ".wmv": "asf",
        ".wma": "asf",
        ".asf": "asf",
        ".mxf": "mxf",
        ".ogg": "ogg",
        ".oga": "ogg",
        ".ogv": "ogg",
        ".opus": "opus",
        ".spx": "ogg",
        ".mp3": "mp3",
        ".mp2": "mp2",
        ".aac": "adts",
        ".ac3": "ac3",
        ".amr": "amr",
        ".wv": "wv",
        ".dv": "dv",
        ".wav": "wav",
    }
)


class Way(NamedTuple):
    """One way of cutting, and the ending of the file that it writes."""

    suffix: str
    cut: Cutter


@contextmanager
def ways_of(source: str, media: Media | None) -> Iterator[tuple[Way, ...]]:
    """Open a source, and give the ways in which it can be cut, while it is open.

    Raises
    ------
    AudioError, VideoError
        It is not there, or cannot be read.
    MissingExtraError
        It is no sound file and no picture, and PyAV is not installed.
    """
    place = checked(source)
    if is_picture(source, media):
        yield (Way(suffix_of(source, ".jpg"), partial(_copy_file, place)),)
        return
    subtype = _subtype(place)
    if subtype is not None and is_exact(subtype):
        yield (Way(suffix_of(source, ".wav"), partial(copy_samples, place)),)
    elif subtype is not None and not decode_av.available():
        yield (Way(".flac", partial(decode_samples, place)),)
    else:
        with ExitStack() as stack:
            container = stack.enter_context(_opened(place, source))
            yield _by_packets(container, place, source)


def checked(source: str) -> str:
    """Give the whole path of a file that can be cut.

    Raises
    ------
    VideoError
        It is not there, is a folder or empty, or lies elsewhere.
    """
    if "://" in source:
        raise VideoError(source, "it lies elsewhere: download it first")
    try:
        status = Path(source).stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(source, "no such file" if isinstance(error, FileNotFoundError) else reason) from error
    if Path(source).is_dir():
        raise VideoError(source, "a folder, not a file")
    if status.st_size == 0:
        raise VideoError(source, "empty: it has no bytes")
    return os.path.abspath(source)  # FFmpeg takes a relative name with a colon for an address


def needs_pyav(source: str, media: Media | None) -> bool:
    """Tell whether a file is there that only PyAV can cut."""
    try:
        place = checked(source)
    except VideoError:
        return False
    return not is_picture(source, media) and _subtype(place) is None


def is_picture(source: str, media: Media | None) -> bool:
    """Tell whether a file is a picture, by its ending; an animation is one, too."""
    return has_ending_of_picture(source) and (media is None or not media.has_sound)


def _subtype(place: str) -> str | None:
    """Give libsndfile's name of how the samples are written; None: it cannot read this."""
    import soundfile

    try:
        with decode_sndfile.translated(place), soundfile.SoundFile(place) as file:
            return str(file.subtype)
    except AudioError:
        return None


@contextmanager
def _opened(place: str, source: str) -> Iterator[Any]:
    av = require("av", "video", "cutting videos")
    try:
        container = open_media(place, "cutting videos")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(source, f"FFmpeg: {getattr(error, 'strerror', None) or error}") from error
    with container:
        yield container


def _by_packets(container: Any, place: str, source: str) -> tuple[Way, ...]:
    has_picture = decode_video.picture_of(container) is not None
    suffix = suffix_of(source, "")
    ways = []
    if suffix in MUXERS:
        ways.append(Way(suffix, partial(_copied, container, MUXERS[suffix])))
    if not has_picture:
        return (*ways, Way(".flac", partial(encode_sound, place)))
    if MUXERS.get(suffix) != "matroska":
        ways.append(Way(".mkv", partial(_copied, container, "matroska")))
    return (*ways, Way(".mp4", partial(encode_video, place)))


def _copied(container: Any, muxer: str, place: Path, span: Span) -> Cut:
    return copy_packets(container, place, muxer, span)


def _copy_file(source: str, place: Path, span: Span) -> Cut:
    """Copy a picture, all of it, byte by byte."""
    shutil.copyfile(source, place)
    return Cut(span.start, copied=True)
