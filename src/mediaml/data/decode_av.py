"""Recordings to mono waveforms by FFmpeg (PyAV, extra ``video``): M4A, MP4, MOV, MKV, WMA and the sound of videos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, BinaryIO

import numpy as np

from mediaml._extras import require
from mediaml.data.ffmpeg import open_media
from mediaml.data.waveform import AudioInfo, Waveform, check_count, mono
from mediaml.errors import AudioError

DUBIOUS_SECONDS = 1.0  # a shorter length is often a wrong header, and quickly counted; of an MP3 it is a guess
SEEK_MARGIN = 0.5  # seconds decoded before the wanted start: codecs need a few frames to find their feet


def available() -> bool:
    """Tell whether the extra ``video`` is installed."""
    return find_spec("av") is not None


def info(opened: str | BinaryIO, name: str) -> AudioInfo:
    """Read what the container says of its first sound track."""
    with sound_track(opened, name) as (container, stream):
        duration = _duration(container, stream)
        if duration is None or duration < DUBIOUS_SECONDS or container.format.name == "mp3":
            duration = sum(frame.samples for frame in frames(container, stream, name)) / stream.rate
        return AudioInfo(
            duration=duration,
            sample_rate=int(stream.rate),
            channels=int(stream.channels),
            format=f"{container.format.name} {stream.codec_context.name}",
        )


def read(opened: str | BinaryIO, name: str, start: float, end: float | None) -> tuple[Waveform, int]:
    """Decode the stretch from `start` to `end` seconds of the first sound track to mono."""
    with sound_track(opened, name) as (container, stream):
        rate = int(stream.rate)
        first, last = round(start * rate), None if end is None else round(end * rate)
        if start > SEEK_MARGIN:
            container.seek(int((start - SEEK_MARGIN) / stream.time_base), stream=stream)
        found, count = [], 0
        for piece in pieces(frames(container, stream, name), stream, first, last):
            found.append(piece)
            count += len(piece)
            check_count(count, name)
    return np.concatenate([np.zeros(0, np.float32), *found]), rate


def frames(container: Any, stream: Any, name: str) -> Iterator[Any]:
    """Decode packet by packet and go on after a damaged one, as FFmpeg's own program does."""
    import av

    decoded, damage = 0, None
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError as error:
            damage = error
            continue
        decoded += len(frames)
        yield from frames
    if decoded == 0:
        reason = "nothing in it could be decoded" if damage is None else f"damaged: {damage.strerror}"
        raise AudioError(name, f"FFmpeg: {reason}")


def pieces(frames: Iterator[Any], stream: Any, first: int, last: int | None) -> Iterator[Waveform]:
    """Yield what lies between two samples, frame by frame."""
    rate = int(stream.rate)
    origin = (stream.start_time or 0) * stream.time_base
    position = 0
    for frame in frames:
        if frame.pts is not None:
            position = round((frame.pts * frame.time_base - origin) * rate)
        if last is not None and position >= last:
            return
        skip = max(0, first - position)
        if skip < frame.samples:
            keep = frame.samples if last is None else min(frame.samples, last - position)
            yield _as_mono(frame)[skip:keep]
        position += frame.samples


def _as_mono(frame: Any) -> Waveform:
    """Mix one decoded frame, planar or packed, integer or float, to mono float32."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    if samples.dtype.kind in "iu":
        limit = float(np.iinfo(samples.dtype).max) + 1
        samples = (samples - limit / 2) / (limit / 2) if samples.dtype.kind == "u" else samples / limit
    return mono(samples.T)


def _duration(container: Any, stream: Any) -> float | None:
    """Give what the track says of its length; where it says nothing, what the container does.

    A video is often longer than its sound, and what is behind the end of the sound is no silence.
    """
    import av

    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration / av.time_base) if container.duration else None


@contextmanager
def sound_track(opened: str | BinaryIO, name: str) -> Iterator[tuple[Any, Any]]:
    """Open a container and find its first sound track; turn FFmpeg's errors into `AudioError`."""
    av = require("av", "video", "reading this format")
    try:
        with open_media(opened, "reading this format") as container:
            if not container.streams.audio:
                raise AudioError(name, "FFmpeg: there is no sound track in it")
            stream = container.streams.audio[0]
            if not getattr(stream, "rate", None):  # of an unknown codec PyAV does not even have the attribute
                raise AudioError(name, "FFmpeg: its sound track does not say its sample rate")
            yield container, stream
    except (av.FFmpegError, OSError, ValueError, EOFError) as error:
        if isinstance(error, AudioError):
            raise
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise AudioError(name, f"FFmpeg: {reason}") from error
