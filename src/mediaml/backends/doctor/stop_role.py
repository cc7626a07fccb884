"""The stop role: that AWS itself can end what bills when its hours are over, though this machine is off."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from mediaml.aws.session import translated
from mediaml.aws.stop_role import NAME, POLICY, SERVICE, StopRole, remembered_for
from mediaml.backends.doctor.asking import Caller, asked
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from mediaml.backends.doctor.trust import Wanted, many, trust
from mediaml.errors import AwsNotFoundError, AwsValidationError

WHAT = "stop role"
MAKE = "Run mediaml aws setup: it makes the role, or gives it its policies anew."


def stop_role(caller: Caller) -> list[Finding]:
    """Look at the role that ``mediaml aws setup`` makes."""
    if not caller.account:
        remedy = "See to the caller above, then look again."
        return [Finding(WHAT, NOTE, "not looked at: which account this is is not known", remedy)]
    partition = str(caller.aws.session.get_partition_for_region(caller.aws.region))
    wanted = StopRole(caller.account, partition)
    try:
        known = remembered_for(caller.account)
    except AwsValidationError as error:  # the file beside the ledger is damaged
        return [Finding(WHAT, PROBLEM, f"which role this machine knows cannot be read: {error}", MAKE)]
    return asked(WHAT, "iam:GetRole", lambda: _looked_at(caller, wanted, known))


def _looked_at(caller: Caller, wanted: StopRole, known: str | None) -> list[Finding]:
    try:
        with translated(f"looking at the role {NAME}"):
            found = caller.client("iam").get_role(RoleName=NAME)["Role"]
    except AwsNotFoundError:
        return [_missing(known)]
    policies = asked(f"{WHAT}: policy", "iam:GetRolePolicy", lambda: [_policy(caller, wanted)])
    condition = wanted.trust["Statement"][0]["Condition"]
    trusted = trust(f"{WHAT}: trust", found["AssumeRolePolicyDocument"], Wanted(SERVICE, MAKE, condition))
    return [_known(str(found["Arn"]), known), trusted, *policies]


def _missing(known: str | None) -> Finding:
    if known is not None:
        told = f"this machine knows {known}, and there is no such role: what bills when idle cannot be started"
        return Finding(WHAT, PROBLEM, told, MAKE)
    told = f"there is no role {NAME}: AWS ends nothing by itself, and what bills when idle does not start"
    return Finding(WHAT, NOTE, told, f"{MAKE} Or give models a role of your own: stop_role=.")


def _known(arn: str, known: str | None) -> Finding:
    if known == arn:
        return Finding(WHAT, GOOD, f"{arn} exists, and this machine knows it")
    if known is not None:
        return Finding(WHAT, PROBLEM, f"the role is {arn}, and this machine knows {known}", f"Give stop_role={arn!r}.")
    remedy = f"Run mediaml aws setup here, too, or give models stop_role={arn!r}."
    return Finding(WHAT, NOTE, f"{arn} exists, and this machine does not know it", remedy)


def _policy(caller: Caller, wanted: StopRole) -> Finding:
    what = f"{WHAT}: policy"
    try:
        with translated(f"looking at the policy of the role {NAME}"):
            found = caller.client("iam").get_role_policy(RoleName=NAME, PolicyName=POLICY)["PolicyDocument"]
    except AwsNotFoundError:
        return Finding(what, PROBLEM, f"it has no policy {POLICY}: it may end nothing", MAKE)
    lacking = list(_lacking(found, wanted.policy))
    if lacking:
        return Finding(what, PROBLEM, f"its policy does not let it call {', '.join(lacking)}", MAKE)
    return Finding(what, GOOD, "it may end what mediaml deploys")


def _lacking(policy: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    """Name the actions that a policy does not allow on all that is wanted."""
    statements = many(policy.get("Statement"))
    allowed = [one for one in statements if one.get("Effect") == "Allow" and not one.get("Condition")]
    denied = [one for one in statements if one.get("Effect") == "Deny"]
    for one in wanted["Statement"]:
        action, resource = str(one["Action"]), str(one["Resource"])
        if not any(_covers(of, action, resource) for of in allowed) or any(_names(of, action) for of in denied):
            yield action


def _names(statement: dict[str, Any], action: str) -> bool:
    return any(fnmatchcase(action.lower(), one.lower()) for one in many(statement.get("Action")))


def _covers(statement: dict[str, Any], action: str, resource: str) -> bool:
    return _names(statement, action) and any(fnmatchcase(resource, one) for one in many(statement.get("Resource")))
