"""Who is let in: so many requests at once, each of so many bytes, each for so long."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from mediaml.errors import DeploymentError
from mediaml.service.asked import Asked, problem_response
from mediaml.service.body import Body
from mediaml.service.problems import NOT_BEGUN, SLOW_BODY, TOO_SLOW, Kind, kind_of
from mediaml.service.queue import Queue
from mediaml.service.settings import ServiceSettings

BUSY = (429, 503)  # ask again later


class Admission:
    """ASGI: holds a place in the queue for each request that has a body, before the body is read.

    A body is counted while it arrives, so that one without Content-Length is bounded, too. What is refused is not kept.
    """

    def __init__(self, app: ASGIApp, queue: Queue, settings: ServiceSettings) -> None:
        self.app, self.queue, self.settings = app, queue, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        asked: Asked = scope["state"]["asked"]
        body = Body(scope, receive, send, self.settings.max_body)
        try:
            body.check_length()
            with self.queue.place(asked):
                await self._in_time(scope, body)
        except DeploymentError as error:
            await self._refuse(kind_of(error), str(error), asked)(scope, body.receive, body.send)

    async def _in_time(self, scope: Scope, body: Body) -> None:
        asked: Asked = scope["state"]["asked"]
        try:
            async with asyncio.timeout(self.settings.timeout):
                await self.app(scope, body.receive, body.send)
        except TimeoutError:
            if not asked.status:
                kind, detail = _late(asked)
                detail = f"{detail} after {self.settings.timeout:g} s"
                await self._refuse(kind, detail, asked)(scope, body.receive, body.send)

    def _refuse(self, kind: Kind, detail: str, asked: Asked) -> ASGIApp:
        headers = {"Retry-After": str(self.queue.retry_after)} if kind.status in BUSY else None
        return problem_response(kind, detail, asked, headers=headers)


def _late(asked: Asked) -> tuple[Kind, str]:
    """Tell what a request that took too long was doing."""
    if asked.job is None:
        return SLOW_BODY, "the request had not arrived"
    if asked.job.began is None:
        return NOT_BEGUN, "it was not this request's turn"
    return TOO_SLOW, "the model was not done with this request"
