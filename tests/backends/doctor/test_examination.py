"""The examination as a whole: nothing is changed, nothing secret is told, and one finding does not spoil another."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from mediaml.backends.doctor import Finding, doctor
from mediaml.errors import AwsValidationError
from mediaml.testing import Fault, OfflineAws
from tests.backends.doctor.conftest import Look

QUESTIONS = [
    ("sts", "GetCallerIdentity"),
    ("iam", "GetRole"),
    ("iam", "GetRolePolicy"),
    ("iam", "SimulatePrincipalPolicy"),
    ("s3", "HeadBucket"),
    ("s3", "GetPublicAccessBlock"),
    ("s3", "GetBucketVersioning"),
    ("s3", "GetBucketEncryption"),
    ("rekognition", "DescribeProjects"),
    ("service-quotas", "ListServiceQuotas"),
    ("service-quotas", "ListAWSDefaultServiceQuotas"),
]
"""All that a healthy account is asked."""
HANGS = {"GetRole": "role", "DescribeProjects": "project"}


@pytest.fixture
def everything(aws: OfflineAws) -> dict[str, Any]:
    where = {"role": aws.role, "bucket": aws.bucket, "image_uri": aws.image}
    return {**where, "project": "logos", "instance_type": "ml.c5.2xlarge"}


def test_of_a_healthy_account_all_is_good(look: Look, everything: dict[str, Any]) -> None:
    found = look(**everything)
    assert {one.level for one in found.values()} == {"good"}
    assert {one.remedy for one in found.values()} == {""}


def test_nothing_is_changed(aws: OfflineAws, look: Look, everything: dict[str, Any]) -> None:
    look(**everything)
    asked = {(call.service, call.operation) for call in aws.calls}
    assert asked == set(QUESTIONS)
    assert all(re.match("Get|List|Describe|Head|Simulate", operation) for _, operation in asked)


def test_what_was_not_given_is_said_not_to_be_looked_at(aws: OfflineAws, look: Look) -> None:
    found = look(bucket=aws.bucket)["left out"]
    assert found.level == "note" and found.found.endswith(": role, image-uri, project, instance-type")
    assert "--instance-type" in found.remedy
    assert {call.service for call in aws.calls} == {"sts", "s3", "iam"}
    assert {call.operation for call in aws.calls if call.service == "iam"} == {"GetRole", "GetRolePolicy"}, "stop role"


@pytest.mark.parametrize(("service", "operation"), QUESTIONS)
def test_a_question_without_an_answer_leaves_what_does_not_hang_on_it(
    aws: OfflineAws, look: Look, everything: dict[str, Any], service: str, operation: str
) -> None:
    aws.fail(service, operation, Fault.LOST_BEFORE, times=99)
    found = look(**everything)
    bad = [one for one in found.values() if one.level != "good"]
    assert any(one.found.startswith("could not be asked") for one in bad)
    others = {"region", "credentials", "image", *({"role", "project"} - {HANGS.get(operation)})}
    assert all(found[name].level == "good" for name in others)


@pytest.mark.parametrize("fault", [Fault.ACCESS_DENIED, ValueError("not of AWS")], ids=["denied", "odd"])
def test_where_no_question_has_an_answer_each_is_told(
    aws: OfflineAws, look: Look, everything: dict[str, Any], fault: Any
) -> None:
    for service in {service for service, _ in QUESTIONS}:
        aws.fail(service, "*", fault, times=99)
    found = look(**everything)
    assert [name for name, one in found.items() if one.level == "good"] == ["region", "credentials", "image"]
    assert {"caller", "clock", "role", "stop role", "bucket", "project", "quotas of Custom Labels"} < set(found)


def test_a_throttled_question_is_a_note(aws: OfflineAws, look: Look) -> None:
    aws.fail("iam", "GetRole", Fault.THROTTLED, times=99)
    found = look(role=aws.role)["role"]
    assert found.level == "note" and "call again" in found.remedy


def test_a_fault_of_the_service_is_a_problem(aws: OfflineAws, look: Look) -> None:
    aws.fail("iam", "GetRole", Fault.INTERNAL, times=99)
    found = look(role=aws.role)["role"]
    assert found.level == "problem" and found.found.startswith("could not be asked: looking at the role")


def test_keys_that_aws_repeats_are_not_told(aws: OfflineAws, look: Look) -> None:
    access, secret, token = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "FwoGZXIvYXdzEXAMPLETOKEN"
    said = {"Code": "Strange", "Message": f"{access} {secret} {token}"}
    aws.fail("iam", "GetRole", ClientError({"Error": said}, "GetRole"))
    session = boto3.Session(access, secret, token, region_name=aws.region)
    told = repr(look(role=aws.role, session=session))
    assert "*** (hidden) (hidden)" in told
    assert not any(one in told for one in (access, secret, token))


def test_a_region_and_a_session_are_not_taken_together(aws: OfflineAws) -> None:
    with pytest.raises(AwsValidationError, match="not both"):
        doctor(region="us-east-1", session=aws.session)


def test_findings_are_frozen(look: Look) -> None:
    with pytest.raises(FrozenInstanceError):
        look()["region"].level = "note"  # type: ignore[misc]
    assert Finding("role", "good", "exists") == Finding("role", "good", "exists", remedy="")
