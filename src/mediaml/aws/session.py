"""The one seam to boto3: sessions, clients with retries, and the services' errors as ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mediaml._secrets import without_secrets
from mediaml.aws.clock import Clock, RealClock
from mediaml.aws.refusals import error_of
from mediaml.errors import AwsConnectionError

if TYPE_CHECKING:
    import boto3

ATTEMPTS = 8
READ_TIMEOUT = 70  # seconds: a container must answer within 60
CONNECT_TIMEOUT = 10
POOL = 32  # connections that are kept open

_MAKING = threading.Lock()
"""Held while a client is made: boto3's sessions, which may be several accounts' here, are not for threads."""


@dataclass(frozen=True)
class Aws:
    """An account and a region to work in.

    Parameters
    ----------
    session
        With the credentials and the region.
    clock
        What waiting is measured with.
    attempts
        Of a call, in all, where nothing else is said.
    """

    session: boto3.Session
    clock: Clock = field(default_factory=RealClock)
    attempts: int = ATTEMPTS
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _facts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def region(self) -> str:
        """The region.

        Raises
        ------
        AwsConnectionError
            None is configured.
        """
        region = self.session.region_name
        if not region:
            raise AwsConnectionError(
                "no AWS region is configured: set AWS_DEFAULT_REGION. "
                "In Python a session has one, too: session=boto3.Session(region_name=...)"
            )
        return str(region)

    def client(self, service: str, attempts: int | None = None, region: str | None = None) -> Any:
        """Give the client of a service, made once, whichever thread asks first.

        It retries what can be retried, and slows down when throttled.

        Parameters
        ----------
        service
            As boto3 names it.
        attempts
            In all. 1: whoever calls retries by itself; None: as of this account.
        region
            Another one than the session's, for services that are not everywhere.
        """
        tries = self.attempts if attempts is None else attempts
        known = f"{service} {tries} {region}"
        with _MAKING:
            if known not in self._clients:
                self._clients[known] = self._made(service, tries, region or self.region)
            return self._clients[known]

    def _made(self, service: str, attempts: int, region: str) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "adaptive" if attempts > 1 else "standard", "total_max_attempts": attempts},
            max_pool_connections=POOL,
            read_timeout=READ_TIMEOUT,
            connect_timeout=CONNECT_TIMEOUT,
            user_agent_extra="mediaml",
        )
        return self.session.client(service, region_name=region, config=config)

    def account(self) -> str:
        """Give the account's number; everyone may ask for it."""
        with self._asking:
            if "account" not in self._facts:
                with translated(
                    "asking STS which account this is (whose the buckets are MEDIAML_BUCKET_OWNER=... says, too)"
                ):
                    self._facts["account"] = str(self.client("sts").get_caller_identity()["Account"])
            return self._facts["account"]


def aws(session: boto3.Session | None = None, clock: Clock | None = None) -> Aws:
    """Work in the account and region of a session; None: the default of this machine."""
    return Aws(session_of() if session is None else session, RealClock() if clock is None else clock)


def session_of(region: str | None = None) -> boto3.Session:
    """Give this machine's session, in a region of its own or another one.

    Raises
    ------
    AwsConnectionError
        A profile is named that does not exist.
    """
    import boto3

    with translated("taking this machine's credentials"):
        return boto3.Session(region_name=region)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn botocore's and boto3's errors into ours.

    Parameters
    ----------
    doing
        What was tried, as the start of a sentence: "creating the endpoint x".
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    # what is no answer of AWS's, but a proxy's or a hotel's, cannot be parsed
    except (ClientError, BotoCoreError, Boto3Error, ResponseParserError) as error:
        told = str(error)
        # a traceback shows the cause, too
        raise error_of(error, doing) from (error if without_secrets(told) == told else None)
