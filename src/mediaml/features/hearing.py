"""Items to spectrograms of clip length, in order, on several threads, with a memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mediaml.errors import AudioError
from mediaml.features.items import Held, Item, Sound, hold, item_name, open_sound
from mediaml.runtime.cores import available_cores
from mediaml.runtime.dsp import fit_length, log_mel, loudest_dbfs
from mediaml.runtime.spec import Spec
from mediaml.runtime.windows import covering_windows
from mediaml.values.geometry import Segment

WINDOWS_AT_ONCE = 32  # decoded together: a long file is never in memory as a whole
MOMENT = 2  # samples
AHEAD = 8  # pieces prepared before they are asked for, for each thread
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Piece:
    """Up to 32 neighbouring windows of one item.

    Parameters
    ----------
    item
        The number of the item.
    name
        Of the item, as a person would say it.
    segment
        The part of its source that the whole item is; None where it could not be read.
    spectrograms
        float32 [windows, mel_bands, clip_frames], dB.
    level
        dB of full scale of the loudest 50 ms.
    last
        Whether the item ends with this piece.
    error
        Why it could not be read.
    """

    item: int
    name: str
    segment: Segment | None
    spectrograms: npt.NDArray[np.float32]
    level: float
    last: bool = True
    error: AudioError | None = None


def hear(items: Iterable[Item], spec: Spec) -> Iterator[Piece]:
    """Listen to items one after another, some of them ahead of time.

    An item longer than `spec.clip_seconds` is heard in windows at half a clip; a shorter one is repeated to a clip.
    An item that cannot be read gives pieces with its error, and the others go on.
    """

    def opened(numbered: tuple[int, Item | Held]) -> list[_Task]:
        number, item = numbered
        try:
            return _tasks(number, open_sound(item), spec)
        except Exception as error:  # whatever a foreign file or array raises: the batch goes on
            return [_Task(number, item_name(item), as_audio_error(error, item_name(item)))]

    threads = available_cores()
    with ThreadPoolExecutor(threads, "mediaml-open") as openers, ThreadPoolExecutor(threads, "mediaml-hear") as readers:
        tasks = (
            task for group in ordered(openers, opened, enumerate(map(hold, items)), AHEAD * threads) for task in group
        )
        yield from ordered(readers, lambda task: task.run(spec), tasks, AHEAD * threads)


@dataclass(frozen=True, slots=True)
class _Task:
    """A piece still to be heard."""

    item: int
    name: str
    sound: Sound | AudioError
    windows: tuple[tuple[float, float], ...] = ()
    last: bool = True

    def run(self, spec: Spec) -> Piece:
        if isinstance(self.sound, AudioError):
            return self._failed(spec, self.sound)
        begin, end = self.windows[0][0], self.windows[-1][1]
        try:
            waveform = self.sound.read(begin, end, spec.sample_rate)
        except Exception as error:  # as above
            return self._failed(spec, as_audio_error(error, self.name))
        starts = [round((start - begin) * spec.sample_rate) for start, _ in self.windows]
        tiny = self.sound.duration * spec.sample_rate < MOMENT  # too short for anything, but it was read
        starts = [start for start in starts if start < len(waveform) or tiny]
        if not starts:
            return self._failed(spec, AudioError(self.name, f"its sound ends before {begin:.3f} s"))
        return Piece(
            self.item,
            self.name,
            Segment(start=self.sound.offset, end=self.sound.offset + self.sound.duration),
            np.stack([log_mel(fit_length(waveform[start:], spec.clip_samples), spec) for start in starts]),
            loudest_dbfs(waveform, spec.sample_rate),
            self.last,
        )

    def _failed(self, spec: Spec, error: AudioError) -> Piece:
        nothing = np.zeros((0, spec.mel_bands, spec.clip_frames), np.float32)
        return Piece(self.item, self.name, None, nothing, -np.inf, self.last, error)


def as_audio_error(error: Exception, name: str) -> AudioError:
    """Give an error that names the item, whatever was raised."""
    return error if isinstance(error, AudioError) else AudioError(name, f"{type(error).__name__}: {error}")


def _tasks(number: int, sound: Sound, spec: Spec) -> list[_Task]:
    """Cut a sound into windows, and these into pieces."""
    windows = covering_windows(sound.duration, spec.clip_seconds)
    starts = range(0, len(windows), WINDOWS_AT_ONCE)
    return [
        _Task(number, sound.name, sound, tuple(windows[first : first + WINDOWS_AT_ONCE]), first == starts[-1])
        for first in starts
    ]


def ordered(pool: ThreadPoolExecutor, function: Callable[[T], U], items: Iterable[T], ahead: int) -> Iterator[U]:
    """Map in a pool and give the results in order, never more than `ahead` of them waiting."""
    waiting: deque[Future[U]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
