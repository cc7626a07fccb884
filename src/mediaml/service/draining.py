"""uvicorn's server, but one that goes on answering while it finishes what is in the house."""

from __future__ import annotations

import logging
import math
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from mediaml.service.logs import tell
from mediaml.service.queue import Queue

FAILED = 3  # uvicorn's exit code of an app that does not come up
LEAST = 0.5  # seconds in which /ping says that the service ends, though there may be nothing to finish


class DrainingServer(uvicorn.Server):
    """Ends in two steps: after a first signal it takes no more requests and says so, and finishes those it has.

    Whoever is not answered when the time is over, or a second signal comes, is told so.

    Parameters
    ----------
    config
        uvicorn's own.
    queue
        Of the service.
    seconds
        How long it may take to finish.
    started
        Told the host and the port once it listens there.
    """

    def __init__(
        self, config: uvicorn.Config, queue: Queue, seconds: float, started: Callable[[str, int], None] | None = None
    ) -> None:
        super().__init__(config)
        self._queue, self._seconds, self._started = queue, seconds, started
        self._least = self._until = math.inf

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, or end."""
        if self._queue.draining:
            self._until = 0.0
            return
        self._queue.draining = True
        now = time.monotonic()
        self._least, self._until = now + min(LEAST, self._seconds), now + self._seconds
        tell(logging.INFO, "ending", {"signal": sig, "requests": self._queue.taken})

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether all is done."""
        now = time.monotonic()
        if now >= self._until:
            self._queue.give_up()
        if now >= self._until or (now >= self._least and not self._queue.taken):
            self.should_exit = True
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where.

        Raises
        ------
        OSError
            Nobody can listen there.
        SystemExit
            The app does not come up; uvicorn has logged why.
        """
        try:
            await super().startup(sockets=sockets)
        except SystemExit as end:  # uvicorn's way to say so, with an exit code of its own
            if isinstance(end.__context__, OSError):
                raise end.__context__ from None
            raise
        if not self.started:  # older uvicorns return where the app does not come up, later ones end the process
            sys.exit(FAILED)
        places = [listening.getsockname()[:2] for one in self.servers for listening in one.sockets]
        for host, port in places:
            tell(logging.INFO, "listening", {"host": host, "port": port})
        if self._started is not None:
            self._started(*places[0])
