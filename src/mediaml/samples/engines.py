"""Engines that idle, rev and change gears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mediaml.samples.signals import Floats, band, convolve, curve, ringing, sample_count, unit_rms, wander


@dataclass(frozen=True, slots=True)
class Engine:
    """What makes one engine sound unlike another.

    Parameters
    ----------
    cylinders
        Each fires once in two turns (a four-stroke engine).
    slowest, fastest
        Turns a minute, idling and at full speed.
    unevenness
        How much the firings differ in strength and in time, as a share.
    clatter
        Level of the mechanical noise against the exhaust's.
    """

    cylinders: int
    slowest: float
    fastest: float
    unevenness: float
    clatter: float


KINDS = (
    Engine(cylinders=4, slowest=800.0, fastest=3800.0, unevenness=0.05, clatter=0.25),  # car
    Engine(cylinders=6, slowest=600.0, fastest=1900.0, unevenness=0.08, clatter=0.6),  # lorry
    Engine(cylinders=2, slowest=1000.0, fastest=5000.0, unevenness=0.12, clatter=0.3),  # motorcycle
    Engine(cylinders=1, slowest=1500.0, fastest=6000.0, unevenness=0.10, clatter=0.4),  # moped, mower
)


def engine(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return an engine at work.

    Parameters
    ----------
    random
        Draws the engine, its exhaust and what the driver does.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        A row of firings at 10 to 120 a second through an exhaust, alone: no background, any level.
    """
    length = sample_count(seconds, sample_rate)
    kind = KINDS[random.randint(len(KINDS))]
    effort = throttle(random, length, sample_rate)
    turns = (kind.slowest + (kind.fastest - kind.slowest) * effort) * random.uniform(0.85, 1.15)
    turns *= 1.0 + 0.006 * wander(random, length, 6.0, sample_rate)
    strength = 0.3 + 0.7 * effort
    pulses = firings(random, kind, turns / 60.0 * kind.cylinders / 2.0, sample_rate) * strength
    roar = unit_rms(convolve(pulses, exhaust(random, sample_rate)))
    knock = ringing(random.uniform(1200.0, 4000.0, size=3), np.full(3, 0.0015), np.ones(3), sample_rate)
    ticks = unit_rms(convolve(pulses, knock))
    blast = convolve(pulses, np.exp(-np.arange(int(0.03 * sample_rate)) / (0.006 * sample_rate)))
    breath = unit_rms(band(random.normal(size=length), 200.0, random.uniform(1200.0, 4000.0), sample_rate) * blast)
    loudness = random.uniform(0.6, 1.4)
    return roar + kind.clatter * loudness * (0.5 * ticks + 0.3 * breath)


def throttle(random: np.random.RandomState, length: int, sample_rate: int) -> Floats:
    """Return how hard the engine works, from 0 (idle) to 1, one value a sample.

    Stretches of half a second to three seconds in which the driver holds, speeds up or lets go.
    """
    points = [(0.0, float(random.uniform(0.0, 0.5)))]
    while points[-1][0] < length / sample_rate:
        place, effort = points[-1]
        holds = random.uniform() < 0.4
        wanted = effort if holds else random.uniform()
        points.append((place + float(random.uniform(0.5, 3.0)), float(wanted)))
    return curve(length, sample_rate, points)


def firings(random: np.random.RandomState, kind: Engine, rate: Floats, sample_rate: int) -> Floats:
    """Return one impulse a firing; `rate` is firings a second, one value a sample.

    Each cylinder has its own strength and its own delay, which is where the half orders of an engine's spectrum
    come from, and each firing differs a little from the last.
    """
    length = rate.size
    place = np.flatnonzero(np.diff(np.floor(np.cumsum(rate) / sample_rate), prepend=0.0))
    cylinder = np.arange(place.size) % kind.cylinders
    strengths = 1.0 + 2.0 * kind.unevenness * random.normal(size=kind.cylinders)
    delays = kind.unevenness * random.normal(size=kind.cylinders)
    late = delays[cylinder] + 0.15 * kind.unevenness * random.normal(size=place.size)
    moved = place + np.round(0.5 * late * sample_rate / rate[place]).astype(np.int64)
    pulses = np.zeros(length)
    strength = strengths[cylinder] * (1.0 + kind.unevenness * random.normal(size=place.size))
    np.add.at(pulses, np.clip(moved, 0, max(length - 1, 0)), strength)
    return pulses


def exhaust(random: np.random.RandomState, sample_rate: int) -> Floats:
    """Return the response of an exhaust and a body: a few broad resonances from 60 Hz to 2.2 kHz."""
    frequencies = np.array([90.0, 190.0, 400.0, 800.0, 1500.0]) * random.uniform(0.7, 1.5, size=5)
    decays = 1.0 / (np.pi * frequencies * random.uniform(0.2, 0.7, size=5))
    levels = np.array([0.5, 0.9, 1.5, 2.5, 4.0]) * 10.0 ** (random.normal(size=5) * 4.0 / 20.0)
    return ringing(frequencies, decays, levels, sample_rate)
