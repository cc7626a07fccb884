"""Bells: in a tower, on a house or in a hand."""

from __future__ import annotations

import numpy as np

from mediaml.samples.signals import Floats, mix_in, ringing, sample_count

# Partials of a tuned minor-third bell against the strike note: hum, prime, tierce, quint, nominal, then the
# higher ones (Rossing, "Science of Percussion Instruments", 2000, chapter 11).
PARTIALS = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.66, 3.0, 4.0, 5.33, 6.66])
LEVELS = np.array([0.45, 0.6, 0.7, 0.3, 1.0, 0.35, 0.3, 0.5, 0.45, 0.35, 0.25])
LASTING = np.array([1.0, 0.6, 0.5, 0.3, 0.25, 0.2, 0.19, 0.18, 0.14, 0.1, 0.08])


def bell(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return a bell, or up to four that ring together.

    Parameters
    ----------
    random
        Draws the bells, the way they are rung and each blow.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        Inharmonic partials that start at once and die away, alone: no background, any level.
    """
    sound = np.zeros(sample_count(seconds, sample_rate))
    # large bells are low, slow and long; small ones high, quick and short
    size = random.uniform()
    strike_note = 450.0 * 4.0**size * random.uniform(0.8, 1.25)
    lasting = 2.0 * 0.25**size * random.uniform(0.6, 1.4)
    interval = 1.6 * 0.25**size * random.uniform(0.6, 1.4)
    scale = 2.0 ** (np.array([0, 2, 4, 7]) / 12.0)
    bells = [cast(random, strike_note * step, lasting, sample_rate, seconds) for step in scale[: random.randint(1, 5)]]
    place, turn = random.uniform(0.0, 0.4), 0
    while place < seconds:
        blow = random.uniform(0.6, 1.0) * bells[turn % len(bells)]
        mix_in(sound, blow, sample_count(place, sample_rate))
        place, turn = place + interval * random.uniform(0.92, 1.08), turn + 1
    return sound


def cast(random: np.random.RandomState, strike_note: float, lasting: float, sample_rate: int, longest: float) -> Floats:
    """Return one blow on a bell of its own.

    Parameters
    ----------
    random
        Draws how well it is tuned, its timbre and its clapper.
    strike_note
        In hertz.
    lasting
        Seconds until the lowest partial has fallen to 1/e.
    sample_rate
        In hertz.
    longest
        Seconds that are needed of it.
    """
    frequencies = strike_note * PARTIALS * random.uniform(0.985, 1.015, size=PARTIALS.size)
    levels = LEVELS * 10.0 ** (random.normal(size=LEVELS.size) * 5.0 / 20.0)
    # a bell is never quite round: each partial is a pair, and the pair beats
    pairs = np.concatenate([frequencies, frequencies + random.uniform(0.2, 2.5, size=frequencies.size)])
    rings = ringing(pairs, np.tile(lasting * LASTING, 2), np.concatenate([levels, 0.5 * levels]), sample_rate, longest)
    seconds = np.arange(sample_count(0.02, sample_rate)) / sample_rate
    clapper = random.normal(size=seconds.size) * np.exp(-seconds / 0.002)
    mix_in(rings, random.uniform(0.1, 0.8) * clapper, 0)
    return rings
