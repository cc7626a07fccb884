"""Sounds in long recordings: windows with overlap, their scores, and the events that these make; in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.backends.tracing import Look, Moment, Quality, Trace, Tracer
from mediaml.data.progress import bar
from mediaml.errors import AudioError
from mediaml.features.hearing import as_audio_error, ordered
from mediaml.features.items import Sound, open_sound
from mediaml.runtime import detecting
from mediaml.runtime.detecting import PATCHES_AT_ONCE, Block, Detecting, Wanted, Window
from mediaml.runtime.dsp import SILENCE_DBFS
from mediaml.runtime.faults import SoundFault
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event, Timeline

AHEAD = 2
WORTH_A_BAR = 60.0  # seconds
FULL_SCALE = 0.99  # resampling bends flat tops a little


@dataclass(frozen=True)
class Options:
    """How events are found.

    Parameters
    ----------
    hop
        Seconds from one window to the next; None: a quarter of what the network hears at once.
    minimum_seconds
        What is shorter is no event; None: half of what the network hears at once.
    gap_seconds
        Events of one label that are closer are one; None: what the network hears at once.
    """

    hop: float | None = None
    minimum_seconds: float | None = None
    gap_seconds: float | None = None


class _Read(NamedTuple):
    """A block of a recording, or why there is none."""

    first: int
    block: Block | None
    error: AudioError | None
    clipped: npt.NDArray[np.float64] = np.zeros(0)


class Heard(NamedTuple):
    """What a model found in a recording.

    Parameters
    ----------
    events
        In the order in which they ended.
    problems
        Stretches that could not be read, with the reason.
    about
        How it was done, for the record.
    traces
        Of the events, in their order; empty where none were asked for.
    moments
        What the recording sounds like throughout, but for silence; empty where that was not asked for.
    """

    events: tuple[Event, ...]
    problems: tuple[str, ...]
    about: Mapping[str, Any]
    traces: tuple[Trace, ...] = ()
    moments: tuple[Moment, ...] = ()


class Listening:
    """One model that hears one recording, block by block.

    Parameters
    ----------
    fitted
        The model.
    sound
        The recording.
    options
        How events are found.
    batch_size
        Patches that the network hears at once.
    tracer
        What keeps what the recording sounds like; None: nothing is kept.

    Raises
    ------
    ValueError
        An option is out of its range.
    """

    def __init__(
        self, fitted: Fitted, sound: Sound, options: Options, batch_size: int, tracer: Tracer | None = None
    ) -> None:
        self._fitted, self._sound, self._batch_size, self._tracer = fitted, sound, batch_size, tracer
        self._traces: list[Trace] = []
        wanted = Wanted(options.hop, options.minimum_seconds, options.gap_seconds)
        self._detecting = Detecting(fitted, sound.duration, wanted, PATCHES_AT_ONCE)
        self._blocks = _blocks(sound, self._detecting)
        self.done = 0

    @property
    def windows(self) -> int:
        """How many there are."""
        return self._detecting.windows

    @property
    def reached(self) -> float:
        """How many seconds of the recording it has heard; infinity where it is through."""
        if self.done >= self.windows:
            return float("inf")
        return self._detecting.stretch(self.done)[0]

    def advance(self) -> int:
        """Hear the next block, and give how many windows that were."""
        first, block, error, clipped = next(self._blocks)
        if block is None:
            self._detecting.miss(first, error.reason if error is not None else "")
        else:
            network, patches = self._fitted.network, block.spectrograms
            heard = mxnet_thread.run(lambda: network.hear(patches, self._batch_size))
            with mxnet_thread.translated():
                windows = self._detecting.take(block, heard)
            self._trace(windows, clipped)
        count = self._detecting.count(first)
        self.done += count
        return count

    def _trace(self, windows: Sequence[Window], clipped: npt.NDArray[np.float64]) -> None:
        """Keep what windows sound like, and what the events that ended in them were like."""
        if self._tracer is None:
            return
        new = self._detecting.ended(len(self._traces))
        waiting = sorted(new, key=lambda event: event.end)
        traced: dict[detecting.Event, Trace] = {}
        for one, share in zip(windows, clipped[: len(windows)], strict=True):
            while waiting and waiting[0].end <= one.start:  # a block is longer than what a tracer remembers
                event = waiting.pop(0)
                traced[event] = self._tracer.trace(event.start, event.end)
            heard = None if one.level < SILENCE_DBFS else one.similar
            self._tracer.push(Look(one.start, one.end, heard, Quality(float(share), one.level)))
        traced.update({event: self._tracer.trace(event.start, event.end) for event in waiting})
        self._traces += [traced[event] for event in new]

    def close(self) -> None:
        """Stop reading ahead."""
        self._blocks.close()

    def finish(self) -> Heard:
        """Give what was found.

        Raises
        ------
        AudioError
            Nothing of it could be read.
        """
        self.close()
        found, problems = self._detecting.finish(), self._detecting.problems
        if not self._detecting.heard:
            raise AudioError(self._sound.name, problems[0])
        self._trace((), np.zeros(0))
        moments = () if self._tracer is None else self._tracer.finish()
        events = _as_events(found, self._fitted.labels)
        return Heard(events, tuple(problems), self._detecting.about, tuple(self._traces), moments)


def _as_events(found: Iterable[detecting.Event], labels: Sequence[str]) -> tuple[Event, ...]:
    """Give what the runtime found as values."""
    return tuple(
        Event(label=labels[one.label], segment=Segment(start=one.start, end=one.end), confidence=one.confidence)
        for one in found
    )


def detect(
    fitted: Fitted,
    recording: str | Path,
    options: Options,
    batch_size: int,
    progress: bool,
    between: Callable[[], None] = lambda: None,
) -> Timeline:
    """Find the sounds in a recording; `between` is called before each block, and what it raises ends the work.

    Raises
    ------
    AudioError
        The file cannot be read at all.
    ValueError
        An option is out of its range.
    """
    sound = open_sound(recording)
    if not isinstance(recording, str | Path):
        raise AudioError(sound.name, "detect listens to files: a path was expected")
    listening = Listening(fitted, sound, options, batch_size)
    shown = progress and sound.duration >= WORTH_A_BAR
    with closing(listening), bar(listening.windows, "listening", "window", shown) as listened:
        while listening.done < listening.windows:
            between()
            listened(step=listening.advance())
    heard = listening.finish()
    return Timeline(
        source=sound.name,
        duration=sound.duration,
        events=heard.events,
        labels=fitted.labels,
        model={"network": fitted.network.name, **heard.about, "spectrogram": fitted.spec.to_dict()},
        problems=heard.problems,
    )


def _blocks(sound: Sound, detecting: Detecting) -> Generator[_Read, None, None]:
    """Read and transform so many patches at once, some of them ahead of time, each block with all of its windows."""

    def read(first: int) -> _Read:
        try:
            waveform = sound.read(*detecting.stretch(first), detecting.learned.spec.sample_rate)
            return _Read(first, detecting.cut(first, waveform), None, _clipped(waveform, first, detecting))
        except SoundFault as fault:
            return _Read(first, None, AudioError(sound.name, str(fault)))
        except Exception as error:  # whatever a damaged stretch raises: the rest goes on
            return _Read(first, None, as_audio_error(error, sound.name))

    with ThreadPoolExecutor(1, "mediaml-detect") as pool:
        yield from ordered(pool, read, detecting.firsts, AHEAD)


def _clipped(waveform: npt.NDArray[np.float32], first: int, detecting: Detecting) -> npt.NDArray[np.float64]:
    """Give the share of samples at full scale in each window of a block."""
    begins = detecting.grid.hop * np.arange(detecting.count(first))
    counted = np.concatenate([[0], np.cumsum(np.abs(waveform) >= FULL_SCALE)])
    ends = np.minimum(begins + detecting.grid.window, len(waveform))
    begins = np.minimum(begins, ends)
    return np.asarray((counted[ends] - counted[begins]) / np.maximum(1, ends - begins))
