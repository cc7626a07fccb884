"""How fast a service is asked: as fast as it takes, which it does not say."""

from __future__ import annotations

from collections import deque

from mediaml.aws.clock import Clock

KEPT = 0.9  # of the rate, once a call is refused
BACK = 3.0  # seconds until it is where it was
DOUBLED = 1.0  # seconds in which the rate doubles while the limit is searched for
WINDOW = 2.0  # seconds over which answers are counted
LEAST = 0.1  # calls a second


class Pace:
    """Spaces calls out. Until one is refused there is no limit; then the rate falls, and grows again.

    What was answered before the first refusal is a first guess, from which the rate doubles until a call is refused
    again. From then on it grows as that of CUBIC (Ha, Rhee & Xu 2008, "CUBIC: a new TCP-friendly high-speed TCP
    variant"): fast back to where the last call was refused, slowly around it, then faster, and then doubling again; so
    a service that grows with the load is found out. Unlike CUBIC's, the growth is a share of the rate: limits may be
    one call a second, or a hundred. To be used by one thread.

    Parameters
    ----------
    clock
        To wait with.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: deque[float] = deque()
        self._peak: float | None = None
        self._searching = True
        self._since = 0.0
        self._next = 0.0
        self._calls = 0
        self._calls_then = 0

    @property
    def rate(self) -> float | None:
        """Calls a second now; None: no limit is known."""
        if self._peak is None:
            return None
        past = self._clock.now() - self._since
        if self._searching:
            return max(LEAST, self._peak * 2 ** (past / DOUBLED))
        grown = 1 + (1 - KEPT) * (min(past, 2 * BACK) / BACK - 1) ** 3
        # twice as long without a refusal: the limit is not where it was, and is searched for again
        return max(LEAST, self._peak * grown * 2 ** (max(0.0, past - 2 * BACK) / DOUBLED))

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
        else:
            self._searching = False
        self._peak, self._since, self._calls_then = max(LEAST / KEPT, rate), now, self._calls
