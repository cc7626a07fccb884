"""Sounds in long recordings: windows with overlap, their scores, and the events that these make; in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.data.progress import bar
from mediaml.errors import AudioError
from mediaml.features.hearing import as_audio_error, ordered
from mediaml.features.items import Sound, open_sound
from mediaml.runtime.dsp import SILENCE_DBFS, fit_length, log_mel, loudest_dbfs
from mediaml.runtime.events import Found, Tracker
from mediaml.runtime.familiarity import score
from mediaml.runtime.spec import Spec
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event, Timeline

# Chosen on mixtures of training sounds (docs/decisions/0007-events.md), in lengths of a patch where they are times.
HOP, MINIMUM, GAP = 0.25, 0.5, 1.0
OFFSET = 0.35  # of the onset threshold
LEAST_ONSET = 0.3  # where nothing was held out, thresholds are 0, and everything would be one long event
REST = 0.05  # of a patch: less at the end is not worth a window, as in data/windows.py
TINY = 1e-6  # silence has score 0, and is no sound
NEVER = 2.0  # no score reaches it
PATCHES_AT_ONCE = 256
AHEAD = 2
WORTH_A_BAR = 60.0  # seconds

Floats = npt.NDArray[Any]


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


class _Grid(NamedTuple):
    """Where patches and windows lie, in samples; a window is judged from `span` patches, `step` hops apart."""

    patch: int
    hop: int
    span: int
    step: int

    @property
    def window(self) -> int:
        """Samples from the start of a window to its end."""
        return self.patch + (self.span - 1) * self.step * self.hop


class _Block(NamedTuple):
    """Neighbouring patches: spectrograms [patches, mel_bands, frames] and levels, or why there are none."""

    first: int
    spectrograms: Floats
    levels: Floats
    error: AudioError | None


def detect(fitted: Fitted, recording: str | Path, options: Options, batch_size: int, progress: bool) -> Timeline:
    """Find the sounds in a recording.

    Raises
    ------
    AudioError
        The file cannot be read at all.
    ValueError
        An option is out of its range.
    """
    sound, spec = open_sound(recording), fitted.spec
    if not isinstance(recording, str | Path):
        raise AudioError(sound.name, "detect listens to files: a path was expected")
    grid = _grid(fitted, options)
    tracker, seconds = _tracker(fitted, options, grid)
    found: list[Found] = []
    problems: list[str] = []
    heard = False
    windows = _window_count(sound, spec, grid)
    with bar(windows, "listening", "window", progress and sound.duration >= WORTH_A_BAR) as listened:
        for block in _blocks(sound, spec, grid, windows):
            count = min(PATCHES_AT_ONCE, windows - block.first)
            if block.error is not None:
                problems.append(_problem(block, count, spec, grid, sound.duration))
            else:
                heard = True
                for start, end, scores, sure in _steps(fitted, block, grid, windows, sound.duration, batch_size):
                    found += tracker.push(start, end, scores, sure)
            listened(step=count)
    found += tracker.finish()
    if not heard:
        raise AudioError(sound.name, problems[0])
    return Timeline(
        source=sound.name,
        duration=sound.duration,
        events=tuple(
            Event(
                label=fitted.labels[one.label],
                segment=Segment(start=one.start, end=min(one.end, sound.duration)),
                confidence=min(1.0, one.confidence),
            )
            for one in found
        ),
        labels=fitted.labels,
        model={"network": fitted.network.name, **seconds, "spectrogram": spec.to_dict()},
        problems=tuple(problems),
    )


def _grid(fitted: Fitted, options: Options) -> _Grid:
    spec, module = fitted.spec, fitted.network.module
    patch = module.patch_samples(spec)
    hop = round(patch * HOP) if options.hop is None else round(_seconds("hop", options.hop) * spec.sample_rate)
    if not 1 <= hop <= patch:
        raise ValueError(
            f"hop is above 0 s and at most {patch / spec.sample_rate:g} s, heard at once: with a longer one, what lies "
            f"between would not be heard. Not {options.hop!r}"
        )
    return _Grid(patch, hop, module.WINDOW, max(1, round(module.PATCH_STEP / hop)))


def _seconds(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{name} is a number of seconds, not {value!r}")
    return float(value)


def _tracker(fitted: Fitted, options: Options, grid: _Grid) -> tuple[Tracker, dict[str, Any]]:
    heard = grid.patch / fitted.spec.sample_rate
    minimum = MINIMUM * heard if options.minimum_seconds is None else options.minimum_seconds
    gap = GAP * heard if options.gap_seconds is None else options.gap_seconds
    least = LEAST_ONSET if len(fitted.held_out.scores) == 0 else TINY
    onset = np.clip(np.nan_to_num(fitted.recogniser.thresholds, posinf=NEVER), least, NEVER)
    tracker = Tracker(onset, OFFSET * onset, _seconds("minimum_seconds", minimum), _seconds("gap_seconds", gap))
    return tracker, {
        "hop": grid.hop / fitted.spec.sample_rate,
        "window": grid.window / fitted.spec.sample_rate,
        "onset": dict(zip(fitted.labels, map(float, onset), strict=True)),
        "offset": OFFSET,
        "minimum_seconds": minimum,
        "gap_seconds": gap,
    }


def _window_count(sound: Sound, spec: Spec, grid: _Grid) -> int:
    beyond = int(sound.duration * spec.sample_rate) - grid.window
    rest = beyond - round(REST * grid.patch)
    return 1 if rest <= 0 else 1 - (-rest // grid.hop)  # the last one reaches over the end


def _blocks(sound: Sound, spec: Spec, grid: _Grid, windows: int) -> Iterator[_Block]:
    """Read and transform so many patches at once, some of them ahead of time, each block with all of its windows."""

    def read(first: int) -> _Block:
        count = min(PATCHES_AT_ONCE, windows - first) + (grid.span - 1) * grid.step
        begin = first * grid.hop / spec.sample_rate
        length = (count - 1) * grid.hop + grid.patch
        try:
            waveform = sound.read(begin, min(begin + length / spec.sample_rate, sound.duration), spec.sample_rate)
        except Exception as error:  # whatever a damaged stretch raises: the rest goes on
            return _Block(first, np.zeros(0), np.zeros(0), as_audio_error(error, sound.name))
        expected = min(length, round((sound.duration - begin) * spec.sample_rate))
        if len(waveform) < expected - grid.hop and windows > 1:
            return _Block(first, np.zeros(0), np.zeros(0), AudioError(sound.name, "the sound ends before its time"))
        if windows == 1:
            waveform = fit_length(waveform, length)
        # at the end, what is shorter is repeated, as in prediction; behind the end there is silence
        cuts = [fit_length(waveform[n * grid.hop : n * grid.hop + grid.patch], grid.patch) for n in range(count)]
        return _Block(
            first,
            np.stack([log_mel(cut, spec) for cut in cuts]),
            np.array([loudest_dbfs(cut, spec.sample_rate) for cut in cuts]),
            None,
        )

    with ThreadPoolExecutor(1, "mediaml-detect") as pool:
        yield from ordered(pool, read, range(0, windows, PATCHES_AT_ONCE), AHEAD)


def _steps(
    fitted: Fitted, block: _Block, grid: _Grid, windows: int, duration: float, batch_size: int
) -> Iterator[tuple[float, float, Floats, Floats]]:
    """Give each window's stretch of time (a hop around its middle), its scores and its probabilities."""
    heard = mxnet_thread.run(lambda: fitted.network.hear(block.spectrograms, batch_size))
    count = len(heard) - (grid.span - 1) * grid.step
    together = np.arange(count)[:, None] + grid.step * np.arange(grid.span)[None, :]
    pooled = fitted.network.module.pool(heard[together], block.spectrograms.max(axis=(1, 2))[together])
    probabilities, familiarity = fitted.recogniser.hear(pooled)
    silent = block.levels[together].max(axis=1) < SILENCE_DBFS
    scores = np.where(silent[:, None], 0.0, score(probabilities, familiarity))
    rate = fitted.spec.sample_rate
    for number in range(count):
        window = block.first + number
        start = (window * grid.hop + (grid.window - grid.hop) / 2) / rate
        first, last = window == 0, window == windows - 1
        end = duration if last else min(duration, start + grid.hop / rate)
        start = 0.0 if first else start
        if start < end:  # the middle of the last window may lie beyond the end
            yield start, end, scores[number], probabilities[number]


def _problem(block: _Block, count: int, spec: Spec, grid: _Grid, duration: float) -> str:
    start = block.first * grid.hop / spec.sample_rate
    end = min(duration, ((block.first + count - 1) * grid.hop + grid.window) / spec.sample_rate)
    return f"{start:.1f}-{end:.1f} s: {block.error.reason if block.error is not None else ''}"
