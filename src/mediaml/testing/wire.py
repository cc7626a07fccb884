"""Between botocore and moto: every call is noted, may go wrong, and is answered by us where moto cannot."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import unquote, urlsplit

from mediaml.testing import query
from mediaml.testing.faults import Fault, Faults
from mediaml.testing.refusals import RefusalError

NAMES = {
    "cloudwatch-logs": "logs",
    "s3-control": "s3control",
}  # what botocore calls a service in its events, and boto3 in its clients
JSON = "application/x-amz-json-1.1"
JSON_SERVICES = ("sagemaker", "rekognition", "service-quotas", "pricing")


class Call(NamedTuple):
    """A call that was made.

    Parameters
    ----------
    service, operation
        As boto3 and AWS name them: ``sagemaker``, ``CreateEndpoint``.
    parameters
        What was sent, where we answer it; else empty.
    """

    service: str
    operation: str
    parameters: dict[str, Any]


class Reply(NamedTuple):
    """An answer: what its shape holds; or a body as it is, with headers."""

    members: dict[str, Any]
    body: bytes | None = None
    headers: dict[str, str] = {}  # noqa: RUF012  never changed
    status: int = 200


class Message(NamedTuple):
    """A request as it comes: path, headers (their names in lower case) and body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """An answer as it goes: status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes


Operation = Callable[[dict[str, Any]], Reply]


@dataclass
class Wire:
    """What stands between botocore and moto.

    Parameters
    ----------
    operations
        What is answered by us, by service and operation.
    """

    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    _inside: threading.local = field(default_factory=threading.local)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Call AWS as AWS does itself: unnoted, and without faults."""
        before = getattr(self._inside, "yes", False)
        self._inside.yes = True
        try:
            yield
        finally:
            self._inside.yes = before

    @contextmanager
    def tapped(self) -> Iterator[None]:
        """Stand between, for as long as the block lasts."""
        from moto.core.botocore_stubber import BotocoreStubber

        wire, moto = self, BotocoreStubber.__call__
        if moto.__module__ == __name__:
            raise RuntimeError("an offline AWS is at work in this process already: end it first")

        def call(stubber: Any, event_name: str, request: Any, **rest: Any) -> Any:
            if not stubber.enabled:
                return None
            return wire.answer(event_name, request, lambda: moto(stubber, event_name, request, **rest))

        with mock.patch.object(BotocoreStubber, "__call__", call):
            yield

    def answer(self, event_name: str, request: Any, moto: Callable[[], Any]) -> Any:
        """Answer a request of botocore's, or let it go wrong."""
        _, named, operation = event_name.split(".", 2)
        service = NAMES.get(named, named)
        if (service, operation) in self.operations:
            answer = self.answered(service, operation, _message(request), request.url)
            return _raw(request, answer)
        if getattr(self._inside, "yes", False):
            return moto()
        self.calls.append(Call(service, operation, {}))
        fault = self.faults.next(service, operation)
        if fault is None:
            return moto()
        what, acts = fault
        if acts:
            _ = moto()
        return _raw(request, _failed(what, service, operation, request.url))

    def answered(self, service: str, operation: str, message: Message, url: str = "") -> Answer:
        """Answer a request that is ours to answer, or let it go wrong."""
        ours = self.operations[service, operation]
        parameters = _parameters(message, service)
        if getattr(self._inside, "yes", False):
            return _reply(ours, parameters, service, operation)
        self.calls.append(Call(service, operation, parameters))
        fault = self.faults.next(service, operation)
        if fault is None:
            return _reply(ours, parameters, service, operation)
        what, acts = fault
        if acts:
            _reply(ours, parameters, service, operation)
        return _failed(what, service, operation, url)


def _message(request: Any) -> Message:
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    return Message(urlsplit(request.url).path, headers, body.encode() if isinstance(body, str) else bytes(body or b""))


def _parameters(message: Message, service: str) -> dict[str, Any]:
    if service in JSON_SERVICES:
        return dict(json.loads(message.body or b"{}"))
    if service in query.FORMS:
        return query.read(message.body)
    headers = message.headers
    return {
        "EndpointName": unquote(message.path.split("/")[2]),
        "Body": message.body,
        # an asynchronous request names its types under names of its own
        "ContentType": headers.get("x-amzn-sagemaker-content-type", headers.get("content-type")),
        "Accept": headers.get("x-amzn-sagemaker-accept", headers.get("accept")),
        "InputLocation": headers.get("x-amzn-sagemaker-inputlocation"),
    }


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _reply(ours: Operation, parameters: dict[str, Any], service: str, operation: str) -> Answer:
    try:
        reply = ours(parameters)
    except RefusalError as refusal:
        return _refused(refusal, service)
    if service in query.FORMS:
        return _answer(reply.status, {"Content-Type": query.XML}, query.answered(operation, reply.members))
    body = json.dumps(reply.members, default=_plain).encode() if reply.body is None else reply.body
    return _answer(reply.status, {"Content-Type": JSON, **reply.headers}, body)


def _refused(refusal: RefusalError, service: str) -> Answer:
    if service in query.XML_SERVICES:
        told = query.refused(service, refusal.code, refusal.message)
        return _answer(refusal.status, {"Content-Type": query.XML}, told)
    body = {"__type": refusal.code, "message": refusal.message, "Message": refusal.message, **refusal.members}
    headers = {"Content-Type": JSON, "x-amzn-errortype": refusal.code}
    return _answer(refusal.status, headers, json.dumps(body).encode())


def _failed(what: Fault | BaseException, service: str, operation: str, url: str) -> Answer:
    if isinstance(what, BaseException):
        raise what
    code, status = what.value
    if status > 0 and operation.startswith("Head"):  # such an answer has no body
        return _answer(status, {}, b"")
    if status > 0:
        return _refused(RefusalError(code, f"{code} was injected into {service}.{operation}", status), service)
    from botocore.exceptions import ConnectionClosedError

    raise ConnectionClosedError(endpoint_url=url)


def _answer(status: int, headers: dict[str, str], body: bytes) -> Answer:
    return Answer(status, {"x-amzn-requestid": "offline-aws", "Content-Length": str(len(body)), **headers}, body)


def _raw(request: Any, answer: Answer) -> Any:
    from botocore.awsrequest import AWSResponse
    from moto.core.botocore_stubber import MockRawResponse

    return AWSResponse(request.url, answer.status, answer.headers, MockRawResponse(answer.body))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} is nothing that AWS answers")
