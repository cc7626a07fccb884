"""From a long recording's samples to events: windows with overlap, their scores, and what these make; in flat memory.

The same code hears on any machine and in AWS's container; whoever uses it reads the samples, and runs the network.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from .dsp import SILENCE_DBFS, fit_length, log_mel, log_mel_patches, loudest_dbfs, shares_frames
from .events import Found, Tracker
from .familiarity import score
from .faults import SoundFault
from .learned import Learned
from .spec import Spec

# Chosen on mixtures of training sounds (docs/decisions/0007-events.md), in lengths of a patch where they are times.
HOP, MINIMUM, GAP = 0.25, 0.5, 1.0
OFFSET = 0.35  # of the onset threshold
LEAST_ONSET = 0.3  # where nothing was held out, thresholds are 0, and everything would be one long event
REST = 0.05  # of a patch: less at the end is not worth a window, as in data/windows.py
TINY = 1e-6  # silence has score 0, and is no sound
NEVER = 2.0  # no score reaches it
PATCHES_AT_ONCE = 128
TOO_EARLY = "the sound ends before its time"


class Wanted(NamedTuple):
    """How events are found, in seconds; None: reckoned from what the network hears at once.

    Parameters
    ----------
    hop
        From one window to the next.
    minimum_seconds
        What is shorter is no event.
    gap_seconds
        Events of one label that are closer are one.
    """

    hop: Optional[float] = None
    minimum_seconds: Optional[float] = None
    gap_seconds: Optional[float] = None


USUAL = Wanted()


class Grid(NamedTuple):
    """Where patches and windows lie, in samples; a window is judged from `span` patches, `step` hops apart."""

    patch: int
    hop: int
    span: int
    step: int

    @property
    def beyond(self) -> int:
        """Patches behind its first one that a window needs."""
        return (self.span - 1) * self.step

    @property
    def window(self) -> int:
        """Samples from the start of a window to its end."""
        return self.patch + self.beyond * self.hop


class Block(NamedTuple):
    """Neighbouring patches: spectrograms [patches, mel_bands, frames] and levels [patches]; `first` is a window."""

    first: int
    spectrograms: np.ndarray
    levels: np.ndarray


class Window(NamedTuple):
    """What is heard around the middle of a window.

    Parameters
    ----------
    start, end
        Seconds: a hop around the middle.
    scores, sure
        Of each label: what is compared with its threshold, and its probability.
    similar
        What two sounds are compared by, float32 [module.SIMILAR].
    level
        dB of full scale of its loudest 50 ms.
    """

    start: float
    end: float
    scores: np.ndarray
    sure: np.ndarray
    similar: np.ndarray
    level: float


class Event(NamedTuple):
    """A label's number, where it is in seconds, and how sure the model is of it."""

    label: int
    start: float
    end: float
    confidence: float


class Detecting:
    """One model that hears one recording, block by block, each with the windows that begin in it.

    Parameters
    ----------
    learned
        The model.
    duration
        Seconds of the recording.
    wanted
        How events are found.
    at_once
        Patches in a block: as many as the network hears in whole batches.

    Raises
    ------
    ValueError
        An option is out of its range.
    """

    def __init__(
        self, learned: Learned, duration: float, wanted: Wanted = USUAL, at_once: int = PATCHES_AT_ONCE
    ) -> None:
        self.learned, self.duration = learned, duration
        self.grid = grid_of(learned, wanted.hop)
        self.at_once = max(1, at_once - self.grid.beyond)
        self._tracker, self.about = _tracker(learned, wanted, self.grid)
        self.windows = _window_count(duration, learned.spec, self.grid)
        self._found: List[Found] = []
        self.problems: List[str] = []
        self.heard = False

    @property
    def firsts(self) -> range:
        """The first windows of all blocks."""
        return range(0, self.windows, self.at_once)

    def count(self, first: int) -> int:
        """How many windows begin in a block."""
        return min(self.at_once, self.windows - first)

    def stretch(self, first: int) -> Tuple[float, float]:
        """Give the seconds of the recording that a block is made of."""
        rate = self.learned.spec.sample_rate
        begin = first * self.grid.hop / rate
        return begin, min(begin + self._samples(first) / rate, self.duration)

    def _patches(self, first: int) -> int:
        return self.count(first) + self.grid.beyond

    def _samples(self, first: int) -> int:
        return (self._patches(first) - 1) * self.grid.hop + self.grid.patch

    def cut(self, first: int, waveform: np.ndarray) -> Block:
        """Cut a block's waveform, at the model's rate, into patches, and transform them.

        Raises
        ------
        SoundFault
            There is less of it than the recording's length has promised.
        """
        grid, spec, length = self.grid, self.learned.spec, self._samples(first)
        begin, _ = self.stretch(first)
        expected = min(length, round((self.duration - begin) * spec.sample_rate))
        if len(waveform) < expected - grid.hop and self.windows > 1:
            raise SoundFault(TOO_EARLY)
        if self.windows == 1:
            waveform = fit_length(waveform, length)
        # at the end, what is shorter is repeated, as in prediction; behind the end there is silence
        cuts = [
            fit_length(waveform[n * grid.hop : n * grid.hop + grid.patch], grid.patch)
            for n in range(self._patches(first))
        ]
        levels = np.array([loudest_dbfs(cut, spec.sample_rate) for cut in cuts])
        return Block(first, _spectrograms(waveform, cuts, grid, spec), levels)

    def take(self, block: Block, heard: np.ndarray) -> List[Window]:
        """Follow what the network heard of a block's patches, [patches, numbers]; blocks come in order."""
        self.heard = True
        windows = list(self._windows(block, heard))
        for one in windows:
            self._found += self._tracker.push(one.start, one.end, one.scores, one.sure)
        return windows

    def miss(self, first: int, reason: str) -> None:
        """Note that a block could not be read."""
        rate, last = self.learned.spec.sample_rate, first + self.count(first) - 1
        end = min(self.duration, (last * self.grid.hop + self.grid.window) / rate)
        self.problems.append("{:.1f}-{:.1f} s: {}".format(first * self.grid.hop / rate, end, reason))

    def ended(self, known: int = 0) -> List[Event]:
        """Give the events that have ended so far, but for the first so many, in the order in which they did."""
        return [
            Event(one.label, one.start, min(one.end, self.duration), min(1.0, one.confidence))
            for one in self._found[known:]
        ]

    def finish(self) -> List[Event]:
        """Give all events, in the order in which they ended."""
        self._found += self._tracker.finish()
        return self.ended()

    def _windows(self, block: Block, heard: np.ndarray) -> Iterator[Window]:
        """Judge the windows that begin in a block."""
        grid, network, recogniser = self.grid, self.learned.network, self.learned.recogniser
        count = len(heard) - grid.beyond
        together = np.arange(count)[:, None] + grid.step * np.arange(grid.span)[None, :]
        pooled = network.module.pool(heard[together], block.spectrograms.max(axis=(1, 2))[together])
        probabilities, familiarity = recogniser.hear(pooled)
        levels = block.levels[together].max(axis=1)
        scores = np.where(levels[:, None] < SILENCE_DBFS, 0.0, score(probabilities, familiarity))
        rate = self.learned.spec.sample_rate
        for number in range(count):
            window = block.first + number
            start = (window * grid.hop + (grid.window - grid.hop) / 2) / rate
            first, last = window == 0, window == self.windows - 1
            end = self.duration if last else min(self.duration, start + grid.hop / rate)
            start = 0.0 if first else start
            if start < end:  # the middle of the last window may lie beyond the end
                similar = pooled[number, : network.module.SIMILAR]
                yield Window(start, end, scores[number], probabilities[number], similar, float(levels[number]))


def _spectrograms(waveform: np.ndarray, cuts: List[np.ndarray], grid: Grid, spec: Spec) -> np.ndarray:
    """Transform patches, together where they lie whole in the waveform and share frames, else one by one."""
    whole = 0
    if shares_frames(spec, grid.hop):
        whole = min(len(cuts), max(0, (len(waveform) - grid.patch) // grid.hop + 1))
    together = [log_mel_patches(waveform, grid.patch, grid.hop, whole, spec)] if whole else []
    alone = [np.stack([log_mel(cut, spec) for cut in cuts[whole:]])] if whole < len(cuts) else []
    return np.concatenate(together + alone)


def grid_of(learned: Learned, hop: Optional[float]) -> Grid:
    """Lay windows.

    Raises
    ------
    ValueError
        They would leave out something, or never end.
    """
    spec, module = learned.spec, learned.network.module
    patch = module.patch_samples(spec)
    samples = round(patch * HOP) if hop is None else round(_seconds("hop", hop) * spec.sample_rate)
    if not 1 <= samples <= patch:
        raise ValueError(
            "hop is above 0 s and at most {:g} s, heard at once: with a longer one, what lies between would not be "
            "heard. Not {!r}".format(patch / spec.sample_rate, hop)
        )
    return Grid(patch, samples, module.WINDOW, max(1, round(module.PATCH_STEP / samples)))


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError("{} is a number of seconds, not {!r}".format(name, value))
    return float(value)


def _tracker(learned: Learned, wanted: Wanted, grid: Grid) -> Tuple[Tracker, Dict[str, Any]]:
    """Give what follows scores, and how it does, for the record."""
    heard = grid.patch / learned.spec.sample_rate
    minimum = MINIMUM * heard if wanted.minimum_seconds is None else wanted.minimum_seconds
    gap = GAP * heard if wanted.gap_seconds is None else wanted.gap_seconds
    least = LEAST_ONSET if len(learned.held_out.scores) == 0 else TINY
    onset = np.clip(np.nan_to_num(learned.recogniser.thresholds, posinf=NEVER), least, NEVER)
    tracker = Tracker(onset, OFFSET * onset, _seconds("minimum_seconds", minimum), _seconds("gap_seconds", gap))
    return tracker, {
        "hop": grid.hop / learned.spec.sample_rate,
        "window": grid.window / learned.spec.sample_rate,
        "onset": dict(zip(learned.labels, map(float, onset))),
        "offset": OFFSET,
        "minimum_seconds": minimum,
        "gap_seconds": gap,
    }


def _window_count(duration: float, spec: Spec, grid: Grid) -> int:
    beyond = int(duration * spec.sample_rate) - grid.window
    rest = beyond - round(REST * grid.patch)
    return 1 if rest <= 0 else 1 - (-rest // grid.hop)  # the last one reaches over the end
