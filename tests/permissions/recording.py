"""What is called on the offline AWS, with all parameters: by mediaml, and by AWS itself in the course of its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws


class Made(NamedTuple):
    """A call: of which service, which operation, with what, and whether what it asked for was not there."""

    service: str
    operation: str
    parameters: dict[str, Any]
    missing: bool


@dataclass
class Record:
    """The calls of mediaml, and those that AWS makes by itself."""

    ours: list[Made] = field(default_factory=list)
    theirs: list[Made] = field(default_factory=list)


@contextmanager
def recorded(aws: OfflineAws) -> Iterator[Record]:
    """Note every call while the block lasts; the offline AWS has noted the same ones."""
    record, first = Record(), len(aws.calls)
    call = BaseClient._make_api_call

    def noting(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        theirs = getattr(aws._wire._inside, "yes", False)
        missing = False
        try:
            return call(client, operation, parameters)
        except ClientError as error:
            missing = error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
            raise
        finally:
            made = Made(client.meta.service_model.service_name, operation, dict(parameters), missing)
            (record.theirs if theirs else record.ours).append(made)

    with mock.patch.object(BaseClient, "_make_api_call", noting):
        yield record
    noted = {(one.service, one.operation) for one in aws.calls[first:]}
    assert {(one.service, one.operation) for one in record.ours} == noted, "no call is unseen"
