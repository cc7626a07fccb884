"""Rain: a hiss of very many drops, and single ones nearby."""

from __future__ import annotations

import numpy as np

from mediaml.samples.signals import Floats, band, coloured_noise, convolve, ringing, sample_count, unit_rms, wander


def rain(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return rain on some ground: leaves, a roof, a window or a puddle.

    Parameters
    ----------
    random
        Draws the strength of the rain, the ground and each drop.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        Broad noise with a grain of drops, alone: no background, any level.
    """
    length = sample_count(seconds, sample_rate)
    hiss = coloured_noise(random, length, random.uniform(-0.3, 0.6), sample_rate)
    hiss = band(hiss, random.uniform(200.0, 1200.0), random.uniform(5000.0, 11000.0), sample_rate, order=1)
    swell = 10.0 ** (random.uniform(0.5, 2.5) * wander(random, length, 1.0, sample_rate) / 20.0)
    sound: Floats = unit_rms(hiss) * swell + random.uniform(0.6, 1.6) * unit_rms(patter(random, length, sample_rate))
    if random.uniform() < 0.5:
        sound += random.uniform(0.1, 0.4) * unit_rms(drips(random, length, sample_rate))
    return sound


def patter(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return drops on a hard or leafy ground: clicks of a few milliseconds, 60 to 600 a second.

    Their sizes are spread as those of raindrops are, many small ones and few large ones.
    """
    sound = np.zeros(length)
    rate = 60.0 * 10.0 ** random.uniform()
    for _ in range(10):
        drops = random.randint(max(length, 1), size=random.poisson(rate / 10.0 * length / sample_rate))
        clicks = np.zeros(length)
        np.add.at(clicks, drops, random.exponential(size=drops.size) ** 1.5)
        sound += convolve(clicks, splash(random, sample_rate))
    return sound


def splash(random: np.random.RandomState, sample_rate: int) -> Floats:
    """Return one drop's click: a burst of noise with a little resonance of the ground."""
    decay = random.uniform(0.0005, 0.003)
    rings = ringing(
        random.uniform(900.0, 7000.0, size=3), decay * random.uniform(0.4, 1.2, size=3), np.ones(3), sample_rate
    )
    crackle = random.normal(size=rings.size) * np.exp(-np.arange(rings.size) / (decay * sample_rate))
    click: Floats = rings + 0.7 * crackle
    return click


def drips(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return drops into water, 2 to 8 a second: bubbles that ring by Minnaert's law.

    A bubble of radius r metres rings at 3.26 / r hertz (Minnaert 1933); those of 1 to 3 mm are heard here.
    """
    clicks = [np.zeros(length) for _ in range(4)]
    for place in random.randint(max(length, 1), size=random.poisson(random.uniform(2.0, 8.0) * length / sample_rate)):
        clicks[random.randint(4)][place] += random.uniform(0.2, 1.0)
    sound = np.zeros(length)
    for bubble in clicks:
        pitch = 3.26 / random.uniform(0.001, 0.003, size=1)
        sound += convolve(bubble, ringing(pitch, random.uniform(0.005, 0.02, size=1), np.ones(1), sample_rate))
    return sound
