"""The service in this process, until it is told to end."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

from mediaml._extras import require
from mediaml.service.app import PURPOSE, app_of
from mediaml.service.schemas import ModelFacts
from mediaml.service.settings import ServiceSettings

LAST_WORDS = 3  # seconds in which answers that are ready are sent


Started = Callable[[str, int, ModelFacts], None]


def run(
    folder: str,
    settings: ServiceSettings,
    host: str = "127.0.0.1",
    port: int = 8080,
    started: Started | None = None,
) -> None:
    """Serve a saved model until SIGTERM or SIGINT, and then until what is in the house is done.

    Where something is still worked on when its time is over, or a second signal comes, the process ends here, with
    code 0: whoever waited for it was told so.

    Parameters
    ----------
    folder
        Of the model.
    settings
        Bounds.
    host
        Where to listen. There is no authentication: another address than this machine's own is for a proxy in front.
    port
        0: any that is free; the log says which.
    started
        Told the host, the port and what is served, once requests are taken.

    Raises
    ------
    SavedModelError
        The folder holds no model, or a damaged one.
    MissingExtraError
        The extra ``service`` is not installed.
    OSError
        Nobody can listen there: the port is taken, or is not the user's to take.
    """
    require("uvicorn", "service", PURPOSE)
    import uvicorn

    from mediaml.service.draining import DrainingServer

    app = app_of(folder, settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,  # one line of JSON for everything: logs.py
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS,
    )
    house = app.state.house

    def listening(where: str, which: int) -> None:
        if started is not None:
            started(where, which, house.served.facts)

    DrainingServer(config, house.queue, settings.drain_seconds, listening).run()
    if house.queue.working:
        _end()


def _end() -> None:
    """End the process at once: Python would wait for all threads of all pools, and a forward pass cannot be stopped."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
