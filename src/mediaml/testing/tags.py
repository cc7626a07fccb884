"""Tags of what was created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediaml.testing.refusals import missing
from mediaml.testing.wire import Reply

Operation = Callable[[dict[str, Any]], Reply]


class Tags:
    """Tags by ARN, as long as there is what they belong to."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, str]] = {}

    def noting(self, create: Operation, arn: str) -> Operation:
        """Give the operation, which also keeps the tags that it is given, under the ARN that it answers."""

        def created(request: dict[str, Any]) -> Reply:
            reply = create(request)
            self._of[reply.members[arn]] = {row["Key"]: row["Value"] for row in request.get("Tags", ())}
            return reply

        return created

    def forgetting(self, delete: Operation, under: str, name: str) -> Operation:
        """Give the operation, which also forgets the tags of what it has deleted.

        Parameters
        ----------
        delete
            The operation.
        under
            How the ARN begins, before the name.
        name
            Of the request, that holds the name.
        """

        def deleted(request: dict[str, Any]) -> Reply:
            reply = delete(request)
            self._of.pop(f"{under}{request[name]}", None)
            return reply

        return deleted

    def add(self, request: dict[str, Any]) -> Reply:
        """AddTags."""
        self._kept(request).update({row["Key"]: row["Value"] for row in request["Tags"]})
        return self.listed(request)

    def listed(self, request: dict[str, Any]) -> Reply:
        """ListTags."""
        return Reply({"Tags": [{"Key": key, "Value": value} for key, value in self._kept(request).items()]})

    def _kept(self, request: dict[str, Any]) -> dict[str, str]:
        arn = request["ResourceArn"]
        if arn not in self._of:
            raise missing("resource", arn)
        return self._of[arn]
