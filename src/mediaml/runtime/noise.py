"""Noise that no one asks for: what a model should not take for a sound that it knows."""

from __future__ import annotations

from typing import Iterator, Tuple

import numpy as np

KINDS = ("white", "pink", "brown", "blue", "band", "hum", "tone", "clicks")
OF_EACH = 8
LEVELS = (-40.0, -3.0)  # dB of full scale, of the peak
SLOPES = {"white": 0.0, "pink": -0.5, "brown": -1.0, "blue": 0.5}  # exponent of the amplitude by frequency
SEED = 20261123
VERSION = 1  # of these sounds: what was heard of them is kept under it


def noises(seconds: float, sample_rate: int) -> Iterator[Tuple[np.ndarray, int]]:
    """Make eight of each kind: steady noise of every colour, a band of it, mains hum, tones and clicks.

    Parameters
    ----------
    seconds, sample_rate
        Of each.

    Yields
    ------
    Samples float32 [samples] and the rate; the same at every call.
    """
    random = np.random.RandomState(SEED)
    length = max(2, round(seconds * sample_rate))
    for kind in KINDS * OF_EACH:
        samples = _MAKERS.get(kind, _coloured)(random, length, sample_rate, kind)
        peak = max(float(np.abs(samples).max()), 1e-12)
        yield (samples / peak * 10 ** (random.uniform(*LEVELS) / 20)).astype(np.float32), sample_rate


def _coloured(random: np.random.RandomState, length: int, rate: int, kind: str) -> np.ndarray:
    spectrum = np.fft.rfft(random.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / rate)
    frequency[0] = frequency[1]
    return _back(spectrum * frequency ** SLOPES[kind], length)


def _band(random: np.random.RandomState, length: int, rate: int, kind: str) -> np.ndarray:
    """Noise between two frequencies, a third of an octave to two octaves apart."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    low = np.exp(random.uniform(np.log(80.0), np.log(rate / 4)))
    high = low * 2 ** random.uniform(1 / 3, 2)
    frequency = np.fft.rfftfreq(length, 1 / rate)
    spectrum[(frequency < low) | (frequency > high)] *= 1e-3
    return _back(spectrum, length)


def _back(spectrum: np.ndarray, length: int) -> np.ndarray:
    return np.fft.irfft(spectrum, length)


def _hum(random: np.random.RandomState, length: int, rate: int, kind: str) -> np.ndarray:
    """Mains hum of 50 or 60 Hz with overtones."""
    phase = 2 * np.pi * random.choice([50.0, 60.0]) * np.arange(length) / rate
    samples = 1e-3 * random.standard_normal(length)
    for overtone in range(1, 11):
        samples += random.uniform() / overtone * np.sin(overtone * phase + random.uniform(0, 2 * np.pi))
    return samples


def _tone(random: np.random.RandomState, length: int, rate: int, kind: str) -> np.ndarray:
    pitch = np.exp(random.uniform(np.log(60.0), np.log(0.45 * rate)))
    return np.sin(2 * np.pi * pitch * np.arange(length) / rate)


def _clicks(random: np.random.RandomState, length: int, rate: int, kind: str) -> np.ndarray:
    """One to six clicks a second, at random, of up to a millisecond."""
    samples = np.zeros(length)
    for start in random.randint(0, length, max(1, round(random.uniform(1, 6) * length / rate))):
        samples[start : start + random.randint(1, max(2, rate // 1000))] += random.choice([-1.0, 1.0]) * random.uniform(
            0.3, 1.0
        )
    return samples


_MAKERS = {"band": _band, "hum": _hum, "tone": _tone, "clicks": _clicks}
