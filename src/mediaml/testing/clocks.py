"""A clock whose waiting is short."""

from __future__ import annotations

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
