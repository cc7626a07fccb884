"""Stretches of videos and sound files by copying their packets (PyAV)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from mediaml.data import decode_video
from mediaml.errors import VideoError
from mediaml.export.cutting.entry import entry_of, packets, shown_at
from mediaml.export.cutting.spans import CannotCopyError, Cut, Span
from mediaml.export.cutting.streams import WITH_EDIT_LIST, copies_of, options_for

RUN_UP = Fraction(1, 10)  # seconds of packets before the start of compressed sound, which decoders need
WITHOUT_RUN_UP = ("pcm", "alac", "flac")
APART = 5  # seconds that picture and sound of one time may lie apart in a file
OF_VAGUE_TIMES = frozenset(("avi", "mpeg"))  # times of some pictures are reckoned from when they are decoded
DELAY = Fraction(1, 4)  # seconds by which they may be shown later


class Plan(NamedTuple):
    """Which packets are copied. Times in seconds as in the file, not from its first picture.

    Parameters
    ----------
    zero
        What becomes time 0 of the clip; packets before it are decoded, and not shown.
    key
        When the key picture is shown.
    run_up
        Whether packets of sound that begin before `zero` are copied, too.
    end
        Until when.
    seek
        Where reading begins, in ticks of the leading stream.
    """

    zero: Fraction
    key: Fraction
    run_up: bool
    end: Fraction
    seek: int


def origin_of(container: Any) -> Fraction:
    """Give the time, in seconds, at which the first picture is shown; without a picture, the first sound."""
    lead = _lead(container)
    return Fraction(0) if lead is None or lead.start_time is None else lead.start_time * lead.time_base


def copy_packets(container: Any, place: Path, muxer: str, span: Span) -> Cut:
    """Write the first picture stream and all sound streams of a stretch, without decoding.

    The copy begins at the last key picture that is shown at the start or before. MP4 and MOV get an edit list: players
    begin at the picture that is on the screen at the start, and with the sound of that moment. Elsewhere, they begin
    at the key picture. It ends behind the end of the stretch, where all pictures before the end can be decoded.

    Parameters
    ----------
    container
        The source, opened by PyAV.
    place
        The clip.
    muxer
        FFmpeg's name of the format.
    span
        Seconds.

    Raises
    ------
    CannotCopyError
        There are no key pictures or no times, or nothing lies in the stretch.
    VideoError
        It ends before the stretch starts.
    FFmpegError, ValueError
        The format does not take these streams.
    """
    import av

    lead = _lead(container)
    if lead is None:
        raise CannotCopyError("there is neither picture nor sound in it")
    plan = _plan(container, lead, span, muxer in WITH_EDIT_LIST)
    streams = _streams(container)
    with av.open(str(place), "w", format=muxer, options=options_for(container, muxer)) as target:
        copies = copies_of(container, target, streams, float(plan.zero - origin_of(container)))
        first: Any = None
        zero, reached = plan.zero, dict[int, int | None]()
        for packet in _chosen(container, streams, lead, plan):
            stream = packet.stream
            if first is None:
                first = packet
                if lead.type == "audio" and muxer not in WITH_EDIT_LIST:
                    zero = shown_at(packet) * stream.time_base
            _moved(packet, round(zero / stream.time_base), reached.get(stream.index))
            reached[stream.index] = packet.dts
            packet.stream = copies[stream.index]
            target.mux(packet)
    if first is None:
        raise CannotCopyError(f"nothing lies between {span.start:.3f} and {span.end:.3f} s")
    late = _checked(place, muxer)
    begins = float(zero - origin_of(container)) + (late if lead.type == "audio" else 0.0)
    return Cut(max(0.0, begins), copied=True)


def _plan(container: Any, lead: Any, span: Span, edit_list: bool) -> Plan:
    origin = origin_of(container)
    length = lead.duration * lead.time_base if lead.duration else None
    if length is not None and span.start >= length:
        raise VideoError(container.name, f"it ends at {float(length):.3f} s, before {span.start:.3f} s")
    start, end = origin + Fraction(span.start), origin + Fraction(span.end)
    if lead.type == "audio":
        # without an edit list, decoding gets its run-up all the same, and the clip begins with it
        seek = max(start - 1, origin)
        return Plan(start, start, True, end, int(seek / lead.time_base))
    entry = entry_of(container, lead, int(start / lead.time_base + Fraction(1, 1000)))
    key, shown = entry.key * lead.time_base, entry.shown * lead.time_base
    if edit_list:
        return Plan(shown, key, True, end, entry.seek)
    return Plan(key, key, False, end, entry.seek)


def _chosen(container: Any, streams: list[Any], lead: Any, plan: Plan) -> Iterator[Any]:
    """Give the packets of a clip, in the order of the file."""
    open_streams = {stream.index for stream in streams}
    begun, highest, reach = False, plan.key, plan.key
    needed = plan.end + (DELAY if container.format.name in OF_VAGUE_TIMES else 0)
    for packet in packets(container, streams, lead, plan.seek):
        base, index = packet.stream.time_base, packet.stream.index
        time = shown_at(packet) * base
        until = time + (packet.duration or 0) * base
        if time > plan.end + APART or not open_streams:
            break  # a track that ended long ago would be waited for until the end of the file
        if index not in open_streams:
            continue
        if packet.stream.type == "audio":
            if time >= plan.end:
                open_streams.discard(index)
            elif _is_wanted(packet.stream, time, until, plan):
                yield packet
            continue
        begun = begun or (bool(packet.is_keyframe) and time == plan.key)
        if not begun or time < plan.key:  # pictures before the key picture need others that are not there
            continue
        if time > highest and reach >= needed:  # what comes now is shown behind all that is needed
            open_streams.discard(index)
            continue
        highest, reach = max(highest, time), max(reach, until)
        yield packet


def _is_wanted(sound: Any, time: Fraction, until: Fraction, plan: Plan) -> bool:
    """Tell whether a packet of sound that ends after `until` is part of a clip."""
    return until > plan.zero - _run_up(sound) if plan.run_up else time >= plan.zero


def _run_up(sound: Any) -> Fraction:
    """Give the seconds of packets before the start that decoders need."""
    codec = sound.codec_context
    if codec.name.startswith(WITHOUT_RUN_UP):
        return Fraction(0)
    if codec.name.startswith("mp3") and codec.bit_rate:  # a packet may begin 511 bytes before itself
        return max(RUN_UP, 2 * Fraction(511 * 8, codec.bit_rate) + Fraction(3 * 1152, sound.rate))
    return RUN_UP


def _moved(packet: Any, ticks: int, reached: int | None) -> None:
    """Move a packet in time. Where times go back, as in some MPEG, they are mended as FFmpeg's program does."""
    if packet.pts is not None:
        packet.pts -= ticks
    if packet.dts is not None:
        packet.dts -= ticks
        if reached is not None and packet.dts <= reached:
            if packet.pts is not None and packet.pts >= packet.dts:
                packet.pts = max(packet.pts, reached + 1)
            packet.dts = reached + 1


def _checked(place: Path, muxer: str) -> float:
    """Decode the start of a clip, and tell how many seconds of it decoders leave out: they need a packet or two."""
    import av

    with av.open(str(place), metadata_errors="ignore") as clip:
        lead = _lead(clip)
        if lead is None or (frame := next(clip.decode(lead), None)) is None:
            raise CannotCopyError(f"a copy as {muxer} cannot be decoded")
        return 0.0 if muxer in WITH_EDIT_LIST or frame.time is None else max(0.0, frame.time)


def _lead(container: Any) -> Any | None:
    return decode_video.picture_of(container) or next(iter(container.streams.audio), None)


def _streams(container: Any) -> list[Any]:
    picture = decode_video.picture_of(container)
    sounds = [stream for stream in container.streams.audio if stream.codec_context is not None]
    return ([] if picture is None else [picture]) + sounds
