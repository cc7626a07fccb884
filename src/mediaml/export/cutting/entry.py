"""Where a copy of a video must begin, so that it can be decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mediaml.export.cutting.spans import CannotCopyError

STEPS_BACK = (1.0, 4.0, 16.0, 64.0)  # seconds before the start at which a key picture is looked for, then from 0


class Entry(NamedTuple):
    """Times in ticks of the picture's stream, as in the file.

    Parameters
    ----------
    key
        Of the key picture from which all can be decoded.
    shown
        Of the picture that is on the screen at the start.
    seek
        Where reading begins.
    """

    key: int
    shown: int
    seek: int


def entry_of(container: Any, picture: Any, start: int) -> Entry:
    """Find the last key picture at a time or before; the first of all where there is none before.

    Raises
    ------
    CannotCopyError
        There is no key picture, or the packets have no times.
    """
    first = _first_tick(picture)
    for back in (*STEPS_BACK, None):
        seek = first if back is None else max(first, start - round(back / picture.time_base))
        if (found := _look(container, picture, start, seek, final=seek == first)) is not None:
            return found
    raise CannotCopyError("it has no key picture")


def packets(container: Any, streams: list[Any], picture: Any, seek: int) -> Iterator[Any]:
    """Read packets from a time on (or before it), those that have times.

    Raises
    ------
    CannotCopyError
        The packets of the picture have no times: a raw stream.
    """
    container.seek(seek, stream=picture)
    for packet in container.demux(streams):
        if packet.size == 0:  # the end
            continue
        if packet.dts is None and packet.pts is None:
            raise CannotCopyError("its packets have no times")
        yield packet


def shown_at(packet: Any) -> int:
    """Give when a packet is shown, in ticks; AVI only says when it is decoded."""
    return int(packet.dts if packet.pts is None else packet.pts)


def _look(container: Any, picture: Any, start: int, seek: int, final: bool) -> Entry | None:
    key = shown = None
    for packet in packets(container, [picture], picture, seek):
        time = shown_at(packet)
        if packet.is_keyframe and (time <= start or (final and key is None)):
            key = shown = time
        elif key is not None and shown is not None and time <= start:
            shown = max(shown, time)
        if packet.dts is not None and packet.dts > start and (key is not None or not final):
            break
    return None if key is None or shown is None else Entry(key, shown, seek)


def _first_tick(picture: Any) -> int:
    return int(picture.start_time or 0)
