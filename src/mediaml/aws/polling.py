"""Waiting for what takes minutes or hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mediaml.aws.clock import Clock
from mediaml.errors import AwsConnectionError, AwsThrottledError, WaitedTooLongError

T = TypeVar("T")
FIRST, LONGEST, GROWTH = 2.0, 30.0, 1.3  # seconds between two looks


def poll(
    look: Callable[[], T], is_over: Callable[[T], bool], clock: Clock, what: str, at_most: float | None = None
) -> T:
    """Look again and again until it is over, less and less often.

    A look that is throttled, or gets no answer, is no reason to stop looking.

    Parameters
    ----------
    look
        Gives the state.
    is_over
        Of a state.
    clock
        To wait with.
    what
        What is waited for, for the error.
    at_most
        Seconds; None: as long as it takes.

    Returns
    -------
    The last state.

    Raises
    ------
    WaitedTooLongError
        It was not over in time.
    """
    begun, pause, lost = clock.now(), FIRST, 0
    while True:
        try:
            state = look()
            lost = 0
            if is_over(state):
                return state
        except (AwsThrottledError, AwsConnectionError):
            lost += 1
            if lost > PATIENCE:
                raise
        if at_most is not None and clock.now() - begun > at_most:
            raise WaitedTooLongError(f"{what} was not over in {at_most:.0f} s, and still goes on")
        clock.sleep(pause)
        pause = min(LONGEST, pause * GROWTH)


PATIENCE = 20  # looks in a row that get no answer
