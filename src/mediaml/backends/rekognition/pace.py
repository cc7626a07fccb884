"""How fast a service is asked: as fast as it takes, which it does not say."""

from __future__ import annotations

from collections import deque

from mediaml.aws.clock import Clock

KEPT = 0.9  # of the rate, once a call is refused
GROWTH = 0.4  # calls a second, per second cubed (CUBIC's C)
WINDOW = 2.0  # seconds over which answers are counted
LEAST = 0.1  # calls a second


class Pace:
    """Spaces calls out. Until one is refused there is no limit; then the rate falls, and grows again.

    The growth is that of CUBIC (Ha, Rhee & Xu 2008, "CUBIC: a new TCP-friendly high-speed TCP variant"): fast back to
    where the last call was refused, slowly around it, then faster. A service that grows with the load is so found out.
    To be used by one thread.

    Parameters
    ----------
    clock
        To wait with.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: deque[float] = deque()
        self._peak: float | None = None
        self._since = 0.0
        self._next = 0.0
        self._calls = 0
        self._calls_then = 0

    @property
    def rate(self) -> float | None:
        """Calls a second now; None: no limit is known."""
        if self._peak is None:
            return None
        back = (self._peak * (1 - KEPT) / GROWTH) ** (1 / 3)
        past = self._clock.now() - self._since - back
        grown: float = self._peak + GROWTH * past**3
        return max(LEAST, grown)

    def wait(self) -> int:
        """Wait until the next call may be made, and give its number."""
        rate = self.rate
        if rate is not None:
            now = self._clock.now()
            begin = max(now, self._next)
            self._next = begin + 1 / rate
            if begin > now:
                self._clock.sleep(begin - now)
        self._calls += 1
        return self._calls

    def answered(self) -> None:
        """A call was answered."""
        now = self._clock.now()
        self._answers.append(now)
        while self._answers and self._answers[0] < now - WINDOW:
            self._answers.popleft()

    def refused(self, call: int) -> None:
        """A call was refused because there were too many; those made before the last refusal tell nothing new."""
        if call <= self._calls_then:
            return
        now, rate = self._clock.now(), self.rate
        if rate is None:
            span = max(1.0, now - self._answers[0]) if self._answers else 1.0
            rate = max(1.0, len(self._answers) / span)
        self._peak, self._since, self._calls_then = max(LEAST / KEPT, rate), now, self._calls
