"""From scores in time to events, in one pass and in flat memory, however long the recording."""

from typing import List, NamedTuple, Optional

import numpy as np

TOLERANCE = 1e-6  # seconds: sums of steps are not exact, and 0.7 - 0.4 is a hair less than 0.3


class Found(NamedTuple):
    """An event that cannot grow any more.

    Parameters
    ----------
    label
        Its number.
    start, end
        Seconds.
    confidence
        Mean over its steps that reached the onset threshold, of their scores or of what was pushed in their place.
    """

    label: int
    start: float
    end: float
    confidence: float


class Tracker:
    """Follows the scores of all labels through a recording, with two thresholds each (hysteresis).

    An event is a run of steps whose scores reach the offset threshold and of which at least one reaches the onset
    threshold. Events of one label that are less than `gap_seconds` apart are one; what is then shorter than
    `minimum_seconds` is dropped. Where steps are missing, events end, and none reaches over the gap. A millionth of a
    second makes no difference.

    Parameters
    ----------
    onset, offset
        [labels], finite, ``offset <= onset``.
    minimum_seconds, gap_seconds
        0 or more.

    Raises
    ------
    ValueError
        The settings are none of these.
    """

    def __init__(self, onset: np.ndarray, offset: np.ndarray, minimum_seconds: float, gap_seconds: float) -> None:
        self.onset, self.offset = np.array(onset, np.float64), np.array(offset, np.float64)
        if self.onset.ndim != 1 or self.onset.shape != self.offset.shape:
            raise ValueError(
                f"onset and offset are [labels] both, not {list(self.onset.shape)} and {list(self.offset.shape)}"
            )
        if not (np.isfinite(self.onset).all() and np.isfinite(self.offset).all() and (self.offset <= self.onset).all()):
            raise ValueError("thresholds are finite, and none is higher for the offset than for the onset")
        if not (0 <= minimum_seconds < np.inf and 0 <= gap_seconds < np.inf):
            raise ValueError(f"seconds of 0 or more, not minimum {minimum_seconds!r} and gap {gap_seconds!r}")
        self.minimum_seconds, self.gap_seconds = float(minimum_seconds), float(gap_seconds)
        self._clear()

    def _clear(self) -> None:
        count = len(self.onset)
        self._now: Optional[float] = None  # the end of the last step
        self._running = np.zeros(count, bool)  # the run of each label that reaches the offset threshold now
        self._run_start, self._run_sum, self._run_steps = np.zeros(count), np.zeros(count), np.zeros(count, int)
        self._start, self._end = np.zeros(count), np.zeros(count)  # the event of each label that may still grow
        self._sum, self._steps = np.zeros(count), np.zeros(count, int)

    def push(
        self, start: float, end: float, scores: np.ndarray, confidence: Optional[np.ndarray] = None
    ) -> List[Found]:
        """Take the next step, and give the events that cannot grow any more.

        Parameters
        ----------
        start, end
            The stretch of time that the scores stand for, in seconds; it begins where the last one ended, or later.
        scores
            [labels], finite.
        confidence
            [labels], what an event's confidence is the mean of; None: the scores.

        Raises
        ------
        ValueError
            The step goes back in time or has no length, or its scores are no numbers, or not one a label.
        """
        scores = np.asarray(scores, np.float64)
        confidence = scores if confidence is None else np.asarray(confidence, np.float64)
        self._check(start, end, scores)
        found: List[Found] = []
        if self._now is not None and start > self._now + TOLERANCE:
            found = self.finish()
        first = start if self._now is None else self._now
        above, sure = scores >= self.offset, scores >= self.onset
        self._end_runs(self._running & ~above)
        begins = above & ~self._running
        self._run_start[begins], self._run_sum[begins], self._run_steps[begins] = first, 0.0, 0
        self._run_sum[sure] += confidence[sure]
        self._run_steps[sure] += 1
        self._running, self._now = above, float(end)
        soonest = np.where(self._running, self._run_start, self._now)  # where what comes next can begin
        return found + self._take((self._steps > 0) & (soonest - self._end >= self.gap_seconds - TOLERANCE))

    def _check(self, start: float, end: float, scores: np.ndarray) -> None:
        if scores.shape != self.onset.shape or not np.isfinite(scores).all():
            raise ValueError(f"a step has {len(self.onset)} finite scores, not {scores!r}")
        earliest = -np.inf if self._now is None else self._now
        if not (earliest - TOLERANCE <= start < end < np.inf and end > earliest):
            raise ValueError(f"a step from {start!r} to {end!r} s cannot follow one that ended at {earliest!r} s")

    def finish(self) -> List[Found]:
        """Give the events that are left: the recording ends here. What is pushed then begins anew."""
        self._end_runs(self._running)
        found = self._take(self._steps > 0)
        self._clear()
        return found

    def _end_runs(self, ended: np.ndarray) -> None:
        """Make events of the runs that ended, or parts of the events before them, which are near if still here."""
        events = ended & (self._run_steps > 0)
        fresh = events & (self._steps == 0)
        self._start[fresh], self._sum[fresh] = self._run_start[fresh], 0.0
        self._end[events] = self._now
        self._sum[events] += self._run_sum[events]
        self._steps[events] += self._run_steps[events]
        self._run_steps[ended] = 0

    def _take(self, final: np.ndarray) -> List[Found]:
        """Give events out, but for those that are too short."""
        long = self._end - self._start >= self.minimum_seconds - TOLERANCE
        found = [
            Found(int(n), float(self._start[n]), float(self._end[n]), float(self._sum[n] / self._steps[n]))
            for n in np.flatnonzero(final & long)
        ]
        self._steps[final] = 0
        return found
