"""An emergency vehicle's siren: wailing, yelping or in two tones."""

from __future__ import annotations

import numpy as np

from mediaml.samples.signals import Floats, band, sample_count, tone, wander


def siren(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return a siren that passes by.

    Parameters
    ----------
    random
        Draws the kind, its tones and tempo, the horn and the drive past.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        A harmonic tone whose pitch moves all the time, alone: no background, any level.
    """
    length = sample_count(seconds, sample_rate)
    time = np.arange(length) / sample_rate
    kinds = (wail, yelp, two_tone)
    frequency = kinds[random.randint(len(kinds))](random, time)
    speed, gain = drive_past(random, time)
    # electronic sirens feed something near a square wave into a horn: odd partials are the strong ones
    odd, even = random.uniform(0.5, 1.3), random.uniform(0.0, 0.6)
    partials = [(1.0 if number % 2 else even) / number**odd for number in range(1, 10)]
    sound = tone(frequency * speed, partials, sample_rate)
    horn = band(sound, random.uniform(250.0, 600.0), random.uniform(2000.0, 5000.0), sample_rate)
    return horn * gain * (1.0 + 0.05 * wander(random, length, 8.0, sample_rate))


def wail(random: np.random.RandomState, time: Floats) -> Floats:
    """Return a pitch that climbs and falls slowly: 12 to 30 times a minute, by about an octave."""
    return sweep(time, random.uniform(2.0, 5.0), random.uniform(0.35, 0.65), swing(random), random.uniform())


def yelp(random: np.random.RandomState, time: Floats) -> Floats:
    """Return a pitch that climbs and falls quickly: 150 to 250 times a minute."""
    return sweep(time, 60.0 / random.uniform(150.0, 250.0), random.uniform(0.5, 0.85), swing(random), random.uniform())


def swing(random: np.random.RandomState) -> tuple[float, float]:
    """Draw the lowest and the highest frequency of a sweeping siren, in hertz."""
    low = random.uniform(450.0, 800.0)
    return low, low * random.uniform(1.7, 2.6)


def sweep(time: Floats, period: float, rising: float, ends: tuple[float, float], phase: float) -> Floats:
    """Return a frequency that goes up for a share of each period and down for the rest.

    Like a condenser that is charged and discharged, which is how the circuits made it: quick first, then slower.
    """
    low, high = ends
    turn = (time / period + phase) % 1.0
    up = (1.0 - np.exp(-2.0 * turn / rising)) / (1.0 - np.exp(-2.0))
    down = (np.exp(-2.0 * (turn - rising) / (1.0 - rising)) - np.exp(-2.0)) / (1.0 - np.exp(-2.0))
    return low * (high / low) ** np.where(turn < rising, up, down)


def two_tone(random: np.random.RandomState, time: Floats) -> Floats:
    """Return two pitches in turn, a major third to a fifth apart (DIN 14610 has a fourth, 440 and 585 Hz)."""
    low = random.uniform(360.0, 620.0)
    high = low * 2.0 ** (float(random.choice([4, 5, 5, 5, 7])) / 12.0)
    turn = (time / random.uniform(0.8, 2.2) + random.uniform()) % 1.0
    return np.where(turn < 0.5, low, high)


def drive_past(random: np.random.RandomState, time: Floats) -> tuple[Floats, Floats]:
    """Return what a drive past does to pitch (a factor, by Doppler) and to loudness (a factor up to one)."""
    speed = random.uniform(3.0, 22.0)  # metres a second
    nearest = random.uniform(15.0, 60.0)  # metres
    along = speed * (time - random.uniform(0.0, 1.0) * time[-1])
    distance = np.hypot(along, nearest)
    towards = -speed * along / distance
    return 343.0 / (343.0 - towards), nearest / distance
