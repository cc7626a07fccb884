"""The region, the credentials, who they belong to, and the clock."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError

from mediaml.aws.session import aws as aws_of
from mediaml.backends.doctor import doctor
from mediaml.backends.doctor.identity import credentials, who
from mediaml.testing import Fault, OfflineAws, SteppedClock
from tests.backends.doctor.conftest import Look


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def refusal(code: str, date: str = "") -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}
    return ClientError(answer, "GetCallerIdentity")


def test_a_region_that_has_the_services_is_good(look: Look) -> None:
    assert (look()["region"].level, look()["region"].found) == ("good", "us-east-1")


def test_a_region_that_boto3_does_not_know_is_a_note(look: Look) -> None:
    found = look(session=boto3.Session("k", "s", region_name="eu-west-9"))["region"]
    assert found.level == "note"
    assert "eu-west-9, where this boto3 knows no SageMaker and no Rekognition" in found.found


def test_what_is_no_region_is_a_problem_and_aws_is_not_asked(aws: OfflineAws, look: Look) -> None:
    found = look(session=boto3.Session("k", "s", region_name="nowhere"), bucket="my-media")
    assert found["region"].level == "problem" and "--region" in found["region"].remedy
    assert found["AWS"].level == "note" and "not asked for: bucket" in found["AWS"].found
    assert aws.calls == []


@pytest.mark.usefixtures("aws")
def test_no_region_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found = doctor()[0]
    assert (found.what, found.level) == ("region", "problem")
    assert "no AWS region is configured" in found.found and "AWS_DEFAULT_REGION" in found.remedy


def test_of_the_credentials_the_end_of_the_access_key_is_told(look: Look) -> None:
    keys = boto3.Session("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "a-long-token", region_name="us-east-1")
    found = look(session=keys)["credentials"]
    assert found.level == "good" and "...MPLE" in found.found and "for a time" in found.found
    assert "AKIA" not in found.found and "wJal" not in found.found and "token" not in found.found


@pytest.mark.usefixtures("no_keys")
def test_no_credentials_are_a_problem_and_aws_is_not_asked(aws: OfflineAws) -> None:
    found = {one.what: one for one in doctor(region="us-east-1", role=aws.role)}
    assert found["credentials"].level == "problem" and "aws sso login" in found["credentials"].remedy
    assert found["AWS"].level == "note"
    assert "caller" not in found and aws.calls == []


@pytest.mark.parametrize("error", [CredentialRetrievalError(provider="x", error_msg="SECRET"), OSError("SECRET")])
def test_a_program_that_fails_to_give_credentials_is_not_quoted(
    aws: OfflineAws, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(_: object) -> None:
        raise error

    monkeypatch.setattr(boto3.Session, "get_credentials", fails)
    keys, found = credentials(aws_of(aws.session))
    assert keys is None
    assert found.level == "problem" and type(error).__name__ in found.found and "SECRET" not in found.found


@pytest.mark.usefixtures("aws")
def test_a_profile_that_does_not_exist_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    found = doctor(role="arn:aws:iam::123456789012:role/x")
    assert (found[0].what, found[0].level) == ("credentials", "problem")
    assert "nobody" in found[0].found and "AWS_PROFILE" in found[0].remedy


def test_the_caller_is_named(aws: OfflineAws, look: Look) -> None:
    found = look()["caller"]
    assert found.level == "good" and f"in the account {aws.account}" in found.found


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("InvalidClientTokenId", "make a new one"),
        ("SignatureDoesNotMatch", "secret key"),
        ("ExpiredToken", "aws sso login"),
    ],
)
def test_credentials_that_aws_refuses_are_a_problem_and_no_more_is_asked(
    aws: OfflineAws, look: Look, code: str, remedy: str
) -> None:
    aws.fail("sts", "GetCallerIdentity", refusal(code), times=9)
    found = look(role=aws.role, bucket=aws.bucket)
    assert found["caller"].level == "problem" and remedy in found["caller"].remedy
    assert "not asked for: role, bucket" in found["AWS"].found
    assert {call.service for call in aws.calls} == {"sts"}


def test_a_lost_connection_is_a_problem_and_the_others_are_asked_all_the_same(aws: OfflineAws, look: Look) -> None:
    aws.fail("sts", "GetCallerIdentity", Fault.LOST_BEFORE, times=9)
    found = look(bucket=aws.bucket)
    assert found["caller"].level == "problem" and "Check the network" in found["caller"].remedy
    assert found["clock"].level == "note"
    assert found["bucket"].level == "good"
    assert found["bucket: owner"].level == "note", "whose it should be is not known"


def test_an_answer_that_is_none_of_awss_is_a_problem(aws: OfflineAws) -> None:
    aws.fail("sts", "GetCallerIdentity", ValueError("<html>SECRET"), times=9)
    caller, (found, clock) = who(aws_of(aws.session))
    assert caller is not None and clock.level == "note"
    assert found.level == "problem" and "proxy" in found.remedy and "SECRET" not in found.found


def test_a_clock_that_is_right_is_good(look: Look) -> None:
    assert look()["clock"].level == "good"


@pytest.mark.parametrize(("seconds", "level"), [(200, "good"), (280, "problem"), (-280, "problem")])
def test_a_clock_that_is_wrong_is_a_problem_from_four_minutes_on(look: Look, seconds: int, level: str) -> None:
    import time

    found = look(clock=SteppedClock(time.time() + seconds))["clock"]
    assert found.level == level
    assert ("ahead of" if seconds > 0 else "behind") in found.found


def test_the_time_is_read_from_a_refusal_too(aws: OfflineAws, look: Look) -> None:
    aws.fail("sts", "GetCallerIdentity", refusal("SignatureDoesNotMatch", "Sun, 06 Nov 1994 08:49:37 GMT"), times=9)
    found = look()
    assert found["clock"].level == "problem" and "Set the clock" in found["clock"].remedy
    assert "clock" in found["caller"].remedy
