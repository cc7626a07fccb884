"""Where a sound is heard: distance, room and everything else that is in the air."""

from __future__ import annotations

import numpy as np

from mediaml.samples.signals import Floats, Samples, band, coloured_noise, convolve, unit_rms, wander


def in_its_surroundings(random: np.random.RandomState, sound: Floats, sample_rate: int) -> Samples:
    """Return the sound as a microphone somewhere near would have recorded it.

    Parameters
    ----------
    random
        Draws distance, echo, background and level.
    sound
        The source alone, at any level.
    sample_rate
        In hertz.

    Returns
    -------
    Samples
        With a background 10 to 30 dB below the sound, and a peak between 0.15 and 0.9.
    """
    heard = with_echo(random, from_afar(random, sound, sample_rate), sample_rate)
    ratio = random.uniform(10.0, 30.0)
    mixed = unit_rms(heard) + 10.0 ** (-ratio / 20.0) * background(random, sound.size, sample_rate)
    peak = float(np.abs(mixed).max()) if mixed.size else 0.0
    level = 10.0 ** random.uniform(np.log10(0.15), np.log10(0.9))
    return np.asarray(mixed * (level / max(peak, 1e-9)), dtype=np.float32)


def from_afar(random: np.random.RandomState, sound: Floats, sample_rate: int) -> Floats:
    """Return the sound with its heights dulled by air and obstacles, and coming and going a little.

    The low-pass lies anywhere from 4.5 kHz (behind something) to 12 kHz (close and open) and is a gentle one,
    6 dB an octave. The loudness wanders by about 2 dB.
    """
    cutoff = 4500.0 * (12.0 / 4.5) ** random.uniform()
    gain = 10.0 ** (2.0 * wander(random, sound.size, 0.4, sample_rate) / 20.0)
    return band(sound, 0.0, cutoff, sample_rate, order=1) * gain


def with_echo(random: np.random.RandomState, sound: Floats, sample_rate: int) -> Floats:
    """Return the sound in a room or a street.

    The echo is noise that decays exponentially (Moorer 1979, "About this reverberation business"), 60 dB within
    0.15 to 1.2 seconds, from 26 dB to 8 dB below the direct sound.
    """
    decay = random.uniform(0.15, 1.2)
    seconds = np.arange(int(decay * sample_rate)) / sample_rate
    response = random.normal(size=seconds.size) * 10.0 ** (-3.0 * seconds / decay)
    response *= 10.0 ** (random.uniform(-26.0, -8.0) / 20.0) / float(np.sqrt(np.sum(np.square(response))))
    response[0] += 1.0
    return convolve(sound, response)


def background(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return what is in the air anyway, with an RMS of one: a room, traffic far away, wind or mains hum."""
    kinds = (room, far_traffic, wind, hum)
    return unit_rms(kinds[random.randint(len(kinds))](random, length, sample_rate))


def room(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return the noise of a room and a microphone: about pink."""
    return coloured_noise(random, length, random.uniform(0.8, 1.3), sample_rate)


def far_traffic(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return brown noise that swells slowly as cars pass far away."""
    swell = 10.0 ** (4.0 * wander(random, length, 0.5, sample_rate) / 20.0)
    return coloured_noise(random, length, random.uniform(1.6, 2.2), sample_rate) * swell


def wind(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return gusts: dark noise with strong and quick changes, and some rustling of leaves."""
    gusts = np.exp(0.7 * wander(random, length, 2.0, sample_rate))
    leaves = band(random.normal(size=length), 1000.0, random.uniform(3000.0, 6000.0), sample_rate)
    rumble = coloured_noise(random, length, 1.8, sample_rate)
    sound: Floats = (rumble + random.uniform(0.05, 0.4) * leaves) * gusts
    return sound


def hum(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return mains hum of 50 or 60 Hz with its multiples over the noise of a room."""
    seconds = np.arange(length) / sample_rate
    mains = float(random.choice([50.0, 60.0]))
    sound = room(random, length, sample_rate) * random.uniform(0.2, 1.0)
    for multiple in (1, 2, 3, 4, 5, 6, 8, 10):
        level = random.uniform(0.1, 1.0) / multiple
        sound += level * np.sin(2.0 * np.pi * (mains * multiple * seconds + random.uniform()))
    return sound
