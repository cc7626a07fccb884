"""Who is let in: so many requests at once, each of so many bytes, each for so long."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mediaml.errors import DeploymentError, PayloadTooLarge
from mediaml.service.asked import Asked, problem_response
from mediaml.service.problems import NOT_BEGUN, SLOW_BODY, TOO_SLOW, Kind, kind_of
from mediaml.service.queue import Queue
from mediaml.service.settings import ServiceSettings

BUSY = (429, 503)  # ask again later


class Admission:
    """ASGI: holds a place in the queue for each request that has a body, before the body is read.

    A body is counted while it arrives, so that one without Content-Length is bounded, too; what is refused is not read.
    """

    def __init__(self, app: ASGIApp, queue: Queue, settings: ServiceSettings) -> None:
        self.app, self.queue, self.settings = app, queue, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        asked: Asked = scope["state"]["asked"]
        try:
            self._check_length(scope)
            with self.queue.place():
                await self._in_time(scope, receive, send)
        except DeploymentError as error:
            await self._refuse(kind_of(error), str(error), asked)(scope, receive, send)

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked: Asked = scope["state"]["asked"]
        try:
            async with asyncio.timeout(self.settings.timeout):
                await self.app(scope, self._bounded(receive), send)
        except TimeoutError:
            if not asked.status:
                kind, detail = _late(asked)
                detail = f"{detail} after {self.settings.timeout:g} s"
                await self._refuse(kind, detail, asked)(scope, receive, send)

    def _refuse(self, kind: Kind, detail: str, asked: Asked) -> ASGIApp:
        headers = {"Retry-After": str(self.queue.retry_after)} if kind.status in BUSY else None
        return problem_response(kind, detail, asked, headers=headers)

    def _check_length(self, scope: Scope) -> None:
        stated = Headers(scope=scope).get("Content-Length", "")
        if stated.isdecimal() and int(stated) > self.settings.max_body:
            raise PayloadTooLarge(_too_large(self.settings.max_body))

    def _bounded(self, receive: Receive) -> Receive:
        """Count what arrives, and refuse the rest."""
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > self.settings.max_body:
                # the framework hands on this kind of error only, while it reads a body
                raise HTTPException(413, _too_large(self.settings.max_body))
            return message

        return counted


def _too_large(most: int) -> str:
    return f"a request is {most} bytes at most (MEDIAML_SERVICE_MAX_BODY)"


def _late(asked: Asked) -> tuple[Kind, str]:
    """Tell what a request that took too long was doing."""
    if asked.job is None:
        return SLOW_BODY, "the request had not arrived"
    if asked.job.began is None:
        return NOT_BEGUN, "it was not this request's turn"
    return TOO_SLOW, "the model was not done with this request"
