"""A bird that sings: chirps, whistles and trills in phrases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mediaml.samples.signals import Floats, fades, mix_in, sample_count, tone


@dataclass(frozen=True, slots=True)
class Syllable:
    """One note of a bird's repertoire.

    Parameters
    ----------
    seconds
        Its length.
    begin, middle, end
        Frequencies of its curve, in hertz.
    quaver_rate, quaver_depth
        The warble on top: hertz, and the share of the frequency it moves by (0 for a pure whistle).
    repeats
        How often it is sung in a row; many make a trill.
    gap
        Seconds of silence after each.
    """

    seconds: float
    begin: float
    middle: float
    end: float
    quaver_rate: float
    quaver_depth: float
    repeats: int
    gap: float


def bird(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return the song of one bird.

    Parameters
    ----------
    random
        Draws the individual (register, repertoire, tempo) and the song.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        Chirps between about 1.6 and 8 kHz, as passerines sing, alone: no background, any level.
    """
    register = min(2200.0 * 2.6 ** random.uniform(), 0.28 * sample_rate)
    tempo = random.uniform(0.7, 1.4)
    repertoire = [syllable(random, register, tempo) for _ in range(random.randint(2, 6))]
    partials = (1.0, random.uniform(0.02, 0.35), random.uniform(0.0, 0.12))
    rest = random.uniform(0.15, 0.7)
    sound = np.zeros(sample_count(seconds, sample_rate))
    place = random.uniform(0.0, 0.3)
    while place < seconds:
        for number in random.randint(len(repertoire), size=random.randint(2, 5)):
            place = sing(random, sound, repertoire[number], partials, place, sample_rate)
        place += rest * random.uniform(0.6, 1.4)
    return sound


def syllable(random: np.random.RandomState, register: float, tempo: float) -> Syllable:
    """Draw one note around a register (hertz), in a tempo (1 is middling, more is quicker)."""
    trilled = random.uniform() < 0.4
    length = random.uniform(0.03, 0.08) if trilled else random.uniform(0.08, 0.32)
    begin, middle, end = register * 2.0 ** random.uniform(-0.4, 0.4, size=3)
    warbles = random.uniform() < 0.35
    return Syllable(
        seconds=length / tempo,
        begin=float(begin),
        middle=float(middle),
        end=float(end),
        quaver_rate=random.uniform(18.0, 60.0),
        quaver_depth=random.uniform(0.03, 0.12) if warbles else 0.0,
        repeats=random.randint(5, 14) if trilled else random.randint(1, 4),
        gap=random.uniform(0.015, 0.05 if trilled else 0.15) / tempo,
    )


def sing(
    random: np.random.RandomState,
    sound: Floats,
    note: Syllable,
    partials: tuple[float, ...],
    place: float,
    sample_rate: int,
) -> float:
    """Add a syllable with its repeats to the sound at `place` (seconds) and return where it ends."""
    drift = random.uniform(0.98, 1.02)
    loudness = random.uniform(0.5, 1.0)
    chirp = one_note(note, drift, partials, sample_rate)
    for _ in range(note.repeats):
        mix_in(sound, chirp * loudness * random.uniform(0.8, 1.0), sample_count(place, sample_rate))
        place += note.seconds + note.gap
    return place


def one_note(note: Syllable, drift: float, partials: tuple[float, ...], sample_rate: int) -> Floats:
    """Return a note: a parabola through its three frequencies, with its warble, fading in and out."""
    length = max(8, sample_count(note.seconds, sample_rate))
    way = np.linspace(0.0, 1.0, length)
    # Lagrange's polynomial through (0, begin), (1/2, middle), (1, end)
    frequency = (
        note.begin * (2.0 * way - 1.0) * (way - 1.0)
        + note.middle * 4.0 * way * (1.0 - way)
        + note.end * way * (2.0 * way - 1.0)
    )
    frequency *= 1.0 + note.quaver_depth * np.sin(2.0 * np.pi * note.quaver_rate * way * note.seconds)
    return tone(frequency * drift, partials, sample_rate) * fades(length, length // 5, length // 3)
