"""Tags of what was created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediaml.testing.wire import Reply


class Tags:
    """Tags by ARN."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, str]] = {}

    def noting(self, create: Callable[[dict[str, Any]], Reply], arn: str) -> Callable[[dict[str, Any]], Reply]:
        """Give the operation, which also keeps the tags that it is given, under the ARN that it answers."""

        def created(request: dict[str, Any]) -> Reply:
            reply = create(request)
            self._of[reply.members[arn]] = {row["Key"]: row["Value"] for row in request.get("Tags", ())}
            return reply

        return created

    def add(self, request: dict[str, Any]) -> Reply:
        """AddTags."""
        kept = self._of.setdefault(request["ResourceArn"], {})
        kept.update({row["Key"]: row["Value"] for row in request["Tags"]})
        return self.listed(request)

    def listed(self, request: dict[str, Any]) -> Reply:
        """ListTags."""
        kept = self._of.get(request["ResourceArn"], {})
        return Reply({"Tags": [{"Key": key, "Value": value} for key, value in kept.items()]})
