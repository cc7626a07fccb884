"""Stretches of videos and sounds, encoded anew: the way out where packets cannot be copied."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mediaml.data import decode_video
from mediaml.data.decode_video import Shot
from mediaml.data.ffmpeg import open_media
from mediaml.errors import VideoError
from mediaml.export.cutting.packets import origin_of
from mediaml.export.cutting.spans import Cut, Span

TICK = Fraction(1, 60_000)  # seconds; MPEG-4 takes no finer one
ENCODERS = (("libx264", {"crf": "17", "preset": "veryfast"}), ("mpeg4", {"qscale": "2"}))
SMALL_ENCODERS = (("libx264", {"crf": "26", "preset": "veryfast"}), ("mpeg4", {"qscale": "5"}))  # to look at
RUN_UP = 2.0  # seconds that are decoded before the start: some formats seek a little late
PICTURES = 1e-4  # seconds by which rounding may move a picture


def encode_video(source: str, place: Path, span: Span, at_least: int | None = None) -> Cut:
    """Write a stretch as MP4: pictures upright, with square pixels, by libx264 (else MPEG-4), sounds as AAC.

    Parameters
    ----------
    source
        The video.
    place
        The file that is written.
    span
        Which stretch.
    at_least
        Pixels that the shorter side keeps where pictures are made smaller, and may lose a little; None: all of them.

    Raises
    ------
    VideoError
        It cannot be read, or no picture lies in the stretch.
    FFmpegError
        It cannot be encoded.
    """
    import av

    shots = _shown(source, span)
    first = next(shots, None)
    if first is None:
        raise VideoError(source, f"there is no picture at {span.start:.3f} s")
    with open_media(source, "cutting videos") as container, av.open(str(place), "w", format="mp4") as target:
        picture = decode_video.picture_of(container)
        rate = decode_video.frame_rate_of(picture) or decode_video.USUAL_RATE
        copy = _picture_stream(target, rate, first, at_least)
        sounds = [
            (stream, target.add_stream("aac", rate=stream.rate, layout=stream.layout.name))
            for stream in container.streams.audio
        ]
        begins = max(first.time, 0.0)
        for shot in chain((first,), shots):
            target.mux(copy.encode(_frame(shot, begins, copy, at_least)))
        target.mux(copy.encode(None))
        origin = float(origin_of(container))
        for stream, sound in sounds:
            _encode_sound(container, target, stream, sound, Span(origin + begins, origin + span.end), "fltp")
        return Cut(begins, copied=False)


def encode_sound(source: str, place: Path, span: Span) -> Cut:
    """Write a stretch of the first sound track as FLAC.

    Raises
    ------
    VideoError
        There is no sound in it, or none in the stretch.
    FFmpegError
        It cannot be encoded.
    """
    import av

    with open_media(source, "cutting videos") as container, av.open(str(place), "w", format="flac") as target:
        if not container.streams.audio:
            raise VideoError(source, "there is neither picture nor sound in it")
        stream = container.streams.audio[0]
        sound = target.add_stream("flac", rate=stream.rate, layout=stream.layout.name)
        sound.format = "s32"
        origin = float(origin_of(container))
        if not _encode_sound(container, target, stream, sound, Span(origin + span.start, origin + span.end), "s32"):
            raise VideoError(source, f"there is no sound at {span.start:.3f} s")
        return Cut(span.start, copied=False)


def _shown(source: str, span: Span) -> Iterator[Shot]:
    """Decode the picture that is on the screen at the start, and those until the end."""
    before: Shot | None = None
    for shot in decode_video.shots(source, max(0.0, span.start - RUN_UP)):
        if before is not None and shot.time > span.start + PICTURES:
            yield before
        if shot.time >= span.end:
            return
        before = shot
    if before is not None and before.time + 1.0 > span.start:
        yield before


def _picture_stream(target: Any, rate: Fraction, first: Shot, at_least: int | None) -> Any:
    import av

    for name, options in ENCODERS if at_least is None else SMALL_ENCODERS:
        if name not in av.codecs_available:
            continue
        stream = target.add_stream(name, rate=rate, options=options)
        pixels = _even(decode_video.pixels_of(first, at_least))
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TICK
        return stream
    raise ValueError("this build of PyAV has no encoder for pictures")


def _frame(shot: Shot, begins: float, stream: Any, at_least: int | None) -> Any:
    import av

    pixels = _even(decode_video.pixels_of(shot, at_least))[: stream.height, : stream.width]
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    frame.time_base, frame.pts = TICK, round((shot.time - begins) / TICK)
    return frame


def _even(pixels: Any) -> Any:
    """Leave out a last row or column: the usual colour format wants even sizes."""
    height, width = (max(2, side // 2 * 2) for side in pixels.shape[:2])
    return pixels[:height, :width]


def _encode_sound(container: Any, target: Any, stream: Any, sound: Any, span: Span, kind: str) -> int:
    """Encode a stretch of a track (seconds as in the file), and give how many samples it has."""
    import av

    rate, written = int(stream.rate), 0
    first, last = round(span.start * rate), math.ceil(span.end * rate)
    resampler = av.AudioResampler(format=kind, layout=stream.layout.name, rate=rate)
    container.seek(int((span.start - RUN_UP) / stream.time_base), stream=stream)
    for at, frame in _decoded(container, stream, resampler):
        packed = not frame.format.is_planar
        samples = frame.to_ndarray()
        width = len(frame.layout.channels) if packed else 1
        low, high = max(0, first - at), min(frame.samples, last - at)
        if at >= last:
            break
        if high <= low:
            continue
        piece = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, low * width : high * width]), format=kind, layout=stream.layout.name
        )
        piece.sample_rate, piece.time_base, piece.pts = rate, Fraction(1, rate), written
        written += high - low
        target.mux(sound.encode(piece))
    target.mux(sound.encode(None))
    return written


def _decoded(container: Any, stream: Any, resampler: Any) -> Iterator[tuple[int, Any]]:
    """Decode a track; each frame with the number of its first sample, by its time."""
    import av

    position = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in frames:
            if frame.pts is not None:
                position = round(frame.pts * frame.time_base * int(stream.rate))
            for one in resampler.resample(frame):
                yield position, one
                position += one.samples
