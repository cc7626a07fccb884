"""What waits for the model: so many requests and no more, several of them answered together.

The model works on few threads, and MXNet on one (docs/decisions/0002-mxnet-on-one-thread.md). Whoever no longer waits
is not worked for: the job's future is cancelled, and the queue forgets it. What was begun keeps its place to its end.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from mediaml.errors import NotDeployedError, ServiceBusyError

LONGEST_WAIT = 60  # seconds that anybody is told to wait before asking again
REMEMBERED = 0.9  # of the mean time a request takes, at each new one


class Handler(Protocol):
    """Answers payloads, several at once."""

    def __call__(self, payloads: Sequence[Any]) -> Sequence[Any]:
        """Give one answer a payload, in order; an exception is an answer, too."""


class Watching(Protocol):
    """Is told what the queue does."""

    def batch(self, items: int) -> None:
        """So many items are worked on together."""

    def abandoned(self) -> None:
        """A request was passed over, because nobody waits for it."""


@dataclass(eq=False)
class Job:
    """A payload that waits for its answer.

    Parameters
    ----------
    handler
        Who answers it.
    payload
        What is asked.
    items
        How many files it holds.
    alone
        It takes long: of such jobs one is worked on at a time, so that a thread is left for all others.
    """

    handler: Handler
    payload: Any
    items: int
    alone: bool = False
    future: Future[Any] = field(default_factory=Future)
    entered: float = field(default_factory=time.monotonic)
    began: float | None = None
    ended: float | None = None

    @property
    def waited(self) -> float:
        """Seconds from its entry to the beginning of the work on it, or until now."""
        return (self.began or time.monotonic()) - self.entered

    @property
    def worked(self) -> float:
        """Seconds of work on it and on what was answered together with it."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began


class Asking(Protocol):
    """Whoever holds a place: what it had submitted is its job."""

    job: Job | None


class Queue:
    """A bounded queue with a few threads behind it.

    Parameters
    ----------
    places
        Requests in the house at once.
    most
        Items that are answered together.
    threads
        Two: while one waits for the network, the other one decodes.
    watching
        Is told of batches.
    """

    def __init__(self, places: int, most: int, watching: Watching, threads: int = 2) -> None:
        self.places = places
        self.taken = 0
        self.draining = False
        self._most, self._watching = most, watching
        self._jobs: deque[Job] = deque()
        self._begun: set[Job] = set()
        self._lock = threading.Condition()
        self._closed = self._given_up = False
        self._mean = 0.0
        self._threads = [
            threading.Thread(target=self._work, name=f"mediaml-service-{n}", daemon=True) for n in range(threads)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether all threads work."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def waiting(self) -> int:
        """How many jobs nobody works on yet."""
        return len(self._jobs)

    @property
    def working(self) -> bool:
        """Whether anything is worked on."""
        return bool(self._begun)

    @property
    def retry_after(self) -> int:
        """Whole seconds after which there should be a place again."""
        return max(1, min(LONGEST_WAIT, round(self._mean * self.taken)))

    @contextmanager
    def place(self, asking: Asking | None = None) -> Iterator[None]:
        """Hold a place in the house.

        Parameters
        ----------
        asking
            Keeps it beyond the block for as long as its job is worked on, whether anybody waits for that or not: what
            was sent is held until then.

        Raises
        ------
        NotDeployedError
            The service is about to end.
        ServiceBusyError
            There is no place.
        """
        if self.draining:
            raise NotDeployedError("this service is about to end and takes no more requests: ask another one")
        with self._lock:
            if self.taken >= self.places:
                raise ServiceBusyError(f"{self.places} requests are in the house already: ask again later", 429)
            self.taken += 1
        try:
            yield
        finally:
            if asking is None or asking.job is None:
                self._leave()
            else:
                asking.job.future.add_done_callback(lambda _: self._leave())

    def _leave(self) -> None:
        with self._lock:
            self.taken -= 1

    def submit(self, handler: Handler, payload: Any, items: int, alone: bool = False) -> Job:
        """Let a payload wait; its answer is the job's future.

        Raises
        ------
        NotDeployedError
            The queue was closed.
        """
        job = Job(handler, payload, items, alone)
        with self._lock:
            if self._closed:
                raise NotDeployedError("this service has ended")
            self._jobs.append(job)
            self._lock.notify()
        job.future.add_done_callback(lambda _: self._forget(job))
        return job

    def _forget(self, job: Job) -> None:
        """Hold no longer what nobody waits for."""
        with self._lock:
            if job in self._jobs:
                self._jobs.remove(job)
                self._watching.abandoned()

    def close(self) -> None:
        """End the threads, once what they work on is done; what still waits is told so."""
        with self._lock:
            self._closed = self.draining = True
            left, self._jobs = list(self._jobs), deque()
            self._lock.notify_all()
        for job in left:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(NotDeployedError("this service ended before it came to this request"))

    def give_up(self) -> None:
        """Close, and do not wait for what is worked on: whoever waits for it is told so."""
        self.close()
        self._given_up = True
        for job in list(self._begun):
            _set(job, NotDeployedError("this service had to end before it was done with this request"))

    def join(self, seconds: float) -> None:
        """Wait so long for the threads to end, unless they were given up."""
        until = time.monotonic() + (0.0 if self._given_up else seconds)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    # -- the threads' side --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (batch := self._take()) is not None:
            self._watching.batch(sum(job.items for job in batch))
            _answer(batch)
            with self._lock:
                self._begun.difference_update(batch)
            took = sum(job.worked for job in batch) / len(batch) ** 2
            self._mean = took if self._mean == 0 else REMEMBERED * self._mean + (1 - REMEMBERED) * took
            del batch  # whoever waits for work holds nothing

    def _take(self) -> list[Job] | None:
        """Wait for work, and take all of one kind that fits into a batch, the oldest first; None: it is over."""
        with self._lock:
            while not (batch := self._chosen()):
                if self._closed:
                    return None
                self._lock.wait()
            self._begun.update(batch)
            return batch

    def _chosen(self) -> list[Job]:
        batch: list[Job] = []
        left: deque[Job] = deque()
        items = 0
        busy = any(job.alone for job in self._begun)
        for job in self._jobs:
            first = batch[0] if batch else None
            apart = first and (first.alone or job.handler != first.handler or items + job.items > self._most)
            if apart or (job.alone and (busy or batch)):
                left.append(job)
            elif job.future.set_running_or_notify_cancel():
                job.began = time.monotonic()
                batch.append(job)
                items += job.items
            else:
                self._watching.abandoned()
        self._jobs = left
        return batch


def _answer(batch: Sequence[Job]) -> None:
    """Answer jobs together; where that fails as a whole, each alone, so that one does not take others with it."""
    try:
        answers = batch[0].handler([job.payload for job in batch])
    except Exception as error:
        if len(batch) > 1:
            for job in batch:
                _answer([job])
            return
        answers = [error]
    for job, answer in zip(batch, answers, strict=True):
        job.ended = time.monotonic()
        _set(job, answer)


def _set(job: Job, answer: Any) -> None:
    """Give a job its answer, unless it has one already."""
    with suppress(InvalidStateError):
        if isinstance(answer, Exception):
            job.future.set_exception(answer)
        else:
            job.future.set_result(answer)
