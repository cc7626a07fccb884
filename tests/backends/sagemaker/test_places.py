"""The role of a notebook, where the user gives none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediaml.aws.session import aws as aws_of
from mediaml.backends.sagemaker.places import role_of
from mediaml.errors import AwsAccessError, AwsConnectionError
from mediaml.testing import Fault, OfflineAws, offline_aws
from mediaml.testing.wire import Reply
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.notebook import in_a_notebook
from tests.backends.sweeping import no_pauses


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineAws]:
    no_pauses(monkeypatch)
    with offline_aws() as account:
        in_a_notebook(account, monkeypatch)
        yield account


def found(aws: OfflineAws) -> str:
    return role_of(sagemaker_model(aws, role=None).site, aws_of(aws.session))


def test_it_is_the_one_that_the_caller_works_as(aws: OfflineAws) -> None:
    assert found(aws) == aws.role


def test_who_is_no_role_is_told_to_give_one(aws: OfflineAws, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = {"Account": aws.account, "Arn": f"arn:aws:sts::{aws.account}:user/me", "UserId": "AIDA"}
    monkeypatch.setitem(aws._wire.operations, ("sts", "GetCallerIdentity"), lambda request: Reply(caller))
    with pytest.raises(AwsAccessError, match=r"finding the execution role: none was found .*; give role='arn:aws"):
        found(aws)


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.ACCESS_DENIED, AwsAccessError), (Fault.LOST_BEFORE, AwsConnectionError)]
)
def test_why_it_cannot_be_asked_is_told(aws: OfflineAws, fault: Fault, error: type[Exception]) -> None:
    aws.fail("sts", "GetCallerIdentity", fault, times=99)
    with pytest.raises(error, match=r"finding the execution role \(role='arn:aws"):
        found(aws)
