"""Asking a service over HTTP: retries, limits, and errors by their names.

urllib3 does it: botocore brings it anyway, so a client needs no extra. httpx would be one more package for what is used
here, a pool of connections, timeouts and files in a form.
"""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from mediaml._secrets import without_secrets
from mediaml.aws.clock import Clock, RealClock
from mediaml.errors import PayloadTooLarge, ServiceBusyError, ServiceError

if TYPE_CHECKING:
    import urllib3

TRIES = 8
BROKEN_TRIES = 2  # a connection that was kept open may be closed just when it is used again
REACHED_IN = 10.0  # seconds
LONGEST_WAIT = 60.0
BUSY = (429, 503)
LARGEST_ANSWER = 64 << 20  # bytes


class Sent(NamedTuple):
    """A file to send.

    Parameters
    ----------
    name
        As a person would name the item; it stays here.
    content
        Its bytes.
    offset
        Seconds into the item's source at which it begins.
    """

    name: str
    content: bytes
    offset: float = 0.0


class Answer(NamedTuple):
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """Read it as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Wire:
    """The way to a service.

    Parameters
    ----------
    url
        ``http://host:port``, or with a path where a proxy puts it; a name and a password in it are sent as Basic
        authentication, which a proxy in front may ask for.
    timeout
        Seconds that one request may take.
    clock
        To wait with.
    """

    url: str = field(repr=False)
    timeout: float
    clock: Clock = field(default_factory=RealClock)

    @property
    def name(self) -> str:
        """The address without what opens doors."""
        return without_secrets(self.url)

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        import urllib3

        parts = urlsplit(self.url)
        headers = {"Accept": "application/json"}
        if parts.username is not None:
            told = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["authorization"] = f"Basic {b64encode(told.encode()).decode()}"  # UTF-8, as RFC 7617 has it
        wait = urllib3.Timeout(connect=REACHED_IN, read=self.timeout)
        return urllib3.PoolManager(headers=headers, timeout=wait, retries=False, maxsize=8, block=False)

    def get(self, path: str) -> Any:
        """Ask for a document.

        Raises
        ------
        ServiceError
            There is none, or no answer.
        """
        return self._document(self._patiently("GET", path, None, {}))

    def post(self, path: str, form: str, files: Sequence[Sent], query: Mapping[str, object] | None = None) -> Any:
        """Send files, and give the answer's document.

        Parameters
        ----------
        path
            Of the service.
        form
            The name that the files have in the form.
        files
            At least one.
        query
            What else is asked; what is None is left out.

        Raises
        ------
        ServiceBusyError
            It has no place, even after some tries.
        PayloadTooLarge
            It is more than the service takes.
        ServiceError
            It refused, failed, or cannot be reached.
        """
        from urllib3.filepost import encode_multipart_formdata

        body, kind = encode_multipart_formdata([(form, ("file", one.content)) for one in files])
        asked = urlencode({name: value for name, value in (query or {}).items() if value is not None})
        target = f"{path}?{asked}" if asked else path
        return self._document(self._patiently("POST", target, body, {"Content-Type": kind}))

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _patiently(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Ask again where the service says so, after the time that it says, and where the connection broke.

        What is not answered in time is not asked again: the service would begin the same work once more.
        """
        broken = 0
        for number in range(1, TRIES + 1):
            try:
                answer = self._once(method, path, body, headers)
            except BrokenError:
                broken += 1
                if broken == BROKEN_TRIES:
                    raise
                continue
            if answer.status not in BUSY or number == TRIES:
                break
            self.clock.sleep(_told_to_wait(answer) * random.uniform(1.0, 1.25))  # not all at the same moment
        return answer

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        from urllib3.exceptions import HTTPError, ProtocolError

        try:
            response = self._pool.request(
                method,
                _without_user(self.url) + path,
                body=body,
                headers={**self._pool.headers, **headers},
                preload_content=False,
                redirect=False,
            )
            with response:
                content = response.read(LARGEST_ANSWER + 1)
                response.drain_conn()
        except HTTPError as error:
            reason = without_secrets(str(error))
            kind = BrokenError if isinstance(error, ProtocolError) else ServiceError
            raise kind(f"{self.name} cannot be reached, or did not answer in time: {reason}") from error
        if len(content) > LARGEST_ANSWER:
            raise ServiceError(f"{self.name} answered with more than {LARGEST_ANSWER} bytes")
        return Answer(response.status, response.headers, content)

    def _document(self, answer: Answer) -> Any:
        told = answer.document()
        if answer.status == 200 and isinstance(told, dict):
            return told
        raise self._error(answer, told if isinstance(told, dict) else {})

    def _error(self, answer: Answer, told: Mapping[str, Any]) -> Exception:
        request_id = answer.headers.get("X-Request-Id", "")
        detail = str(told.get("detail") or answer.body[:200].decode("utf-8", "replace") or "without a reason")
        message = without_secrets(f"{self.name} answered {answer.status}: {detail}")
        if request_id:
            message += f" (request {request_id})"
        if answer.status == 413:
            return PayloadTooLarge(message)
        if answer.status in BUSY:
            return ServiceBusyError(message, answer.status, request_id)
        if answer.status == 200:
            message = f"{self.name} is no service of mediaml's: {answer.body[:100]!r}"
        return RefusedError(message, answer.status, request_id, detail)


class BrokenError(ServiceError):
    """The connection was closed under a request."""


class RefusedError(ServiceError):
    """The service refused what it was sent.

    Parameters
    ----------
    message, status, request_id
        As of `ServiceError`.
    detail
        Its reason alone.
    """

    def __init__(self, message: str, status: int, request_id: str, detail: str) -> None:
        super().__init__(message, status, request_id)
        self.detail = detail


def _told_to_wait(answer: Answer) -> float:
    given = answer.headers.get("Retry-After", "")
    return min(LONGEST_WAIT, float(given)) if given.isdecimal() else 1.0


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")
