"""IAM's simulation of policies: what the callers of the offline account may do, as tests say."""

from __future__ import annotations

import re
from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.wire import Reply

PRINCIPAL = re.compile(r"arn:aws:(iam|sts)::\d{12}:(user|group|role)/.+")
"""Who has policies; moto's own user is one of STS."""


class Rights:
    """What is allowed.

    Attributes
    ----------
    denied
        Actions that no one has, as IAM names them: ``"iam:PassRole"``. All others are allowed.
    missing_context
        What policies ask for and the simulation was not told.
    """

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.missing_context: list[str] = []

    def simulate(self, request: dict[str, Any]) -> Reply:
        """SimulatePrincipalPolicy."""
        source = request["PolicySourceArn"]
        if not PRINCIPAL.fullmatch(source):
            raise RefusalError("InvalidInput", f"Invalid Entity Arn: {source} does not clearly define entity type.")
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "implicitDeny" if action in self.denied else "allowed",
                "MissingContextValues": self.missing_context,
            }
            for action in request["ActionNames"]
            for resource in request.get("ResourceArns", ["*"])
        ]
        return Reply({"EvaluationResults": results, "IsTruncated": False})
