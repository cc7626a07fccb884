"""Waves whose tops are cut off flat."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SHORTEST_TOP = 3  # samples: two equal ones happen in every sound
QUIETEST_TOP = 0.05  # of full scale: below -26 dBFS flat tops are the steps of few bits
STEEPEST_ROUNDING = 4  # steps of the quantiser: a round top, rounded to few bits, is reached in smaller ones


def flat_tops(samples: npt.NDArray[Any]) -> tuple[int, int]:
    """Count the samples of one channel that lie on flat tops.

    A flat top is a run of at least three samples at the highest or at the lowest value, which the wave reaches
    abruptly. The top of a slow round wave is flat too once it is rounded to whole steps; but there the wave comes from
    the next step below or the one after it.

    Parameters
    ----------
    samples
        Float [samples], a second or two.

    Returns
    -------
    Samples on flat tops, and flat tops.
    """
    above, below = _tops(samples), _tops(-samples)
    return above[0] + below[0], above[1] + below[1]


def _tops(wave: npt.NDArray[Any]) -> tuple[int, int]:
    peak = wave.max(initial=0.0)
    at_peak = wave >= peak
    if peak < QUIETEST_TOP or np.count_nonzero(at_peak) < SHORTEST_TOP or at_peak.all():
        return 0, 0
    edges = np.flatnonzero(np.diff(at_peak.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= SHORTEST_TOP
    starts, ends = starts[long], ends[long]
    step = peak - wave[~at_peak].max()
    before = np.where(starts > 0, wave[starts - 1], peak)
    after = np.where(ends < len(wave), wave[np.minimum(ends, len(wave) - 1)], peak)
    abrupt = peak - np.minimum(before, after) > STEEPEST_ROUNDING * step
    return int((ends - starts)[abrupt].sum()), int(np.count_nonzero(abrupt))
