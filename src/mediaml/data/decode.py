"""Recordings to mono waveforms: libsndfile first, FFmpeg (extra ``video``) for what it cannot read."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, TypeVar, cast

import numpy as np

from mediaml.data import decode_av, decode_sndfile
from mediaml.data.formats.folders import SOUNDS
from mediaml.data.waveform import AudioInfo, Waveform, check_count, check_samples
from mediaml.errors import AudioError, MissingExtraError
from mediaml.runtime.resample import resample as resample_with_numpy


class Readable(Protocol):
    """A binary file, or anything that gives bytes: a download, an upload, a pipe."""

    def read(self, size: int = ..., /) -> bytes | None:
        """Give so many bytes, or all."""


Source: TypeAlias = str | Path | bytes | bytearray | memoryview | Readable
Opened: TypeAlias = str | BinaryIO
T = TypeVar("T")
TEXT_MODE = "a file opened in text mode; open it with mode 'rb'"


def source_name(source: object) -> str:
    """Name a source as a person would: its path, or ``bytes``, or ``file``."""
    if isinstance(source, str | Path):
        return str(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "file"


def info(source: Source) -> AudioInfo:
    """Read the header of a recording.

    Raises
    ------
    AudioError
        It cannot be read; the reason names the extra that may help.
    """
    if isinstance(source, str | Path):
        place = _checked_path(source)
        status = Path(place).stat()
        return _info_of_file(place, str(source), status.st_size, status.st_mtime_ns)
    return _info(source, source_name(source))


@lru_cache(maxsize=1 << 14)
def _info_of_file(path: str, name: str, size: int, modified: int) -> AudioInfo:
    """Read a file's header once for each state that it was seen in: some must be decoded to know their length."""
    return _info(path, name)


def _info(source: Source, name: str) -> AudioInfo:
    return first_that_works(source, decode_sndfile.info, lambda opened: decode_av.info(opened, name), name)


def read(
    source: Source, start: float = 0.0, end: float | None = None, sample_rate: int | None = None
) -> tuple[Waveform, int]:
    """Decode a stretch of a recording, and only that stretch, to mono.

    Parameters
    ----------
    source
        A path, the bytes of a file, or an open binary file (all of it, wherever it stands).
    start, end
        Seconds; ``end=None``: to the end of the recording.
    sample_rate
        Hz; resampled to it (soxr HQ). None: the recording's own.

    Returns
    -------
    float32 [samples], full scale 1, and the sample rate.

    Raises
    ------
    AudioError
        It cannot be read, or holds samples that are not numbers.
    """
    name = source_name(source)
    waveform, rate = first_that_works(
        source,
        lambda opened: decode_sndfile.read(opened, name, start, end),
        lambda opened: decode_av.read(opened, name, start, end),
    )
    check_samples(waveform, name)
    return (waveform, rate) if sample_rate is None else (resample(waveform, rate, sample_rate, name), sample_rate)


def resample(waveform: Waveform, source_rate: int, target_rate: int, name: str = "array") -> Waveform:
    """Resample by soxr (HQ), or by `runtime.resample` where soxr is not installed.

    The mean is taken away meanwhile: resamplers hear silence before and after, so that a constant part would begin and
    end with a click.

    Raises
    ------
    AudioError
        There would be too many samples: a header may say 1 Hz, and soxr ends the process at 2**31 of them.
    """
    if source_rate == target_rate or len(waveform) == 0:
        return waveform
    check_count(len(waveform) * target_rate / source_rate, name)
    mean = waveform.mean(dtype=np.float32)
    try:
        import soxr
    except ImportError:
        resampled = resample_with_numpy(waveform - mean, source_rate, target_rate)
    else:
        resampled = soxr.resample(waveform - mean, source_rate, target_rate, quality="HQ")
    return np.asarray(resampled + mean, np.float32)


def first_that_works(
    source: Source, sndfile: Callable[[Opened], T], ffmpeg: Callable[[Opened], T], name: str | None = None
) -> T:
    """Try libsndfile, then FFmpeg; where neither can, the error tells both reasons."""
    name = name or source_name(source)
    opened = _open(source, name)
    first: Callable[[Opened], T] = partial(_by_sndfile, sndfile, name)
    second = ffmpeg
    if decode_sndfile.guesses_its_length(opened) and decode_av.available():
        first, second = second, first
    try:
        return first(opened)
    except AudioError as refusal:
        if not isinstance(opened, str):
            opened.seek(0)
        try:
            return second(opened)
        except MissingExtraError as missing:
            hopeless = Path(name).suffix.lower() in SOUNDS.others  # a table, a text, a picture
            hint = "" if hopeless else "; FFmpeg may read it: pip install 'mediaml[video]'"
            raise AudioError(name, f"{refusal.reason}{hint}") from missing
        except AudioError as other:
            raise AudioError(name, f"{refusal.reason}; {other.reason}") from refusal


def _by_sndfile(function: Callable[[Opened], T], name: str, opened: Opened) -> T:
    with decode_sndfile.translated(name):
        return function(opened)


def _open(source: Source, name: str) -> Opened:
    """Check what can be checked before a decoder sees it, and give a path or a file at its start."""
    if isinstance(source, str | Path):
        return _checked_path(source)
    file = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else _checked_file(source)
    if file.seek(0, io.SEEK_END) == 0:
        raise AudioError(name, "empty: it has no bytes")
    file.seek(0)
    return file


def _checked_file(source: Readable) -> BinaryIO:
    """Give a file that can be read and seeks; one that does not seek is read to memory."""
    try:
        if not _seeks(source):
            return io.BytesIO(content(source))
        nothing = source.read(0)
    except (OSError, ValueError) as error:  # opened for writing only, or closed
        if isinstance(error, AudioError):
            raise
        raise AudioError(source_name(source), str(error)) from error
    if nothing != b"":
        raise AudioError(source_name(source), TEXT_MODE)
    return cast(BinaryIO, source)


def _seeks(source: Readable) -> bool:
    return hasattr(source, "seekable") and bool(source.seekable())


def content(source: Readable) -> bytes:
    """Read a file to its end, from its start where it can seek.

    Raises
    ------
    AudioError
        It is no binary file.
    """
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise AudioError(
            kind, "nothing to listen to: a path, bytes, a binary file, (array, sample_rate) or a dataset was expected"
        )
    try:
        if _seeks(source):
            source.seek(0)  # type: ignore[attr-defined]
        given = source.read()
    except (OSError, ValueError) as error:  # opened for writing only, closed, or a broken pipe
        raise AudioError(source_name(source), str(error)) from error
    if not isinstance(given, bytes):
        raise AudioError(source_name(source), TEXT_MODE)
    return given


def _checked_path(path: str | Path) -> str:
    try:
        status = Path(path).stat()
    except FileNotFoundError as error:
        raise AudioError(path, "no such file") from error
    except (OSError, ValueError) as error:
        raise AudioError(path, str(error)) from error
    if Path(path).is_dir():
        raise AudioError(path, "a folder, not a recording")
    if status.st_size == 0:
        raise AudioError(path, "empty: it has no bytes")
    return os.path.abspath(path)  # FFmpeg takes a relative name with a colon for an address
