"""Clients are made once, though many threads ask for the first of them at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from mediaml.aws.session import Aws, aws
from mediaml.testing import offline_aws

THREADS = 16


class Slow(boto3.Session):  # type: ignore[misc]
    """A session that takes its time, and notes how many threads are in it at once."""

    most = within = made = 0

    def client(self, *named: Any, **settings: Any) -> Any:
        self.within += 1
        self.made += 1
        self.most = max(self.most, self.within)
        time.sleep(0.02)
        try:
            return super().client(*named, **settings)
        finally:
            self.within -= 1


@pytest.fixture
def session() -> Slow:
    return Slow("testing", "testing", region_name="us-east-1")


def at_once(what: Callable[[], Any]) -> list[Any]:
    """Do something in many threads that begin together."""
    ready = threading.Barrier(THREADS)

    def one(_: int) -> Any:
        ready.wait()
        return what()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_threads_that_ask_at_once_share_one_client(session: Slow) -> None:
    account = aws(session)
    clients = at_once(lambda: account.client("s3"))
    assert {id(one) for one in clients} == {id(account.client("s3"))}
    assert session.made == 1


def test_a_session_of_several_accounts_makes_one_client_at_a_time(session: Slow) -> None:
    accounts = [aws(session) for _ in range(THREADS)]
    at_once(lambda: accounts.pop().client("s3"))
    assert (session.made, session.most) == (THREADS, 1)


def test_threads_that_ask_at_once_ask_sts_once() -> None:
    with offline_aws() as offline:
        account = Aws(offline.session)
        assert at_once(account.account) == [offline.account] * THREADS
        assert [one.operation for one in offline.calls] == ["GetCallerIdentity"]


def test_who_says_how_often_a_call_is_tried_has_a_client_of_its_own(session: Slow) -> None:
    account = Aws(session, attempts=3)
    assert account.client("s3") is not account.client("s3", attempts=1)
    assert account.client("s3").meta.config.retries["total_max_attempts"] == 3
