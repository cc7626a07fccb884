"""The stop role: it is there, EventBridge Scheduler may take it, it may end what is deployed, this machine knows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import NAME, POLICY, make, remember, stop_role
from mediaml.testing import Fault, OfflineAws
from tests.backends.doctor.conftest import Look

Write = Callable[[str, Any], None]


@pytest.fixture
def iam(aws: OfflineAws) -> Iterator[Any]:
    """Of IAM; what is changed is put right again as `mediaml aws setup` does it."""
    yield aws.session.client("iam")
    aws.heal()
    here = aws_of(aws.session, aws.clock)
    make(here, stop_role(here))


@pytest.fixture
def written(aws: OfflineAws, iam: Any) -> Write:
    """Change a statement of its policy: what is said of an action, or all of it (None)."""
    policy = stop_role(aws_of(aws.session, aws.clock)).policy

    def write(action: str, changed: dict[str, Any] | None) -> None:
        statements = [one for one in policy["Statement"] if one["Action"] != action]
        found = next(one for one in policy["Statement"] if one["Action"] == action)
        statements += [] if changed is None else [{**found, **changed}]
        document = json.dumps({**policy, "Statement": statements})
        iam.put_role_policy(RoleName=NAME, PolicyName=POLICY, PolicyDocument=document)

    return write


def forgotten(aws: OfflineAws) -> None:
    remember(stop_role(aws_of(aws.session, aws.clock))).unlink()


def gone(iam: Any) -> None:
    iam.delete_role_policy(RoleName=NAME, PolicyName=POLICY)
    iam.delete_role(RoleName=NAME)


def test_the_role_that_setup_makes_is_good(look: Look) -> None:
    found = look()
    assert [found[name].level for name in ("stop role", "stop role: trust", "stop role: policy")] == ["good"] * 3


def test_where_setup_was_never_run_it_is_noted_what_does_not_start(aws: OfflineAws, iam: Any, look: Look) -> None:
    gone(iam)
    forgotten(aws)
    found = look()["stop role"]
    assert found.level == "note" and "what bills when idle does not start" in found.found
    assert "mediaml aws setup" in found.remedy and "stop_role=" in found.remedy


def test_a_role_that_this_machine_knows_and_that_is_gone_is_a_problem(iam: Any, look: Look) -> None:
    gone(iam)
    found = look()["stop role"]
    assert found.level == "problem" and "there is no such role" in found.found and "aws setup" in found.remedy


def test_a_role_that_another_machine_has_made_is_noted(aws: OfflineAws, iam: Any, look: Look) -> None:
    forgotten(aws)
    found = look()
    assert found["stop role"].level == "note" and "this machine does not know it" in found["stop role"].found
    assert f"stop_role='arn:aws:iam::{aws.account}:role/{NAME}'" in found["stop role"].remedy
    assert found["stop role: trust"].level == found["stop role: policy"].level == "good"


def test_a_role_under_a_path_is_another_one_than_this_machine_knows(aws: OfflineAws, iam: Any, look: Look) -> None:
    gone(iam)
    trust = json.dumps(stop_role(aws_of(aws.session)).trust)
    iam.create_role(RoleName=NAME, Path="/media/", AssumeRolePolicyDocument=trust)
    found = look()["stop role"]
    iam.delete_role(RoleName=NAME)
    assert found.level == "problem" and f"role/media/{NAME}" in found.remedy


@pytest.mark.usefixtures("iam")
def test_what_this_machine_has_written_down_may_be_damaged(aws: OfflineAws, look: Look) -> None:
    remember(stop_role(aws_of(aws.session))).write_text("{")
    found = look()["stop role"]
    assert found.level == "problem" and "cannot be read" in found.found and "aws setup" in found.remedy


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"Principal": {"Service": "sagemaker.amazonaws.com"}}, "problem"),
        ({"Effect": "Deny"}, "problem"),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}}, "note"),
        ({"Condition": {}}, "good"),
    ],
)
def test_the_scheduler_must_be_let_take_it(
    aws: OfflineAws, iam: Any, look: Look, changed: dict[str, Any], level: str
) -> None:
    trust = stop_role(aws_of(aws.session)).trust
    document = {**trust, "Statement": [{**trust["Statement"][0], **changed}]}
    iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(document))
    found = look()["stop role: trust"]
    assert found.level == level and "scheduler.amazonaws.com" in found.found


@pytest.mark.parametrize(
    "changed",
    [
        None,
        {"Effect": "Deny"},
        {"Resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine"},
        {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
    ],
    ids=["missing", "denied", "elsewhere", "conditional"],
)
def test_a_policy_that_lets_it_not_end_endpoints_is_a_problem(
    written: Write, look: Look, changed: dict[str, Any] | None
) -> None:
    written("sagemaker:DeleteEndpoint", changed)
    found = look()["stop role: policy"]
    assert found.level == "problem" and found.found == "its policy does not let it call sagemaker:DeleteEndpoint"


@pytest.mark.parametrize(
    "changed", [{"Action": ["SageMaker:Delete*", "sagemaker:ListTags"]}, {"Resource": "*"}], ids=["action", "resource"]
)
def test_a_policy_may_allow_more(written: Write, look: Look, changed: dict[str, Any]) -> None:
    written("sagemaker:DeleteEndpoint", changed)
    assert look()["stop role: policy"].level == "good"


def test_a_role_without_its_policy_is_a_problem(iam: Any, look: Look) -> None:
    iam.delete_role_policy(RoleName=NAME, PolicyName=POLICY)
    found = look()["stop role: policy"]
    assert found.level == "problem" and "it may end nothing" in found.found


def test_setting_up_again_is_a_remedy(aws: OfflineAws, written: Write, look: Look) -> None:
    written("rekognition:StopProjectVersion", None)
    assert look()["stop role: policy"].level == "problem"
    here = aws_of(aws.session, aws.clock)
    make(here, stop_role(here))
    assert look()["stop role: policy"].level == "good"


def test_who_may_not_look_is_told_the_right(aws: OfflineAws, look: Look) -> None:
    aws.fail("iam", "GetRolePolicy", Fault.ACCESS_DENIED)
    found = look()
    assert (found["stop role: policy"].level, found["stop role: trust"].level) == ("note", "good")
    assert found["stop role: policy"].found == "may not be asked: needs iam:GetRolePolicy"
    aws.fail("iam", "GetRole", Fault.ACCESS_DENIED)
    assert look()["stop role"].found == "may not be asked: needs iam:GetRole"


def test_of_an_unknown_account_it_is_not_known(aws: OfflineAws, look: Look) -> None:
    aws.fail("sts", "GetCallerIdentity", Fault.ACCESS_DENIED)
    found = look()["stop role"]
    assert found.level == "note" and "not looked at" in found.found
