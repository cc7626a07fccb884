"""The queue: bounded, several requests answered together, nobody worked for who does not wait."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from mediaml.errors import AudioError, NotDeployedError, ServiceBusyError
from mediaml.service.queue import Job, Queue

SOON = 10.0  # seconds


class Watched:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.passed_over = 0

    def batch(self, items: int) -> None:
        self.batches.append(items)

    def abandoned(self) -> None:
        self.passed_over += 1


class Gate:
    """A handler that is held up until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.seen: list[list[Any]] = []

    def __call__(self, payloads: Sequence[Any]) -> list[Any]:
        self.seen.append(list(payloads))
        self.begun.set()
        assert self.let_go.wait(SOON)
        return [one * 10 for one in payloads]


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def queue(watched: Watched) -> Iterator[Queue]:
    made = Queue(places=2, most=4, watching=watched, threads=1)
    made.start()
    yield made
    made.close()
    made.join(SOON)
    assert not made.alive


def held_up(queue: Queue, gate: Gate) -> Job:
    """Give the only thread something to do, and wait until it does it."""
    first = queue.submit(gate, 0, 1)
    assert gate.begun.wait(SOON)
    return first


def test_what_waits_is_answered_together_and_in_order(queue: Queue, watched: Watched) -> None:
    gate = Gate()
    first = held_up(queue, gate)
    rest = [queue.submit(gate, number, 1) for number in range(1, 7)]
    assert queue.waiting == 6
    gate.let_go.set()
    assert [job.future.result(SOON) for job in (first, *rest)] == [0, 10, 20, 30, 40, 50, 60]
    assert gate.seen == [[0], [1, 2, 3, 4], [5, 6]]
    assert watched.batches == [1, 4, 2]


def test_a_payload_with_many_items_waits_for_its_own_batch(queue: Queue, watched: Watched) -> None:
    gate = Gate()
    held_up(queue, gate)
    jobs = [queue.submit(gate, number, items) for number, items in ((1, 3), (2, 9), (3, 1))]
    gate.let_go.set()
    assert [job.future.result(SOON) for job in jobs] == [10, 20, 30]
    assert gate.seen == [[0], [1, 3], [2]], "small ones go before it, where they fit"
    assert watched.batches == [1, 4, 9]


def test_different_kinds_of_work_are_not_mixed(queue: Queue) -> None:
    gate, other = Gate(), Gate()
    held_up(queue, gate)
    jobs = [queue.submit(handler, number, 1) for number, handler in ((1, gate), (2, other), (3, gate))]
    gate.let_go.set()
    other.let_go.set()
    assert [job.future.result(SOON) for job in jobs] == [10, 20, 30]
    assert (gate.seen, other.seen) == ([[0], [1, 3]], [[2]])


def test_of_what_takes_long_one_is_worked_on_at_a_time(watched: Watched) -> None:
    queue = Queue(places=9, most=4, watching=watched, threads=2)
    queue.start()
    long, short = Gate(), Gate()
    first = queue.submit(long, 0, 1, alone=True)
    assert long.begun.wait(SOON)
    second, third = queue.submit(long, 1, 1, alone=True), queue.submit(short, 2, 1)
    assert short.begun.wait(SOON), "the other thread passes over what takes long"
    short.let_go.set()
    assert third.future.result(SOON) == 20
    assert (long.seen, queue.waiting) == ([[0]], 1)
    long.let_go.set()
    assert [job.future.result(SOON) for job in (first, second)] == [0, 10]
    assert long.seen == [[0], [1]]
    queue.close()
    queue.join(SOON)
    assert not any(thread.is_alive() for thread in queue._threads)


def test_what_is_short_is_not_answered_together_with_what_takes_long(queue: Queue) -> None:
    gate, other = Gate(), Gate()
    first = held_up(queue, gate)
    long, short = queue.submit(other, 1, 1, alone=True), queue.submit(other, 2, 1)
    gate.let_go.set()
    other.let_go.set()
    assert [job.future.result(SOON) for job in (first, long, short)] == [0, 10, 20]
    assert other.seen == [[1], [2]]


def test_nobody_works_for_who_has_given_up(queue: Queue, watched: Watched) -> None:
    gate = Gate()
    first = held_up(queue, gate)
    gone, stays = queue.submit(gate, 1, 1), queue.submit(gate, 2, 1)
    assert gone.future.cancel()
    gate.let_go.set()
    assert (first.future.result(SOON), stays.future.result(SOON)) == (0, 20)
    assert gate.seen == [[0], [2]]
    assert watched.passed_over == 1


def test_what_nobody_waits_for_is_forgotten_though_all_threads_are_busy(queue: Queue, watched: Watched) -> None:
    class Payload:
        """Can be looked for."""

    gate = Gate()
    first = held_up(queue, gate)
    gone = Payload()
    held = weakref.ref(gone)
    job = queue.submit(gate, gone, 1)
    del gone
    assert queue.waiting == 1 and held() is not None
    assert job.future.cancel()
    del job
    gc.collect()
    assert queue.waiting == 0 and held() is None
    gate.let_go.set()
    assert first.future.result(SOON) == 0
    assert watched.passed_over == 1


def test_what_is_begun_keeps_its_place_until_it_ends(queue: Queue) -> None:
    class Asked:
        """Somebody."""

        job: Job | None = None

    gate, asked, waiting = Gate(), Asked(), Asked()
    with queue.place(asked), queue.place(waiting):
        asked.job, waiting.job = held_up(queue, gate), queue.submit(gate, 1, 1)
        assert not asked.job.future.cancel(), "it has begun"
        assert waiting.job.future.cancel()
    assert queue.taken == 1, "who only waited has left, what is worked on is still here"
    gate.let_go.set()
    assert asked.job.future.result(SOON) == 0
    queue.close()
    queue.join(SOON)
    assert queue.taken == 0


def test_one_that_breaks_a_batch_does_not_take_the_others_with_it(queue: Queue) -> None:
    gate = Gate()
    held_up(queue, gate)

    def fragile(payloads: Sequence[int]) -> list[int]:
        if 2 in payloads:
            raise MemoryError("2 is too much")
        return [-one for one in payloads]

    jobs = [queue.submit(fragile, number, 1) for number in (1, 2, 3)]
    gate.let_go.set()
    assert jobs[0].future.result(SOON) == -1
    assert jobs[2].future.result(SOON) == -3
    with pytest.raises(MemoryError):
        jobs[1].future.result(SOON)


def test_an_answer_may_be_an_error_of_its_own(queue: Queue) -> None:
    job = queue.submit(lambda payloads: [AudioError("a.wav", "silent") for _ in payloads], None, 1)
    with pytest.raises(AudioError, match="silent"):
        job.future.result(SOON)


def test_places_are_counted_and_given_back(queue: Queue) -> None:
    with queue.place():
        with queue.place():
            assert queue.taken == 2
            with pytest.raises(ServiceBusyError, match="2 requests"), queue.place():
                pytest.fail("a third one was let in")
        with queue.place():
            assert queue.taken == 2
    assert queue.taken == 0


def test_who_waits_when_it_is_closed_is_told_and_what_is_begun_is_finished(queue: Queue) -> None:
    gate = Gate()
    first = held_up(queue, gate)
    waiting = queue.submit(gate, 1, 1)
    queue.close()
    gate.let_go.set()
    assert first.future.result(SOON) == 0
    with pytest.raises(NotDeployedError):
        waiting.future.result(SOON)
    with pytest.raises(NotDeployedError):
        queue.submit(gate, 2, 1)
    with pytest.raises(NotDeployedError), queue.place():
        pytest.fail("somebody was let in")


def test_the_time_to_wait_follows_the_time_that_requests_take(queue: Queue) -> None:
    assert queue.retry_after == 1
    queue._mean, queue.taken = 3.0, 2
    assert queue.retry_after == 6
    queue._mean = 1000.0
    assert queue.retry_after == 60
    queue.taken = 0
