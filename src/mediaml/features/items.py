"""What can be listened to: paths, bytes, files, arrays, clips of a dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from mediaml.data import decode
from mediaml.data.waveform import Waveform
from mediaml.errors import AudioError
from mediaml.features.spectrogram import is_rate, to_mono
from mediaml.values.clip import Clip

Item: TypeAlias = str | Path | bytes | bytearray | memoryview | decode.Readable | tuple[Any, float] | Clip
"""A path, the bytes of a file, a binary file, ``(array, sample_rate)``, or a clip of a dataset."""


def is_single(items: object) -> bool:
    """Tell one item from a list of them."""
    if isinstance(items, tuple):
        return len(items) == 2 and hasattr(items[0], "__len__") and _is_number(items[1])
    # samples without a rate and tables are no lists of items: as one item they get a plain error
    no_list = hasattr(items, "columns") or getattr(getattr(items, "dtype", None), "kind", "O") in "iufb"
    return (
        isinstance(items, str | Path | bytes | bytearray | memoryview | Clip)
        or no_list
        or hasattr(items, "read")
        or not isinstance(items, Iterable)
    )


def _is_number(value: object) -> bool:
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


class Held(NamedTuple):
    """A file that was read while it was open: whoever gives it away may close it right afterwards."""

    name: str
    content: bytes | AudioError


def hold(item: Item) -> Item | Held:
    """Read a binary file; give everything else as it is."""
    if isinstance(item, str | Path | bytes | bytearray | memoryview | tuple | Clip) or not hasattr(item, "read"):
        return item
    try:
        return Held(item_name(item), decode.content(item))
    except AudioError as error:
        return Held(item_name(item), error)
    except Exception as error:  # of a download, say
        return Held(item_name(item), AudioError(item_name(item), f"{type(error).__name__}: {error}"))


def item_name(item: object) -> str:
    """Name an item as a person would."""
    if isinstance(item, Held):
        return item.name
    if isinstance(item, Clip):
        return str(item.path)
    if isinstance(item, tuple):
        return "array"
    return decode.source_name(item)


def open_sound(item: Item | Held) -> Sound:
    """Open an item.

    Raises
    ------
    AudioError
        It cannot be read, or is nothing that can be listened to.
    """
    name = item_name(item)
    if isinstance(item, Held):
        if isinstance(item.content, AudioError):
            raise item.content
        return Sound(name, item.content, 0.0, decode.info(item.content).duration)
    if isinstance(item, tuple):
        return _array_sound(item)
    if isinstance(item, Clip):
        return _clip_sound(item)
    if isinstance(item, str | Path):
        return Sound(name, item, 0.0, decode.info(item).duration)
    content = bytes(item) if isinstance(item, bytes | bytearray | memoryview) else decode.content(item)
    return Sound(name, content, 0.0, decode.info(content).duration)


def _clip_sound(clip: Clip) -> Sound:
    length = decode.info(clip.path).duration
    if clip.segment is None:
        return Sound(str(clip.path), clip.path, 0.0, length)
    if clip.segment.start >= length and clip.segment.duration > 0:
        raise AudioError(clip.path, f"ends at {length:.3f} s; the clip is {clip.segment}")
    return Sound(str(clip.path), clip.path, clip.segment.start, min(clip.segment.end, length) - clip.segment.start)


def _array_sound(item: tuple[Any, ...]) -> Sound:
    if len(item) != 2 or not is_rate(item[1]):
        raise AudioError("array", "(array, sample_rate) was expected, the rate a whole number of Hz")
    waveform, rate = to_mono(item[0], "array"), int(item[1])
    return Sound("array", (waveform, rate), 0.0, len(waveform) / rate)
