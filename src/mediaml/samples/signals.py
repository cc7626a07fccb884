"""What every synthetic sound is made of: noises, slow curves, tones and resonances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Samples: TypeAlias = NDArray[np.float32]


def sample_count(seconds: float, sample_rate: int) -> int:
    """Return how many samples last so many seconds."""
    return round(seconds * sample_rate)


def coloured_noise(random: np.random.RandomState, length: int, slope: float, sample_rate: int) -> Floats:
    """Return steady noise of RMS one whose power falls with frequency.

    Parameters
    ----------
    random
        Where the randomness comes from.
    length
        In samples.
    slope
        Power goes as ``1 / frequency ** slope``: 0 is white, 1 pink, 2 brown. Nothing lies below 20 Hz.
    sample_rate
        In hertz.
    """
    from scipy.fft import irfft, next_fast_len, rfftfreq

    size = next_fast_len(max(length, sample_rate // 4), real=True)
    frequency = rfftfreq(size, 1.0 / sample_rate)
    spectrum = random.normal(size=frequency.size) + 1j * random.normal(size=frequency.size)
    spectrum *= np.where(frequency >= 20.0, np.maximum(frequency, 20.0) ** (-slope / 2.0), 0.0)
    return unit_rms(np.asarray(irfft(spectrum, size), dtype=np.float64))[:length]


def unit_rms(samples: Floats) -> Floats:
    """Return the samples scaled to a root mean square of one; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0
    return samples / rms if rms > 0.0 else samples


def wander(random: np.random.RandomState, length: int, per_second: float, sample_rate: int) -> Floats:
    """Return a slow random curve: mean about 0, spread about 1, so many turns a second."""
    turns = max(2, int(np.ceil(length / sample_rate * per_second)) + 2)
    knots = np.linspace(0.0, max(length, 2), turns)
    return np.interp(np.arange(length), knots, random.normal(size=turns))


def curve(length: int, sample_rate: int, points: Sequence[tuple[float, float]]) -> Floats:
    """Return straight lines through (seconds, value) points, one value a sample."""
    seconds, values = np.asarray(points, dtype=np.float64).T
    return np.interp(np.arange(length) / sample_rate, seconds, values)


def tone(frequency: Floats, partials: Sequence[float], sample_rate: int) -> Floats:
    """Return a harmonic tone that follows a frequency curve.

    Parameters
    ----------
    frequency
        Of the fundamental, in hertz, one value a sample.
    partials
        Amplitudes of the fundamental and its multiples. A partial is silent where it would pass 45 % of the
        sample rate, so that nothing folds back.
    sample_rate
        In hertz.
    """
    phase = 2.0 * np.pi * np.cumsum(frequency) / sample_rate
    sound: Floats = np.zeros_like(phase)
    for number, amplitude in enumerate(partials, start=1):
        if amplitude > 0.0:
            sound += amplitude * np.sin(number * phase) * (number * frequency < 0.45 * sample_rate)
    return sound


def fades(length: int, attack: int, release: int) -> Floats:
    """Return an envelope that rises over `attack` samples and falls over `release` samples, as half cosines."""
    place = np.arange(length)
    rise = np.clip((place + 1) / max(attack, 1), 0.0, 1.0)
    fall = np.clip((length - place) / max(release, 1), 0.0, 1.0)
    envelope: Floats = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
    return envelope


def mix_in(target: Floats, piece: Floats, start: int) -> None:
    """Add a piece to the target in place, from sample `start` on; what sticks out at the end is cut off."""
    end = min(start + piece.size, target.size)
    if start < end:
        target[start:end] += piece[: end - start]


def band(sound: Floats, low: float, high: float, sample_rate: int, order: int = 2) -> Floats:
    """Return the sound between two frequencies (hertz), by a Butterworth filter; `low` 0 makes it a low-pass."""
    from scipy.signal import butter, sosfilt

    top = min(high, 0.45 * sample_rate)
    if low <= 0.0:
        sections = butter(order, top, "lowpass", fs=sample_rate, output="sos")
    else:
        sections = butter(order, (min(low, 0.8 * top), top), "bandpass", fs=sample_rate, output="sos")
    return np.asarray(sosfilt(sections, sound), dtype=np.float64)


def ringing(frequencies: Floats, decays: Floats, levels: Floats, sample_rate: int, longest: float = 12.0) -> Floats:
    """Return what rings after one blow: a sum of decaying sines.

    Parameters
    ----------
    frequencies
        In hertz; those above 45 % of the sample rate are left out.
    decays
        Seconds until each has fallen to 1/e. The sound lasts six times the largest.
    levels
        Amplitudes.
    sample_rate
        In hertz.
    longest
        Seconds after which the sound is cut off at the latest.
    """
    sound = np.zeros(max(2, sample_count(min(6.0 * float(decays.max()), longest), sample_rate)))
    for frequency, decay, level in zip(frequencies, decays, levels, strict=True):
        if frequency < 0.45 * sample_rate:
            seconds = np.arange(min(sound.size, sample_count(6.0 * decay, sample_rate))) / sample_rate
            sound[: seconds.size] += level * np.exp(-seconds / decay) * np.sin(2.0 * np.pi * frequency * seconds)
    return sound


def convolve(sound: Floats, response: Floats) -> Floats:
    """Return the sound through an impulse response, as long as the sound was."""
    from scipy.signal import oaconvolve

    return np.asarray(oaconvolve(sound, response)[: sound.size], dtype=np.float64)
