"""Recordings that are much shorter or longer than the others, and clips that are for all recognisers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, isnan, log
from statistics import median

from mediaml.data.checks.finding import Finding, counted
from mediaml.data.checks.measure import FRAME_SECONDS
from mediaml.data.checks.sounds import Sound, rows_of

SHORTEST = FRAME_SECONDS  # less does not fill one analysis window
FACTOR = 4.0  # so many times shorter or longer than the median is suspicious
DEVIATIONS = 5.0  # ... where that is also far outside of how much the lengths vary (by their median deviation)
NORMAL = 1.4826  # median deviation to standard deviation, for a normal distribution
ENOUGH = 8  # recordings, to say what their usual length is
ADVISED = (3.0, 10.0)  # seconds
TOLERANCE = 0.05  # files are often a few milliseconds longer or shorter than they should be


def odd_lengths(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find recordings of odd length, against those of the same labels, or against all where these are few."""
    readable = [sound for sound in sounds if sound.measured.failure is None]
    by_labels: dict[tuple[str, ...], list[float]] = {}
    for sound in readable:
        by_labels.setdefault(sound.labels, []).append(sound.measured.seconds)
    everything = [sound.measured.seconds for sound in readable]
    usual = {labels: _usual(own if len(own) >= ENOUGH else everything) for labels, own in by_labels.items()}
    for sound in readable:
        seconds = sound.measured.seconds
        shortest, middle, longest = usual[sound.labels]
        against_usual = f"{seconds:.2f} s, the median is {middle:.2f} s"
        if seconds < SHORTEST:
            yield Finding(
                "too_short", f"{seconds * 1000:.1f} ms do not fill one analysis window", sound.path, sound.labels
            )
        elif seconds < shortest and sound.measured.missing is None:
            yield Finding("too_short", against_usual, sound.path, sound.labels)
        elif seconds > longest and sound.uncut:
            yield Finding("too_long", against_usual, sound.path, sound.labels)


def tiny_clips(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find recordings with clips that do not fill one analysis window: labels of a point in time, for instance."""
    for sound in sounds:
        tiny = [row for row in sound.rows if row.seconds < SHORTEST]
        if tiny and not sound.uncut and sound.measured.failure is None:
            detail = f"{counted(len(tiny), 'clip')} of {len(sound.rows):,} shorter than {SHORTEST * 1000:.0f} ms"
            yield Finding("too_short", f"{detail}, the first at {tiny[0].start:.2f} s", sound.path, sound.labels)


def _usual(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Give the shortest, the median and the longest usual length."""
    if len(seconds) < ENOUGH:
        return 0.0, median(seconds), float("inf")
    lengths = [log(one) for one in seconds]
    middle = median(lengths)
    spread = NORMAL * median(abs(one - middle) for one in lengths)
    reach = max(log(FACTOR), DEVIATIONS * spread)
    return exp(middle - reach), exp(middle), exp(middle + reach)


def advised_lengths(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Advise once where clips are shorter than 3 s or longer than 10 s."""
    usable = [sound for sound in sounds if sound.measured.failure is None]
    lengths = [row.seconds for row in rows_of(usable) if not isnan(row.seconds)]
    short = [one for one in lengths if one < ADVISED[0] * (1 - TOLERANCE)]
    long = [one for one in lengths if one > ADVISED[1] * (1 + TOLERANCE)]
    told = []
    if short:
        told.append(
            f"{counted(len(short), 'clip')} of {len(lengths):,} shorter than {ADVISED[0]:g} s ({min(short):.2g} s)"
        )
    if long:
        told.append(
            f"{counted(len(long), 'clip')} of {len(lengths):,} longer than {ADVISED[1]:g} s (up to {max(long):.1f} s)"
        )
    if told:
        yield Finding("clip_length", ", ".join(told))
