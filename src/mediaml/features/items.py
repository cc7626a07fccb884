"""What can be listened to: paths, bytes, files, arrays, clips of a dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mediaml.data import decode
from mediaml.data.waveform import Waveform
from mediaml.errors import AudioError
from mediaml.features.spectrogram import to_mono
from mediaml.values.clip import Clip

Item: TypeAlias = str | Path | bytes | bytearray | memoryview | decode.Readable | tuple[Any, float] | Clip
"""A path, the bytes of a file, a binary file, ``(array, sample_rate)``, or a clip of a dataset."""


def is_single(items: object) -> bool:
    """Tell one item from a list of them."""
    if isinstance(items, tuple):
        return len(items) == 2 and hasattr(items[0], "__len__") and _is_rate(items[1])
    return (
        isinstance(items, str | Path | bytes | bytearray | memoryview | Clip)
        or hasattr(items, "read")
        or not isinstance(items, Iterable)
    )


def _is_rate(value: object) -> bool:
    return not isinstance(value, str | bytes | bool) and hasattr(value, "__float__") and not hasattr(value, "__len__")


@dataclass(frozen=True, slots=True)
class Sound:
    """An item that was opened: how long it is, and how to hear a stretch of it.

    Parameters
    ----------
    name
        As a person would name it.
    source
        A path, bytes, or the samples themselves with their rate.
    offset
        Seconds into the source at which the sound begins.
    duration
        Seconds.
    """

    name: str
    source: str | Path | bytes | tuple[Waveform, int]
    offset: float
    duration: float

    def read(self, start: float, end: float, sample_rate: int) -> Waveform:
        """Decode the stretch from `start` to `end` seconds of this sound, mono, at a rate.

        Raises
        ------
        AudioError
            It cannot be read.
        """
        if isinstance(self.source, tuple):
            waveform, rate = self.source
            piece = waveform[round(start * rate) : round(end * rate)]
            return decode.resample(piece, rate, sample_rate)
        return decode.read(self.source, self.offset + start, self.offset + end, sample_rate)[0]


def item_name(item: object) -> str:
    """Name an item as a person would."""
    if isinstance(item, Clip):
        return str(item.path)
    if isinstance(item, tuple):
        return "array"
    return decode.source_name(item)


def open_sound(item: Item) -> Sound:
    """Open an item.

    Raises
    ------
    AudioError
        It cannot be read, or is nothing that can be listened to.
    """
    name = item_name(item)
    if isinstance(item, tuple):
        return _array_sound(item)
    if isinstance(item, Clip):
        if item.segment is not None:
            length = decode.info(item.path).duration
            begin = min(item.segment.start, length)
            return Sound(name, item.path, begin, min(item.segment.end, length) - begin)
        return Sound(name, item.path, 0.0, decode.info(item.path).duration)
    if isinstance(item, str | Path):
        return Sound(name, item, 0.0, decode.info(item).duration)
    content = bytes(item) if isinstance(item, bytes | bytearray | memoryview) else decode.content(item)
    return Sound(name, content, 0.0, decode.info(content).duration)


def _array_sound(item: tuple[Any, ...]) -> Sound:
    if len(item) != 2 or not _is_rate(item[1]) or not 1 <= float(item[1]) == int(item[1]):
        raise AudioError("array", "(array, sample_rate) was expected, the rate a whole number of Hz")
    waveform, rate = to_mono(item[0], "array"), int(item[1])
    return Sound("array", (waveform, rate), 0.0, len(waveform) / rate)
