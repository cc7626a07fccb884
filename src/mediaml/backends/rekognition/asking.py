"""Many items asked for at once: in order, none lost, none twice, and as fast as the service lets."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from mediaml.aws.clock import Clock
from mediaml.backends.rekognition.pace import Pace
from mediaml.errors import AwsConnectionError, AwsError, AwsThrottledError

AT_ONCE = 16  # calls
AHEAD = 2 * AT_ONCE  # items that may be answered before an earlier one
ATTEMPTS = 6  # of a call that gets no answer, or an error of the service's own
PATIENCE = 300.0  # seconds of refusals without a single answer

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")


class Answered(NamedTuple, Generic[AnswerT]):
    """What came of a call that was answered."""

    answer: AnswerT


class Unanswered(NamedTuple):
    """What came of a call that is made again."""

    error: AwsError


Outcome: TypeAlias = Answered[AnswerT] | Unanswered


class _Try(NamedTuple, Generic[ItemT]):
    number: int
    attempt: int
    item: ItemT

    def __lt__(self, other: object) -> bool:
        return isinstance(other, _Try) and self.number < other.number


def in_order(
    items: Iterable[ItemT], ask: Callable[[ItemT], AnswerT], clock: Clock, at_once: int = AT_ONCE
) -> Iterator[AnswerT]:
    """Ask for each item in threads, and give the answers in order, as they come.

    A call that the service refuses because there are too many is made again, later, and all calls become slower;
    one that gets no answer is made again, some times. Memory does not grow with the number of items.

    Parameters
    ----------
    items
        May be endless.
    ask
        Called in a thread; asking twice must do no harm. What it raises ends everything, but `AwsThrottledError`,
        `AwsConnectionError` and what the service calls an error of its own (a plain `AwsError`).
    clock
        To wait with.
    at_once
        Calls under way.

    Raises
    ------
    AwsThrottledError
        For minutes, nothing but refusals came.
    AwsError
        A call was made again and again, and got no answer.
    """
    with ThreadPoolExecutor(at_once, "mediaml-rekognition") as pool:
        yield from _Asking(items, ask, clock, pool, at_once).answers()


class _Asking(Generic[ItemT, AnswerT]):
    """Calls under way, what is to be asked again, and answers that wait for their turn."""

    def __init__(
        self,
        items: Iterable[ItemT],
        ask: Callable[[ItemT], AnswerT],
        clock: Clock,
        pool: ThreadPoolExecutor,
        at_once: int,
    ) -> None:
        self._items = enumerate(items)
        self._ask, self._clock, self._pool, self._at_once = ask, clock, pool, at_once
        self._pace = Pace(clock)
        self._again: list[_Try[ItemT]] = []
        self._under_way: dict[Future[Outcome[AnswerT]], tuple[_Try[ItemT], int]] = {}
        self._waiting: dict[int, AnswerT] = {}
        self._begun = self._given = 0
        self._last_answer = clock.now()

    def answers(self) -> Iterator[AnswerT]:
        while True:
            self._begin()
            if not self._under_way:
                return
            done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            for future in done:
                one, call = self._under_way.pop(future)
                self._end(one, call, future.result())
            while self._given in self._waiting:
                yield self._waiting.pop(self._given)
                self._given += 1

    def _begin(self) -> None:
        """Make as many calls as may be under way."""
        while len(self._under_way) < self._at_once:
            one = self._next()
            if one is None:
                return
            call = self._pace.wait()
            self._under_way[self._pool.submit(_tried, self._ask, one.item)] = (one, call)

    def _next(self) -> _Try[ItemT] | None:
        """Give what is to be asked next: what was refused first, so that the answers behind it need not wait."""
        if self._again:
            return heapq.heappop(self._again)
        if self._begun - self._given >= AHEAD:
            return None
        found = next(self._items, None)
        if found is None:
            return None
        self._begun += 1
        return _Try(found[0], 1, found[1])

    def _end(self, one: _Try[ItemT], call: int, outcome: Outcome[AnswerT]) -> None:
        if isinstance(outcome, Answered):
            self._pace.answered()
            self._last_answer = self._clock.now()
            self._waiting[one.number] = outcome.answer
        elif isinstance(outcome.error, AwsThrottledError):
            self._pace.refused(call)
            if self._clock.now() - self._last_answer > PATIENCE:
                raise outcome.error
            heapq.heappush(self._again, one)
        else:
            if one.attempt >= ATTEMPTS:
                raise outcome.error
            self._clock.sleep(min(8.0, 0.25 * 2**one.attempt))
            heapq.heappush(self._again, one._replace(attempt=one.attempt + 1))


def _tried(ask: Callable[[ItemT], AnswerT], item: ItemT) -> Outcome[AnswerT]:
    try:
        return Answered(ask(item))
    except (AwsThrottledError, AwsConnectionError) as error:
        return Unanswered(error)
    except AwsError as error:
        if type(error) is not AwsError:  # of a kind that another try does not mend
            raise
        return Unanswered(error)
