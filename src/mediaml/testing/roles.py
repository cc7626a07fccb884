"""IAM's roles as AWS's own machines see them."""

from __future__ import annotations

from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.wire import Wire


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

    def assume(self, arn: str) -> None:
        """Refuse a role that does not exist."""
        with self._wire.inside():
            try:
                found = self._client.get_role(RoleName=arn.rpartition("/")[2])["Role"]["Arn"]
            except self._client.exceptions.NoSuchEntityException:
                found = ""
        if found != arn:
            words = "Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume it."
            raise RefusalError("ValidationException", f"Could not assume role {arn}. {words}")
