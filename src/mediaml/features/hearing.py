"""Items to spectrograms of clip length, in order, on several threads, with a memory that does not grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mediaml.data.windows import covering_windows
from mediaml.errors import AudioError
from mediaml.features.items import Item, Sound, item_name, open_sound
from mediaml.runtime._mx import available_cores
from mediaml.runtime.dsp import fit_length, log_mel, loudest_dbfs
from mediaml.runtime.spec import Spec
from mediaml.values.geometry import Segment

WINDOWS_AT_ONCE = 32  # decoded together: a long file is never in memory as a whole
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

    def opened(numbered: tuple[int, Item]) -> list[_Task]:
        number, item = numbered
        try:
            return _tasks(number, open_sound(item), spec)
        except AudioError as error:
            return [_Task(number, item_name(item), error)]

    threads = available_cores()
    with ThreadPoolExecutor(threads, "mediaml-open") as openers, ThreadPoolExecutor(threads, "mediaml-hear") as readers:
        tasks = (task for group in ordered(openers, opened, enumerate(items), AHEAD * threads) for task in group)
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
        except AudioError as error:
            return self._failed(spec, error)
        starts = [round((start - begin) * spec.sample_rate) for start, _ in self.windows]
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
