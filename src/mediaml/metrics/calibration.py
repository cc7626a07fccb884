"""Whether stated confidence is true: proper scores, and what chance alone makes of a calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mediaml.metrics.intervals import Bools, Floats, Ints, Weights, wilson
from mediaml.runtime.calibration import reliability
from mediaml.values.report import LabelOutcome

BINS, DRAWS, FEWEST_DRAWS, SEED = 10, 2000, 100, 20
MOST_WORK, AT_ONCE = 20_000_000, 2_000_000  # clips times draws
LEAST_PROBABILITY = 1e-12


class Bin(NamedTuple):
    """Clips of similar confidence.

    Parameters
    ----------
    confidence, accuracy
        Mean stated confidence, and the share that is right.
    clips
        How many.
    low, high
        95 % interval of the share (Wilson 1927), which takes the clips for independent.
    chance_low, chance_high
        Where the share would lie in 95 % of tests if the confidences were true.
    """

    confidence: float
    accuracy: float
    clips: int
    low: float
    high: float
    chance_low: float
    chance_high: float


def brier_scores(outcomes: Sequence[LabelOutcome]) -> Floats:
    """Brier's score of each clip, 0 to 2, float64 [clips]: the sum over the labels of (probability - truth) squared.

    Brier 1950, "Verification of forecasts expressed in terms of probability". A label that the prediction does not
    name has probability 0.
    """
    return np.array([_brier(outcome) for outcome in outcomes])


def _brier(outcome: LabelOutcome) -> float:
    alternatives = outcome.prediction.alternatives
    true = sum(one.confidence for one in alternatives if one.label == outcome.truth)
    others = sum(one.confidence**2 for one in alternatives if one.label != outcome.truth)
    return (1.0 - true) ** 2 + others


def log_losses(outcomes: Sequence[LabelOutcome]) -> Floats:
    """Minus the natural logarithm of the true label's probability, float64 [clips].

    Probabilities below 1e-12 count as 1e-12: one clip that was thought impossible costs 27.6, not infinity.
    """
    true = [
        sum(one.confidence for one in outcome.prediction.alternatives if one.label == outcome.truth)
        for outcome in outcomes
    ]
    losses: Floats = -np.log(np.clip(true, LEAST_PROBABILITY, 1.0))
    return losses


def weighted_calibration_errors(confidence: Floats, correct: Bools, weights: Weights) -> Floats:
    """Calibration error, as `runtime.calibration` defines it, of clips that count several times or not at all.

    The bins of each draw hold equal counts of that draw. The sum over a bin is a difference of two points of the
    running sum over the sorted clips; an edge may lie within a clip that counts several times.

    Parameters
    ----------
    confidence, correct
        [clips].
    weights
        Whole numbers, [clips, draws].

    Returns
    -------
    float64 [draws]; NaN where a draw has no clips.
    """
    order = np.argsort(confidence, kind="stable")
    gap = (confidence - correct)[order]
    drawn = weights[order].T  # [draws, clips]
    counted = np.cumsum(drawn, axis=1, dtype=np.float64)
    summed = np.cumsum(drawn * gap, axis=1)
    errors = np.full(len(drawn), np.nan)
    for number, (count, total) in enumerate(zip(counted, summed, strict=True)):
        if count[-1] > 0:
            each, left = divmod(int(count[-1]), BINS)
            edges = np.array([bin * each + min(bin, left) for bin in range(BINS + 1)], float)
            at = np.searchsorted(count, edges)
            reached = total[at] - (count[at] - edges) * gap[at]
            errors[number] = np.abs(np.diff(reached)).sum() / count[-1]
    return errors


def by_chance(confidence: Floats, together: Ints | None = None) -> Floats:
    """Simulate tests of a model whose confidences are true: the share that is right in each bin of equal counts.

    In each draw, a clip is right with the probability that was stated. However well calibrated, such a model shows a
    calibration error: in a bin of 10 clips at 75 %, seven or eight are right, or six, or nine. What a test of this size
    shows by chance is what a measured error must be compared with.

    Parameters
    ----------
    confidence
        [clips], 0 to 1.
    together
        The number of each clip's recording: its clips are right or wrong together, as far as their confidences allow.
        None: each clip for itself.

    Returns
    -------
    float64 [draws, bins], the least sure bin first. 2000 draws; fewer, but at least 100, of more than 10,000 clips.
    """
    order = np.argsort(confidence, kind="stable")
    starts, sizes = _bins(len(order))
    sure = confidence[order].astype(np.float32)
    draws = min(DRAWS, max(FEWEST_DRAWS, MOST_WORK // len(order)))
    step = max(1, min(draws, AT_ONCE // len(order)))
    random, parts = np.random.default_rng(SEED), []
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        if together is None:
            luck = random.random((rows, len(order)), np.float32)
        else:
            luck = random.random((rows, int(together.max()) + 1), np.float32)[:, together[order]]
        parts.append(np.add.reduceat(luck < sure, starts, axis=1, dtype=np.int64) / sizes)
    return np.concatenate(parts)


def _bins(clips: int) -> tuple[Ints, Ints]:
    """Where the bins of equal counts begin in the sorted clips, and how many each holds."""
    sizes = np.array([len(part) for part in np.array_split(np.arange(clips), min(BINS, clips))], np.int64)
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes


def errors_by_chance(confidence: Floats, simulated: Floats) -> Floats:
    """Calibration errors, float64 [draws], of what `by_chance` simulated."""
    starts, sizes = _bins(len(confidence))
    stated = np.add.reduceat(np.sort(confidence), starts) / sizes
    errors: Floats = (np.abs(simulated - stated) * sizes).sum(axis=1) / len(confidence)
    return errors


def reliability_bins(outcomes: Sequence[LabelOutcome]) -> list[Bin]:
    """Compare confidence with accuracy in up to ten groups of equally many clips, the least sure first."""
    confidence = np.array([one.prediction.confidence for one in outcomes])
    return bins_of(confidence, np.array([one.correct for one in outcomes], bool))


def bins_of(confidence: Floats, true: Bools) -> list[Bin]:
    """Compare confidences with what is true, [n], in up to ten groups of equal counts."""
    correct = true.astype(float)
    low, high = np.quantile(by_chance(confidence), [0.025, 0.975], axis=0)
    bins = []
    for number, (stated, right, share) in enumerate(zip(*reliability(confidence, correct, BINS), strict=True)):
        clips = round(float(share) * len(confidence))
        bounds = wilson(float(right) * clips, clips)
        bins.append(Bin(float(stated), float(right), clips, *bounds, float(low[number]), float(high[number])))
    return bins
