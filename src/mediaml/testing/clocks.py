"""Clocks whose waiting is short."""

from __future__ import annotations

import threading
import time


class HurriedClock:
    """A clock on which a long wait takes a moment: processes beside it go on at their own pace.

    Parameters
    ----------
    moment
        Seconds that a wait really takes, at most.
    """

    def __init__(self, moment: float = 0.05) -> None:
        self.moment = moment
        self.slept: list[float] = []

    def now(self) -> float:
        """Seconds since 1970, by the clock on the wall."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for a moment, and note how long it should have been."""
        self.slept.append(seconds)
        time.sleep(min(seconds, self.moment))


class SteppedClock:
    """A clock that stands still, but for who waits: then it is at once as late as it would be.

    For what is timed by this clock alone; processes beside it go on at their own pace.
    """

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970, as it says."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Be later."""
        with self._lock:
            self._now += max(0.0, seconds)
