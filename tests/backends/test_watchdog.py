"""What costs by the hour has one that ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mediaml.aws.ledger import Resource
from mediaml.backends import watchdog
from mediaml.backends.watchdog import Watchdog
from mediaml.errors import AwsError

SOON = 0.02 / 3600  # hours
EUROPE = Resource("endpoint", "birds", "eu-west-1", "123456789012")
AMERICA = Resource("endpoint", "birds", "us-east-1", "123456789012")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    for one in list(watchdog._WATCHDOGS.values()):
        one.stop()


def test_it_ends_a_deployment_when_its_time_is_over() -> None:
    ended = threading.Event()
    Watchdog(EUROPE, SOON, ended.set)
    assert ended.wait(5)


def test_the_same_name_in_another_region_keeps_its_own() -> None:
    europe, america = threading.Event(), threading.Event()
    Watchdog(EUROPE, SOON, europe.set)
    Watchdog(AMERICA, SOON, america.set)
    assert europe.wait(5) and america.wait(5)


def test_of_one_deployment_the_latest_counts() -> None:
    early, late = threading.Event(), threading.Event()
    first = Watchdog(EUROPE, 1.0, early.set)
    Watchdog(EUROPE, SOON, late.set)
    assert late.wait(5)
    assert first._over and not early.is_set()


def test_what_is_to_stay_has_none() -> None:
    ended = threading.Event()
    one = Watchdog(EUROPE, SOON, ended.set)
    watchdog.call_off(EUROPE)
    watchdog.call_off(AMERICA)  # nobody watches it
    assert not ended.wait(0.2)
    assert one._over and watchdog._WATCHDOGS == {}


def test_what_cannot_be_ended_is_named_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watchdog, "AGAIN", 0.02)
    answers: Iterator[Exception | None] = iter([AwsError("throttled"), None])
    ended = threading.Event()
    told: list[str] = []
    monkeypatch.setattr(watchdog, "notice", lambda text, level: told.append(text))

    def end() -> None:
        if answer := next(answers):
            raise answer
        ended.set()

    Watchdog(EUROPE, SOON, end)
    assert ended.wait(5)
    assert told == ["mediaml could not end birds in eu-west-1, and tries again in a minute: throttled"]
