"""Who may take on a role, as its trust policy says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any, NamedTuple

from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding

ASSUME = "sts:assumerole"


class Wanted(NamedTuple):
    """Who is to take on a role.

    Parameters
    ----------
    service
        Which service: ``sagemaker.amazonaws.com``.
    remedy
        What to do where it may not.
    condition
        That may stand there; None: any is told.
    """

    service: str
    remedy: str
    condition: dict[str, Any] | None = None


def trust(what: str, policy: dict[str, Any], wanted: Wanted) -> Finding:
    """Tell whether a service may take on a role."""
    service = wanted.service
    named = list(_naming(policy, service))
    allowed = [one for one in named if one.get("Effect") == "Allow"]
    denied = [one for one in named if one.get("Effect") == "Deny"]
    if any(not one.get("Condition") for one in denied):
        told = f"a statement of its trust policy denies {service} to take it"
        return Finding(what, PROBLEM, told, "Take this statement out of the role's trust policy.")
    if not allowed:
        return Finding(what, PROBLEM, f"{service} may not take it", wanted.remedy)
    conditions = [one["Condition"] for one in denied]
    if all(one.get("Condition") not in (None, {}, wanted.condition) for one in allowed):
        conditions += [one["Condition"] for one in allowed]
    if conditions:
        told = f"{service} may take it under conditions: {json.dumps(conditions)}"
        return Finding(what, NOTE, told, "See that they let it be taken for this account and region.")
    return Finding(what, GOOD, f"{service} may take it")


def _naming(policy: dict[str, Any], service: str) -> Iterator[dict[str, Any]]:
    """Give the statements about a service's taking the role; what is denied to everybody is denied to it too."""
    for statement in many(policy.get("Statement")):
        concerned = _denied_with_all if statement.get("Effect") == "Deny" else _named
        if concerned(statement, service) and _about_taking(statement):
            yield statement


def _named(statement: dict[str, Any], service: str) -> bool:
    return service in _services(statement.get("Principal"))


def _denied_with_all(statement: dict[str, Any], service: str) -> bool:
    if "NotPrincipal" in statement:
        return service not in _services(statement["NotPrincipal"])
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in many(principal.get("AWS")))
    return everybody or bool({service, "*"} & set(_services(principal)))


def _services(principal: Any) -> list[str]:
    return many(principal.get("Service")) if isinstance(principal, dict) else []


def _about_taking(statement: dict[str, Any]) -> bool:
    if "NotAction" in statement:
        return not _matches(statement["NotAction"])
    return _matches(statement.get("Action"))


def _matches(actions: Any) -> bool:
    return any(fnmatch(ASSUME, one.lower()) for one in many(actions))


def many(value: Any) -> list[Any]:
    """Give one, many or none as many: IAM writes what is alone without brackets."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
