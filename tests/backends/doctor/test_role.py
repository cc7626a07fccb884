"""The execution role: it exists, SageMaker may take it, the caller may pass it."""

from __future__ import annotations

import json
from collections.abc import Callable

import boto3
import pytest

from mediaml.backends.doctor import Finding
from mediaml.backends.doctor.trust import Wanted, trust
from mediaml.testing import Fault, OfflineAws
from mediaml.testing.offline import TRUST
from tests.backends.doctor.conftest import Look

Made = Callable[..., str]


def test_a_role_that_does_is_good(aws: OfflineAws, look: Look) -> None:
    found = look(role=aws.role)
    assert [found[name].level for name in ("role", "role: trust", "role: passing it")] == ["good"] * 3


@pytest.mark.parametrize("arn", ["mediaml", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::1:role/x"])
def test_what_is_no_roles_arn_is_a_problem(aws: OfflineAws, look: Look, arn: str) -> None:
    found = look(role=arn)["role"]
    assert found.level == "problem" and "arn:aws:iam::ACCOUNT:role/NAME" in found.remedy
    asked = [call.operation for call in aws.calls if call.service == "iam"]
    assert asked == ["GetRole", "GetRolePolicy"], "the stop role alone"


def test_a_role_of_another_account_is_a_problem(look: Look) -> None:
    found = look(role="arn:aws:iam::999999999999:role/mediaml")["role"]
    assert found.level == "problem" and "of the account 999999999999" in found.found


def test_a_role_that_is_missing_is_a_problem_and_told_how_to_make(aws: OfflineAws, look: Look) -> None:
    found = look(role=f"arn:aws:iam::{aws.account}:role/missing")
    assert found["role"].level == "problem" and "there is no role missing" in found["role"].found
    command, _, policy = found["role"].remedy.partition(" --assume-role-policy-document ")
    assert command.endswith("aws iam create-role --role-name missing")
    aws.session.client("iam").create_role(RoleName="missing", AssumeRolePolicyDocument=policy.strip("'"))
    assert look(role=f"arn:aws:iam::{aws.account}:role/missing")["role: trust"].level == "good"
    aws.session.client("iam").delete_role(RoleName="missing")


def test_a_role_has_its_path(aws: OfflineAws, look: Look, new_role: Made) -> None:
    arn = new_role(path="/media/")
    assert look(role=arn)["role"].level == "good"
    found = look(role=arn.replace("/media/", "/"))["role"]
    assert found.level == "problem" and f"Give {arn}" in found.remedy


@pytest.mark.parametrize(
    "changed",
    [
        {"Principal": {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]}},
        {"Action": ["sts:TagSession", "sts:AssumeRole"]},
        {"Action": "sts:*"},
    ],
)
def test_a_trust_policy_has_many_forms(look: Look, new_role: Made, changed: dict[str, object]) -> None:
    assert look(role=new_role(**changed))["role: trust"].level == "good"


@pytest.mark.parametrize(
    "changed",
    [
        {"Principal": {"Service": "ec2.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "sts:TagSession"},
    ],
)
def test_a_role_that_sagemaker_may_not_take_is_a_problem_with_the_statement_that_lacks(
    aws: OfflineAws, look: Look, new_role: Made, changed: dict[str, object]
) -> None:
    arn = new_role(**changed)
    found = look(role=arn)["role: trust"]
    assert found.level == "problem" and "sagemaker.amazonaws.com may not take it" in found.found
    statement = json.loads(found.remedy[found.remedy.index("{") :])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.session.client("iam").update_assume_role_policy(RoleName=arn.rpartition("/")[2], PolicyDocument=policy)
    assert look(role=arn)["role: trust"].level == "good", "the remedy helps"


def test_a_trust_policy_that_denies_is_a_problem(look: Look, new_role: Made) -> None:
    found = look(role=new_role(Effect="Deny"))["role: trust"]
    assert found.level == "problem" and "denies" in found.found


SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
TAKE = "sts:AssumeRole"


def beside_the_usual(denied: dict[str, object]) -> Finding:
    """Look at a policy that allows SageMaker to take the role, and denies something."""
    policy = {**TRUST, "Statement": [TRUST["Statement"][0], {"Effect": "Deny", **denied}]}
    return trust("role: trust", policy, Wanted(SAGEMAKER["Service"], "Allow it."))


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": "*", "Action": TAKE},
        {"Principal": {"AWS": "*"}, "Action": TAKE},
        {"Principal": {"Service": "*"}, "Action": TAKE},
        {"Principal": {"Service": ["ec2.amazonaws.com", *SAGEMAKER.values()]}, "Action": "*"},
        {"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": TAKE},
        {"Principal": "*", "NotAction": "sts:TagSession"},
    ],
)
def test_what_is_denied_to_everybody_is_denied_to_sagemaker(denied: dict[str, object]) -> None:
    found = beside_the_usual(denied)
    assert found.level == "problem" and "denies sagemaker.amazonaws.com" in found.found
    told = beside_the_usual({**denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert told.level == "note" and "aws:SecureTransport" in told.found


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": TAKE},
        {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": TAKE},
        {"NotPrincipal": SAGEMAKER, "Action": TAKE},
        {"Principal": "*", "Action": "sts:TagSession"},
        {"Principal": "*", "NotAction": ["sts:Assume*", "sts:TagSession"]},
    ],
)
def test_what_is_denied_to_others_is_good(denied: dict[str, object]) -> None:
    assert beside_the_usual(denied).level == "good"


def test_conditions_are_told(look: Look, new_role: Made) -> None:
    found = look(role=new_role(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}))["role: trust"]
    assert found.level == "note" and '"aws:SourceAccount": "123456789012"' in found.found


def test_a_condition_to_deny_is_told_too(aws: OfflineAws, look: Look, new_role: Made) -> None:
    arn = new_role()
    allowed = TRUST["Statement"][0]
    unlike = {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}
    policy = {**TRUST, "Statement": [allowed, {**allowed, "Effect": "Deny", "Condition": unlike}]}
    client = aws.session.client("iam")
    client.update_assume_role_policy(RoleName=arn.rpartition("/")[2], PolicyDocument=json.dumps(policy))
    found = look(role=arn)["role: trust"]
    assert found.level == "note" and "StringNotEquals" in found.found


def test_who_may_not_look_at_the_role_is_told_the_right_and_the_rest_is_looked_at(aws: OfflineAws, look: Look) -> None:
    aws.fail("iam", "GetRole", Fault.ACCESS_DENIED)
    found = look(role=aws.role)
    assert (found["role"].level, found["role"].found) == ("note", "may not be asked: needs iam:GetRole")
    assert found["role: passing it"].level == "good"


def test_who_may_not_pass_the_role_is_told_the_statement_that_lacks(aws: OfflineAws, look: Look) -> None:
    aws.rights.denied.add("iam:PassRole")
    found = look(role=aws.role)["role: passing it"]
    assert found.level == "problem" and "may not pass the role" in found.found
    statement = json.loads(found.remedy[found.remedy.index("{") :])
    assert statement["Action"] == "iam:PassRole" and statement["Resource"] == aws.role
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_it_is_asked_for_passing_to_sagemaker(aws: OfflineAws, look: Look) -> None:
    look(role=aws.role)
    asked = next(call.parameters for call in aws.calls if call.operation == "SimulatePrincipalPolicy")
    assert asked["ResourceArns"] == [aws.role]
    (entry,) = asked["ContextEntries"]
    assert (entry["ContextKeyName"], entry["ContextKeyValues"]) == ("iam:PassedToService", ["sagemaker.amazonaws.com"])


def test_what_depends_on_the_moment_is_a_note(aws: OfflineAws, look: Look) -> None:
    aws.rights.denied.add("iam:PassRole")
    aws.rights.missing_context = ["aws:MultiFactorAuthPresent"]
    found = look(role=aws.role)["role: passing it"]
    aws.rights.missing_context = []
    assert found.level == "note" and "depends on aws:MultiFactorAuthPresent" in found.found


def test_who_may_not_simulate_does_not_know(aws: OfflineAws, look: Look) -> None:
    aws.fail("iam", "SimulatePrincipalPolicy", Fault.ACCESS_DENIED)
    found = look(role=aws.role)["role: passing it"]
    assert (found.level, found.found) == ("note", "may not be asked: needs iam:SimulatePrincipalPolicy")


def test_a_session_of_a_role_has_the_rights_of_the_role_with_its_path(
    aws: OfflineAws, look: Look, new_role: Made
) -> None:
    arn = new_role(path="/people/", Principal={"AWS": "*"})
    keys = aws.session.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=aws.region)
    found = look(role=aws.role, session=session)["role: passing it"]
    assert found.level == "good" and arn in found.found
    aws.fail("iam", "GetRole", Fault.ACCESS_DENIED, after=1)
    found = look(role=aws.role, session=session)["role: passing it"]
    assert found.level == "note" and "needs iam:SimulatePrincipalPolicy and iam:GetRole" in found.found


def test_of_an_unknown_caller_it_is_not_known(aws: OfflineAws, look: Look) -> None:
    aws.fail("sts", "GetCallerIdentity", Fault.ACCESS_DENIED)
    found = look(role=aws.role)["role: passing it"]
    assert found.level == "note" and "an unknown caller" in found.found
