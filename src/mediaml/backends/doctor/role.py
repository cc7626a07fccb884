"""The execution role: that it exists, that SageMaker may take it, that the caller may pass it on."""

from __future__ import annotations

import json
from typing import Any

from mediaml.aws.session import translated
from mediaml.backends.doctor.asking import Caller, asked
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from mediaml.backends.doctor.trust import Wanted, trust
from mediaml.backends.sagemaker.settings import ROLE
from mediaml.errors import AwsNotFoundError

SERVICE = "sagemaker.amazonaws.com"
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}],
}
"""The policy of a role that SageMaker may take."""
ADD = f"Add this statement to the role's trust policy: {json.dumps(TRUST['Statement'][0])}"


def role(caller: Caller, arn: str) -> list[Finding]:
    """Look at a role."""
    if not ROLE.fullmatch(arn):
        return [Finding("role", PROBLEM, f"{arn!r} is no role's ARN", "Give arn:aws:iam::ACCOUNT:role/NAME.")]
    account = arn.split(":")[4]
    if caller.account and account != caller.account:
        told = f"{arn} is a role of the account {account}, and the caller is of {caller.account}"
        return [Finding("role", PROBLEM, told, "Take a role of the caller's account, or credentials of the role's.")]
    found = asked("role", "iam:GetRole", lambda: _trusted(caller, arn))
    if any(one.what == "role" and one.level == PROBLEM for one in found):
        return found
    right = "iam:SimulatePrincipalPolicy" + (" and iam:GetRole" if ":assumed-role/" in caller.arn else "")
    return [*found, *asked("role: passing it", right, lambda: _passed(caller, arn))]


def _trusted(caller: Caller, arn: str) -> list[Finding]:
    name = arn.rpartition("/")[2]
    try:
        with translated(f"looking at the role {name}"):
            found = caller.client("iam").get_role(RoleName=name)["Role"]
    except AwsNotFoundError:
        make = f"aws iam create-role --role-name {name} --assume-role-policy-document '{json.dumps(TRUST)}'"
        return [Finding("role", PROBLEM, f"there is no role {name}", f"Check the name, or make it: {make}")]
    if found["Arn"] != arn:
        return [Finding("role", PROBLEM, f"the role {name} is {found['Arn']}, not {arn}", f"Give {found['Arn']}.")]
    return [
        Finding("role", GOOD, f"{arn} exists"),
        trust("role: trust", found["AssumeRolePolicyDocument"], Wanted(SERVICE, ADD)),
    ]


def _passed(caller: Caller, arn: str) -> list[Finding]:
    what = "role: passing it"
    source = _source(caller)
    if source is None:
        who = caller.arn or "an unknown caller"
        remedy = "Work as a user or a role, whose policies IAM can look at."
        return [Finding(what, NOTE, f"not looked at: IAM looks at no policies of {who}", remedy)]
    passed = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [SERVICE], "ContextKeyType": "string"}
    with translated("asking whether the role may be passed"):
        answer = caller.client("iam").simulate_principal_policy(
            PolicySourceArn=source, ActionNames=["iam:PassRole"], ResourceArns=[arn], ContextEntries=[passed]
        )
    result = answer["EvaluationResults"][0]
    if result["EvalDecision"] == "allowed":
        return [Finding(what, GOOD, f"the policies of {source} let it pass the role to SageMaker")]
    if result.get("MissingContextValues"):
        told = f"not to be known: it depends on {', '.join(result['MissingContextValues'])}"
        return [Finding(what, NOTE, told, f"Look at the conditions in the policies of {source}.")]
    condition = {"StringEquals": {"iam:PassedToService": SERVICE}}
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": arn, "Condition": condition}
    remedy = f"Add this statement to a policy of {source}: {json.dumps(statement)}"
    return [Finding(what, PROBLEM, f"{source} may not pass the role to SageMaker ({result['EvalDecision']})", remedy)]


def _source(caller: Caller) -> str | None:
    """Give the user or the role that has the caller's policies."""
    kind, _, name = caller.arn.rpartition(":")[2].partition("/")
    if kind == "assumed-role":  # the ARN of a session lacks the role's path
        with translated("looking at the caller's role"):
            return str(caller.client("iam").get_role(RoleName=name.partition("/")[0])["Role"]["Arn"])
    return caller.arn if kind in ("user", "role") else None
