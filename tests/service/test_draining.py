"""The server that ends in two steps: what it does where it does not even begin."""

from __future__ import annotations

import socket
from typing import Any

import pytest

uvicorn = pytest.importorskip("uvicorn", reason="needs the extra 'service'")

from mediaml.service.draining import DrainingServer  # noqa: E402  it is uvicorn's
from mediaml.service.queue import Queue  # noqa: E402


async def broken(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An app that does not come up."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no model"})


async def as_before(self: Any, sockets: list[socket.socket] | None = None) -> None:
    """What uvicorn 0.30 does: it does not end the process, and has no servers."""
    await self.lifespan.startup()
    if self.lifespan.should_exit:
        self.should_exit = True


class Unwatched:
    """Is told of nothing: nothing is asked."""


@pytest.mark.parametrize("older", [False, True], ids=["uvicorn that is installed", "older uvicorn"])
def test_an_app_that_does_not_come_up_ends_it_with_a_code_and_is_not_said_to_listen(
    older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if older:
        monkeypatch.setattr(uvicorn.Server, "startup", as_before)
    listening: list[tuple[str, int]] = []
    config = uvicorn.Config(broken, port=0, lifespan="on", log_config=None)
    queue = Queue(1, 1, Unwatched())  # type: ignore[arg-type]
    server = DrainingServer(config, queue, 1.0, lambda host, port: listening.append((host, port)))
    with pytest.raises(SystemExit) as ended:
        server.run()
    assert ended.value.code == 3
    assert listening == []
