"""Every way in which a call can go wrong, on demand: what the caller gets, and whether the service has acted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from mediaml.testing import Fault, OfflineAws, offline_aws

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def account() -> Iterator[OfflineAws]:
    with offline_aws() as aws:
        yield aws


@pytest.fixture
def aws(account: OfflineAws) -> Iterator[OfflineAws]:
    yield account
    account.heal()
    client = account.session.client("sagemaker")
    for name in list(account._endpoints.models):
        client.delete_model(ModelName=name)


def create(aws: OfflineAws, name: str = "m") -> Any:
    client = aws.session.client("sagemaker", config=ONCE)
    return client.create_model(ModelName=name, PrimaryContainer={"Image": aws.image}, ExecutionRoleArn=aws.role)


def exists(aws: OfflineAws, name: str = "m") -> bool:
    try:
        aws.session.client("sagemaker").describe_model(ModelName=name)
    except ClientError:
        return False
    return True


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault.THROTTLED, "ThrottlingException", 400),
        (Fault.ACCESS_DENIED, "AccessDeniedException", (400, 403)),
        (Fault.LIMIT_EXCEEDED, "ResourceLimitExceeded", 400),
        (Fault.INTERNAL, "InternalFailure", 500),
        (Fault.VALIDATION, "ValidationException", 400),
        (Fault.NOT_READY, "ModelNotReadyException", 429),
    ],
)
def test_a_refusal_has_the_services_code_and_nothing_was_made(
    aws: OfflineAws, fault: Fault, code: str, status: int | tuple[int, ...]
) -> None:
    aws.fail("sagemaker", "CreateModel", fault)
    with pytest.raises(ClientError) as refused:
        create(aws)
    told = refused.value.response
    assert told["Error"]["Code"] == code
    assert told["ResponseMetadata"]["HTTPStatusCode"] in (status if isinstance(status, tuple) else (status,))
    assert not exists(aws)
    create(aws)
    assert exists(aws), "one call fails, not the one after it"


def test_a_connection_lost_before_the_service_acted_leaves_nothing(aws: OfflineAws) -> None:
    aws.fail("sagemaker", "CreateModel", Fault.LOST_BEFORE)
    with pytest.raises(ConnectionClosedError):
        create(aws)
    assert not exists(aws)


def test_a_connection_lost_after_the_service_acted_leaves_what_it_made(aws: OfflineAws) -> None:
    aws.fail("sagemaker", "CreateModel", Fault.LOST_AFTER)
    with pytest.raises(ConnectionClosedError):
        create(aws)
    assert exists(aws)


@pytest.mark.parametrize("acts", [False, True])
def test_any_exception_can_be_raised_before_or_after_the_service_acts(aws: OfflineAws, acts: bool) -> None:
    aws.fail("sagemaker", "CreateModel", KeyboardInterrupt(), acts=acts)
    with pytest.raises(KeyboardInterrupt):
        create(aws)
    assert exists(aws) is acts


def test_as_many_calls_fail_as_were_asked_for_and_as_late(aws: OfflineAws) -> None:
    aws.fail("sagemaker", "CreateModel", Fault.VALIDATION, times=2, after=1)
    outcomes = []
    for number in range(5):
        try:
            create(aws, f"m{number}")
            outcomes.append("made")
        except ClientError:
            outcomes.append("refused")
    assert outcomes == ["made", "refused", "refused", "made", "made"]


def test_a_lost_answer_to_a_retried_creation_meets_what_it_made(aws: OfflineAws) -> None:
    """As on AWS: botocore sends the request again, and the name is taken."""
    aws.fail("sagemaker", "CreateModel", Fault.LOST_AFTER)
    client = aws.session.client("sagemaker", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    with pytest.raises(ClientError, match="already existing"):
        client.create_model(ModelName="m", PrimaryContainer={"Image": aws.image}, ExecutionRoleArn=aws.role)


def test_other_services_and_other_operations_are_left_alone(aws: OfflineAws) -> None:
    aws.fail("sagemaker", "CreateEndpoint", Fault.INTERNAL, times=100)
    aws.fail("logs", "*", Fault.ACCESS_DENIED, times=100)
    create(aws)
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.session.client("logs", config=ONCE).describe_log_groups()


def test_calls_that_go_wrong_are_noted_too(aws: OfflineAws) -> None:
    before = len(aws.calls)
    aws.fail("sagemaker", "CreateModel", Fault.LOST_BEFORE)
    with pytest.raises(ConnectionClosedError):
        create(aws)
    assert [(call.service, call.operation) for call in aws.calls[before:]] == [("sagemaker", "CreateModel")]
    assert aws.calls[-1].parameters["ModelName"] == "m"


def test_s3_goes_wrong_too(aws: OfflineAws) -> None:
    s3 = aws.session.client("s3", config=ONCE)
    aws.fail("s3", "PutObject", Fault.LOST_AFTER)
    with pytest.raises(ConnectionClosedError):
        s3.put_object(Bucket=aws.bucket, Key="lost", Body=b"x")
    assert s3.get_object(Bucket=aws.bucket, Key="lost")["Body"].read() == b"x"
