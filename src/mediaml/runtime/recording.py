"""A recording that arrived as a whole, heard for events: what AWS's container answers of it."""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Union

import numpy as np

from .detecting import Detecting, Wanted
from .faults import SoundFault
from .learned import Learned
from .resample import resample
from .wav import Opened

MOST_WINDOWS = 1 << 19  # an hour of work on a small machine: days of sound with the usual hop
MOST_RATE = 1000000  # Hz
LARGEST_SAMPLE = 1e9  # as in data/waveform.py


class Samples(NamedTuple):
    """Mono samples and their rate in Hz, as what is read piece by piece."""

    waveform: np.ndarray
    rate: int
    channels: int = 1

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.waveform)

    def read(self, first: int, last: int) -> np.ndarray:
        """Give some of them."""
        return self.waveform[first:last]


Sound = Union[Opened, Samples]


def _go_on() -> None:
    """Nobody gives up."""


class Bounds(NamedTuple):
    """How much of a recording is heard at most.

    Parameters
    ----------
    seconds
        That it may have.
    windows
        That it may be cut into.
    between
        Called between blocks; what it raises ends the work.
    """

    seconds: float = float("inf")
    windows: int = MOST_WINDOWS
    between: Callable[[], None] = _go_on


ANY = Bounds()


def hear(learned: Learned, sound: Sound, wanted: Wanted, batch_size: int, bounds: Bounds = ANY) -> Dict[str, Any]:
    """Hear a recording block by block, as `backends.detection` does where it lies on a disk.

    Returns
    -------
    ``duration`` in seconds, ``sample_rate``, ``channels``, ``events`` as [label, start, end, confidence] by time, and
    ``problems``: stretches that could not be read, with the reason.

    Raises
    ------
    SoundFault
        Nothing of it can be read, or it is too long for such small steps.
    ValueError
        A setting is out of its range.
    """
    if not 1 <= sound.rate <= MOST_RATE:
        raise SoundFault("samples at {} Hz".format(sound.rate))
    seconds = sound.frames / float(sound.rate)
    if seconds > bounds.seconds:
        raise SoundFault("{:g} s are more than {:g} s".format(seconds, bounds.seconds))
    detecting = Detecting(learned, seconds, wanted)
    if detecting.windows > bounds.windows:
        raise SoundFault("{} windows are more than {}".format(detecting.windows, bounds.windows))
    for first in detecting.firsts:
        bounds.between()
        try:
            block = detecting.cut(first, _read(sound, detecting.stretch(first), learned.spec.sample_rate))
        except SoundFault as fault:
            detecting.miss(first, str(fault))
        else:
            detecting.take(block, learned.network.hear(block.spectrograms, batch_size))
    if not detecting.heard:
        raise SoundFault(detecting.problems[0])
    found = sorted(detecting.finish(), key=lambda one: (one.start, one.end, learned.labels[one.label]))
    return {
        "duration": detecting.duration,
        "sample_rate": sound.rate,
        "channels": sound.channels,
        "events": [[learned.labels[one.label], one.start, one.end, one.confidence] for one in found],
        "problems": detecting.problems,
    }


def _read(sound: Sound, stretch: Any, rate: int) -> np.ndarray:
    """Read a stretch at the model's rate."""
    first, last = (min(round(second * sound.rate), sound.frames) for second in stretch)
    waveform = sound.read(first, last)
    usable = np.abs(waveform) < LARGEST_SAMPLE  # False for NaN too
    if not usable.all():
        count = len(waveform) - np.count_nonzero(usable)
        raise SoundFault("{} of {} samples are NaN, infinite or absurdly large".format(count, len(waveform)))
    if sound.rate == rate or len(waveform) == 0:
        return waveform
    mean = waveform.mean(dtype=np.float32)  # beyond the ends is silence: a constant part would begin with a click
    return resample(waveform - mean, sound.rate, rate) + mean
