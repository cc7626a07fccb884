"""Asking an endpoint that is not ready for one more request yet, as a serverless one that is still growing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediaml.aws.session import aws as aws_of
from mediaml.backends.sagemaker.invoking import PAUSES, Direct
from mediaml.errors import AwsAccessError, AwsNotReadyError
from mediaml.testing import Fault, HurriedClock, OfflineAws, offline_aws
from tests.backends.sagemaker.toolkits import Quick
from tests.testing.containers import create_endpoint, up


@pytest.fixture
def clock() -> HurriedClock:
    return HurriedClock(0.0)


@pytest.fixture
def aws(clock: HurriedClock) -> Iterator[OfflineAws]:
    with offline_aws(toolkit=Quick(), clock=clock) as account:
        create_endpoint(account, "growing", "serverless")
        up(account, "growing")
        yield account


def asked(aws: OfflineAws) -> int:
    return sum(call.operation == "InvokeEndpoint" for call in aws.calls)


def test_a_request_that_comes_too_early_is_sent_again_after_longer_and_longer_pauses(
    aws: OfflineAws, clock: HurriedClock
) -> None:
    aws.fail("sagemaker-runtime", "InvokeEndpoint", Fault.NOT_READY, times=3)
    before = len(clock.slept)
    assert Direct(aws_of(aws.session, clock), "growing").ask(b"sound", "audio/wav", "application/json") == b"{}"
    assert asked(aws) == 4
    assert clock.slept[before:] == [1.0, 2.0, 4.0]


def test_an_endpoint_that_does_not_get_ready_in_two_minutes_is_an_error(aws: OfflineAws, clock: HurriedClock) -> None:
    aws.fail("sagemaker-runtime", "InvokeEndpoint", Fault.NOT_READY, times=99)
    before = len(clock.slept)
    with pytest.raises(AwsNotReadyError, match=r"asking the endpoint growing.*Wait until it is ready"):
        Direct(aws_of(aws.session, clock), "growing").ask(b"sound", "audio/wav", "application/json")
    assert asked(aws) == len(PAUSES) + 1
    assert sum(clock.slept[before:]) == 120


def test_other_refusals_are_not_waited_for(aws: OfflineAws, clock: HurriedClock) -> None:
    aws.fail("sagemaker-runtime", "InvokeEndpoint", Fault.ACCESS_DENIED)
    before = len(clock.slept)
    with pytest.raises(AwsAccessError, match="asking the endpoint growing"):
        Direct(aws_of(aws.session, clock), "growing").ask(b"sound", "audio/wav", "application/json")
    assert clock.slept[before:] == []
