"""Clocks whose waiting is short."""

from __future__ import annotations

import threading
import time
from typing import Protocol, runtime_checkable


@runtime_checkable
class MovableClock(Protocol):
    """A clock that can be put forward."""

    def now(self) -> float:
        """Seconds since 1970, as it says."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def advance(self, seconds: float) -> None:
        """Put it forward."""


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
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970, by the clock on the wall, and as far ahead of it as it was put."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put it forward."""
        self._ahead += seconds

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

    def advance(self, seconds: float) -> None:
        """Put it forward."""
        self.sleep(seconds)
