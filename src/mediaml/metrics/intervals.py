"""How far figures can be trusted: what they would be on other recordings of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.values.interval import Interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float32]
"""How often each clip was drawn, float32 [clips, draws]."""

Measure = Callable[[Weights], Mapping[str, npt.NDArray[np.floating[Any]]]]
"""Weights [clips, draws] to figures by name, each [draws]; NaN where a draw has none."""

DRAWS, FEWEST_DRAWS, SEED = 1000, 200, 20
MOST_WORK = 100_000_000  # clips times draws: about 4 s
AT_ONCE = 4_000_000  # clips times draws in memory at a time
ALIKE = 1e-6  # draws that differ by less differ by rounding
OUTSIDE = 0.025  # on either side
FEW_RECORDINGS = 5
CERTAIN = 1.959964  # standard deviations of a normal distribution that hold 95 %


def numbered(recordings: Sequence[Hashable]) -> Ints:
    """Number the recordings from 0 in the order in which they come: int64 [clips]."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) for one in recordings], np.int64)


def bootstrap(recordings: Ints, measure: Measure, work: int = 1) -> dict[str, Floats]:
    """Measure again on recordings that are drawn from those at hand, with replacement and as many of them.

    Whole recordings are drawn, never clips: clips of one recording are alike, and taking them for independent makes
    every interval too narrow (Field & Welsh 2007, "Bootstrapping clustered data", their cluster bootstrap). The draws
    are seeded: the same clips give the same intervals.

    Parameters
    ----------
    recordings
        The number of each clip's recording, int [clips], as `numbered` gives it.
    measure
        Weights [clips, draws] to figures, each [draws].
    work
        How many times over the clips `measure` goes, the number of labels for instance. Where clips times draws times
        `work` pass 100 million, there are fewer draws than 1000, but never fewer than 200.

    Returns
    -------
    Each figure in every draw, float64 [draws].
    """
    clips, count = len(recordings), int(recordings.max()) + 1
    draws = min(DRAWS, max(FEWEST_DRAWS, MOST_WORK // (clips * max(1, work))))
    step = max(1, min(draws, AT_ONCE // clips))
    random = np.random.default_rng(SEED)
    found: dict[str, list[npt.NDArray[np.floating[Any]]]] = {}
    for start in range(0, draws, step):
        weights = _drawn(random, count, min(step, draws - start))
        for name, values in measure(weights[recordings]).items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values).astype(np.float64) for name, values in found.items()}


def _drawn(random: np.random.Generator, count: int, draws: int) -> Weights:
    """Draw `count` of `count` recordings, `draws` times: float32 [count, draws], how often each was drawn."""
    places = random.integers(0, count, (count, draws)) * draws + np.arange(draws)
    return np.bincount(places.ravel(), minlength=count * draws).reshape(count, draws).astype(np.float32)


def interval(values: Floats, figure: float, recordings: int, *, centred: bool = False) -> Interval | None:
    """Give the 95 % interval of a figure from its draws.

    It reaches from the 2.5th to the 97.5th percentile, and further where there are few recordings: percentiles alone
    are too narrow then, as a normal distribution is beside Student's t (Hesterberg 2015, "What teachers should know
    about the bootstrap", its expanded percentile interval).

    Parameters
    ----------
    values
        The figure in each draw, float64 [draws]; NaN where a draw has none.
    figure
        On the clips as they are; it lies in the interval, always.
    recordings
        How many were drawn from.
    centred
        Move the draws so that their mean is the figure, none of them below 0. For figures that chance can only raise,
        as it does a calibration error: every draw adds chance to chance, and without this all would lie above it.

    Returns
    -------
    None where the draws do not differ, as those of an F1 of 1 do not: that says nothing of other recordings, and
    "1.000 to 1.000" would claim certainty.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0 or np.ptp(known) < ALIKE:
        return None
    moved = np.maximum(0.0, known - known.mean() + figure) if centred else known
    outside = _outside(recordings)
    low, high = np.quantile(moved, [outside, 1 - outside])
    return Interval(low=min(float(low), figure), high=max(float(high), figure))


def _outside(recordings: int) -> float:
    """Say which share of the draws lies outside, on either side: 2.5 % for many recordings, none for one or two."""
    if recordings < 2:
        return 0.0
    from scipy.special import ndtr, stdtrit

    return float(ndtr(stdtrit(recordings - 1, OUTSIDE) * (recordings / (recordings - 1)) ** 0.5))


def share_interval(values: Floats, right: Bools, recordings: Ints) -> Interval:
    """Give the 95 % interval of the share that is right, honest too where all of it is.

    Where all clips are right, every draw is, and the bootstrap would say 100 to 100 %. So the interval reaches as far
    as the bootstrap's and Wilson's (1927) together, the latter for the effective number of independent trials.

    Parameters
    ----------
    values
        The share in each draw, float64 [draws].
    right
        Bool [clips].
    recordings
        The number of each clip's recording, int [clips].
    """
    trials = effective_trials(values, right, recordings)
    share = float(right.mean()) if len(right) else 0.0
    low, high = wilson(share * trials, trials)
    drawn = interval(values, share, len(np.unique(recordings)))
    if drawn is not None:
        low, high = min(low, drawn.low), max(high, drawn.high)
    return Interval(low=low, high=min(1.0, high))


def effective_trials(values: Floats, right: Bools, recordings: Ints) -> float:
    """Say how many independent clips would leave the share as uncertain as these clips of recordings do.

    That is ``share * (1 - share) / variance``, with the variance of the draws, as Korn & Graubard (1998, "Confidence
    intervals for proportions with small expected number of positive counts estimated from survey data") put it into
    binomial intervals. It is at most the number of clips, and at least Kish's (1965) effective number of recordings:
    more alike than wholly alike no clips are. Where fewer than five recordings hold a wrong clip, or a right one, the
    variance is not known well enough, and the clips of a recording are taken for wholly alike. Five was chosen by
    simulation (recordings of unequal difficulty, 5 to 200 of them): with it, 94 to 99 of 100 intervals hold the truth;
    without it, 88 in the worst case.

    Parameters
    ----------
    values
        The share in each draw, float64 [draws].
    right, recordings
        As in `share_interval`.
    """
    least = effective_number(recordings)
    held = min(len(np.unique(recordings[right])), len(np.unique(recordings[~right])))
    variance = float(np.nanvar(values)) if np.isfinite(values).any() else 0.0
    if held < FEW_RECORDINGS or variance == 0:
        return least
    share = float(right.mean())
    return max(least, min(float(len(right)), share * (1 - share) / variance))


def effective_number(recordings: Ints) -> float:
    """Say how many recordings of equal size are worth as much as these: ``(sum m)^2 / sum m^2`` with m clips each.

    From 1 to the number of recordings; 0 for none.
    """
    if len(recordings) == 0:
        return 0.0
    sizes = np.bincount(recordings).astype(float)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def wilson(hits: float, total: float) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson 1927): honest for few trials and for shares close to 0 and 1."""
    if total == 0:
        return 0.0, 1.0
    share, square = hits / total, CERTAIN**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = CERTAIN / (1 + square / total) * (share * (1 - share) / total + square / (4 * total**2)) ** 0.5
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
