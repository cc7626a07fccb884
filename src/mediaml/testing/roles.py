"""IAM's roles as AWS's own machines see them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.wire import Wire

SAGEMAKER = "sagemaker.amazonaws.com"


class Roles:
    """Execution roles of the offline account.

    Parameters
    ----------
    client
        Of IAM.
    wire
        To be inside of.
    """

    def __init__(self, client: Any, wire: Wire) -> None:
        self._client = client
        self._wire = wire

    def assume(self, arn: str, service: str = SAGEMAKER, action: str | None = None) -> None:
        """Refuse a role that does not exist, that does not trust a service, or that may not do something.

        Parameters
        ----------
        arn
            Of the role.
        service
            That takes it on.
        action
            What it must allow by a policy of its own; None: that is not looked at.
        """
        with self._wire.inside():
            try:
                role = self._client.get_role(RoleName=arn.rpartition("/")[2])["Role"]
            except self._client.exceptions.NoSuchEntityException:
                role = {"Arn": ""}
        if role["Arn"] != arn or not _trusts(role["AssumeRolePolicyDocument"], service):
            words = f"Please ensure that the role exists and allows principal '{service}' to assume it."
            raise RefusalError("ValidationException", f"Could not assume role {arn}. {words}")
        if action is not None and not any(fnmatchcase(action, one) for one in self._actions(role["RoleName"])):
            raise RefusalError("AccessDeniedException", f"{arn} is not authorized to perform: {action}", 403)

    def _actions(self, name: str) -> list[str]:
        with self._wire.inside():
            policies = self._client.list_role_policies(RoleName=name)["PolicyNames"]
            documents = [
                self._client.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in policies
            ]
        statements = [one for document in documents for one in document["Statement"] if one["Effect"] == "Allow"]
        return [action for one in statements for action in _listed(one["Action"])]


def _trusts(document: Any, service: str) -> bool:
    named = (one.get("Principal", {}).get("Service", ()) for one in document["Statement"] if one["Effect"] == "Allow")
    return any(service in _listed(one) for one in named)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
