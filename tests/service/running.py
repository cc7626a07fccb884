"""Services at work: in a thread of the tests, or in a process of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_IN = 60.0  # seconds
ENDED_IN = 60.0


@contextmanager
def in_thread(app: Any) -> Iterator[str]:
    """Serve an app on a port of this machine; gives its address."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True, name="tests-service")
    thread.start()
    until = time.monotonic() + READY_IN
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started, "the service does not come up"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(ENDED_IN)
        assert not thread.is_alive(), "the service does not end"


class Process:
    """``mediaml serve`` in a process of its own.

    Parameters
    ----------
    model
        The folder of a saved model.
    log
        Where it writes its lines.
    options
        Of the command line.
    """

    def __init__(self, model: Path, log: Path, *options: str) -> None:
        self._log = log
        command = [sys.executable, "-m", "mediaml.cli", "serve", str(model), "--port", "0", *options]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, stderr=out, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{self._port()}"

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has written so far."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def told(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in self.lines if line["event"] == event]

    def _port(self) -> int:
        until = time.monotonic() + READY_IN
        while time.monotonic() < until and self.process.poll() is None:
            if '"listening"' in self._log.read_text():
                return int(self.told("listening")[0]["port"])
            time.sleep(0.05)
        self.close()
        raise AssertionError(f"the service does not come up: {self._log.read_text()[-2000:]}")

    def terminate(self) -> None:
        """Tell it to end."""
        os.kill(self.process.pid, signal.SIGTERM)

    def close(self) -> None:
        """End it at once, if it runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
