"""The service as an ASGI app, for uvicorn, gunicorn or any other server."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mediaml._extras import require
from mediaml.errors import EnvironmentSettingError
from mediaml.service.settings import MODEL, ServiceSettings, settings_from

if TYPE_CHECKING:
    from fastapi import FastAPI

    from mediaml.models.base import AnyModel
    from mediaml.service.routes import House

PURPOSE = "a service"
LOOKS = 0.02  # seconds between two looks at whether all is done


def create_app(model: AnyModel, settings: ServiceSettings | None = None, *, version: str | None = None) -> FastAPI:
    """Make a service of a model: an ASGI app, which any ASGI server runs.

    It has no authentication: put a proxy in front of it.

    Parameters
    ----------
    model
        A fitted model on this machine, of sounds or of pictures. It is served as it is now, whatever it learns later.
    settings
        Bounds; None: the usual ones.
    version
        A name for exactly this model, which stands in answers; None: one is made of its weights.

    Raises
    ------
    NotFittedError
        The model has learned nothing yet.
    SavedModelError
        It does not work on this machine.
    MissingExtraError
        The extra ``service`` is not installed.
    """
    for module in ("fastapi", "prometheus_client", "python_multipart"):
        require(module, "service", PURPOSE)
    from mediaml.service.admission import Admission
    from mediaml.service.asked import Telling
    from mediaml.service.handlers import add_handlers
    from mediaml.service.metrics import Metrics
    from mediaml.service.openapi import Described
    from mediaml.service.queue import Queue
    from mediaml.service.routes import House, router
    from mediaml.service.serving import served

    settings = settings or ServiceSettings()
    metrics = Metrics()
    queue = Queue(settings.max_queue, settings.max_batch, metrics)
    metrics.gauge("waiting_requests", "Requests that nobody works on yet.", lambda: queue.waiting)
    metrics.gauge("taken_places", "Requests in the house.", lambda: queue.taken)
    house = House(served(model, version, settings), queue, metrics, settings)
    # the pages that FastAPI could show load their scripts from elsewhere
    app = Described(title="mediaml", version=house.served.facts.mediaml, lifespan=_life, docs_url=None, redoc_url=None)
    app.state.house = house
    app.include_router(router(house.served))
    add_handlers(app)
    app.add_middleware(Admission, queue=queue, settings=settings)
    app.add_middleware(Telling, metrics=metrics)  # the last one that is added is the first one that is asked
    return app


def from_environment() -> FastAPI:
    """Make a service of the saved model in ``MEDIAML_SERVICE_MODEL``, with settings of the environment.

    ``uvicorn --factory mediaml.service:from_environment``

    Raises
    ------
    EnvironmentSettingError
        A variable is missing, or does not hold what it should.
    SavedModelError
        The folder holds no model, or a damaged one.
    """
    settings = settings_from()
    if not (folder := os.environ.get(MODEL)):
        raise EnvironmentSettingError(f"{MODEL} is the folder of a saved model; it is not set")
    return app_of(folder, settings)


def app_of(folder: str, settings: ServiceSettings) -> FastAPI:
    """Make a service of a saved model, and let it write its lines.

    Raises
    ------
    SavedModelError
        The folder holds no model, or a damaged one.
    """
    from mediaml.models.load import load
    from mediaml.runtime import learned
    from mediaml.service import logs

    logs.to_stderr(settings.log_level)
    return create_app(load(folder), settings, version=learned.version(folder))


@asynccontextmanager
async def _life(app: Any) -> AsyncIterator[None]:
    """Begin to work; at the end, finish what is in the house."""
    from mediaml.service.logs import tell

    house: House = app.state.house
    house.queue.start()
    await asyncio.to_thread(house.served.warm)
    tell(logging.INFO, "ready", {"model": house.served.facts.version, "kind": house.served.kind})
    yield
    house.queue.draining = True
    until = time.monotonic() + house.settings.drain_seconds
    while house.queue.taken and time.monotonic() < until:
        await asyncio.sleep(LOOKS)
    house.queue.close()
    await asyncio.to_thread(house.queue.join, max(0.0, until - time.monotonic()))
    house.served.close()
    tell(logging.INFO, "ended", {"left": house.queue.taken})
