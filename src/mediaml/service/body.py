"""The body of a request: counted while it arrives, and passed over where the request is refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from mediaml.errors import PayloadTooLarge

PATIENCE = 2.0  # seconds for which the rest of a refused body is passed over
REFUSED = 400


class Body:
    """A request's way in and an answer's way out, in place of the server's.

    Whoever still sends does not hear an answer if the connection is closed upon it. So the rest of a body that is
    refused is let pass by, as much as might have been taken, and for a moment only; then the refusal is sent.

    Parameters
    ----------
    scope, receive, send
        The server's.
    most
        Bytes that are taken.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send, self._most = receive, send, most
        self._stated = headers.get("Content-Length", "")
        # whoever asks first whether to send does not send until it is asked for
        self._over = self._stated == "0" or "Expect" in headers
        self._count = 0

    def check_length(self) -> None:
        """Look at what the request says of its length.

        Raises
        ------
        PayloadTooLarge
            It is too large, and nothing of it has to be read.
        """
        if self._stated.isdecimal() and int(self._stated) > self._most:
            raise PayloadTooLarge(self._reason)

    async def receive(self) -> Message:
        """Give the next part.

        Raises
        ------
        HTTPException
            It is one too many: 413. The framework hands on this kind of error only, while it reads a body.
        """
        message = await self._next()
        if self._count > self._most:
            raise HTTPException(413, self._reason)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start" and message["status"] >= REFUSED and not self._over:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._pass_over()
        await self._send(message)

    async def _next(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        self._over = not message.get("more_body", False)
        return message

    async def _pass_over(self) -> None:
        until = self._count + self._most
        while not self._over and self._count <= until:
            await self._next()

    @property
    def _reason(self) -> str:
        return f"a request is {self._most} bytes at most (MEDIAML_SERVICE_MAX_BODY)"
