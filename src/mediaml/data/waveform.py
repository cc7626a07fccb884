"""What decoders give: samples, and what the header says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mediaml.errors import AudioError

Waveform: TypeAlias = npt.NDArray[np.float32]
"""Mono samples, float32 [samples]; full scale is 1."""

MOST_SAMPLES = 1 << 30  # held at once, of all channels: 4 GiB, six hours of mono at 48 kHz
LARGEST_SAMPLE = 1e9  # full scale is 1; far above it the power overflows float32


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of a recording says.

    Parameters
    ----------
    duration
        Seconds.
    sample_rate
        Hz.
    channels
        Mixed to one when read.
    format
        As libsndfile or FFmpeg names it, ``WAV PCM_16`` for instance.
    truncated
        The header promises more samples than the file holds.
    """

    duration: float
    sample_rate: int
    channels: int
    format: str
    truncated: bool = False


def mono(samples: npt.NDArray[Any]) -> Waveform:
    """Mix [samples, channels] to [samples], the mean of the channels."""
    if samples.shape[1] == 1:
        return np.ascontiguousarray(samples[:, 0], dtype=np.float32)
    mixed: Waveform = samples.mean(axis=1, dtype=np.float32)
    return mixed


def check_count(samples: float, name: str) -> None:
    """Refuse more samples than are held at once; asked before they are decoded, or made.

    Raises
    ------
    AudioError
        There are more.
    """
    if not samples <= MOST_SAMPLES:
        raise AudioError(
            name,
            f"{samples:,.0f} samples are too many to be held at once (at most {MOST_SAMPLES:,}); read it in stretches: "
            f"dataset.segments(seconds=...), model.detect(...)",
        )


def check_samples(waveform: Waveform, name: str) -> None:
    """Refuse samples that are no sound.

    Raises
    ------
    AudioError
        There are NaN or infinite samples, or some a billion times louder than full scale.
    """
    usable = np.abs(waveform) < LARGEST_SAMPLE  # False for NaN too
    if not usable.all():
        count = len(waveform) - np.count_nonzero(usable)
        raise AudioError(name, f"{count} of {len(waveform)} samples are NaN, infinite or absurdly large")
