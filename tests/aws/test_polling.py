"""Waiting: less and less often, past lost answers, and never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mediaml.aws.polling import LONGEST, PATIENCE, poll
from mediaml.errors import AwsAccessError, AwsConnectionError, AwsThrottledError, WaitedTooLongError


class Clock:
    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def looking(*states: object) -> Callable[[], object]:
    left: Iterator[object] = iter(states)

    def look() -> object:
        state = next(left)
        if isinstance(state, Exception):
            raise state
        return state

    return look


def test_it_looks_until_it_is_over() -> None:
    clock = Clock()
    assert poll(looking("a", "b", "over"), lambda state: state == "over", clock, "x") == "over"
    assert len(clock.slept) == 2


def test_what_is_over_already_is_not_waited_for() -> None:
    clock = Clock()
    assert poll(looking("over"), bool, clock, "x") == "over"
    assert clock.slept == []


def test_the_pauses_grow_up_to_half_a_minute() -> None:
    clock = Clock()
    poll(looking(*[""] * 30, "over"), bool, clock, "x")
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[0] < 5 < clock.slept[-1] == LONGEST


@pytest.mark.parametrize("lost", [AwsThrottledError("slow down"), AwsConnectionError("no answer")], ids=repr)
def test_a_lost_answer_is_no_reason_to_give_up(lost: Exception) -> None:
    assert poll(looking(lost, lost, "over"), bool, Clock(), "x") == "over"
    with pytest.raises(type(lost)):
        poll(looking(*[lost] * (PATIENCE + 1)), bool, Clock(), "x")


def test_what_is_denied_is() -> None:
    with pytest.raises(AwsAccessError):
        poll(looking(AwsAccessError("no")), bool, Clock(), "x")


def test_waiting_ends() -> None:
    clock = Clock()
    with pytest.raises(WaitedTooLongError, match="the job x was not over in 100 s, and still goes on"):
        poll(lambda: "", bool, clock, "the job x", 100)
    assert 100 < clock.time < 100 + 2 * LONGEST
