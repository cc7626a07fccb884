"""``mediaml serve``: a saved model as an HTTP service."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from mediaml.cli.arguments import Model, finite, understood
from mediaml.cli.output import Json, answering

if TYPE_CHECKING:
    from mediaml.service.running import Started
    from mediaml.service.schemas import ModelFacts

WHERE = "Where to listen. There is no authentication: put a proxy in front before you open it to others."


class Level(StrEnum):
    """What is written to the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def serve(  # noqa: PLR0913, PLR0917  a command line has as many options as it has
    model: Model,
    host: Annotated[str, typer.Option(help=WHERE)] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free; the log says which.")] = 8080,
    max_queue: Annotated[int | None, typer.Option(min=1, help="Requests in the house at once.  [default: 32]")] = None,
    max_body: Annotated[int | None, typer.Option(min=1, help="Bytes of a request.  [default: 16777216]")] = None,
    max_items: Annotated[int | None, typer.Option(min=1, help="Files of a request.  [default: 64]")] = None,
    max_batch: Annotated[int | None, typer.Option(min=1, help="Files at once for the model.  [default: 32]")] = None,
    max_seconds: Annotated[
        float | None, typer.Option(callback=finite, help="Of one recording.  [default: 3600]")
    ] = None,
    timeout: Annotated[float | None, typer.Option(callback=finite, help="Seconds of a request.  [default: 30]")] = None,
    drain_seconds: Annotated[
        float | None,
        typer.Option(callback=finite, help="How long to finish what is there when told to end.  [default: 20]"),
    ] = None,
    log_level: Annotated[Level | None, typer.Option(help="Of the JSON lines on stderr.  [default: info]")] = None,
    as_json: Json = False,
) -> None:
    """Serve a saved model over HTTP, until SIGTERM or Ctrl-C; what the options leave out, the environment may say."""
    given: dict[str, Any] = {
        "max_queue": max_queue,
        "max_body": max_body,
        "max_items": max_items,
        "max_batch": max_batch,
        "max_seconds": max_seconds,
        "timeout": timeout,
        "drain_seconds": drain_seconds,
        "log_level": None if log_level is None else log_level.value,
    }
    stdout = sys.stdout
    with answering(as_json):
        from mediaml.service.running import run
        from mediaml.service.settings import ServiceSettings, settings_from

        usual = settings_from().model_dump()
        with understood("--max-seconds, --timeout or --drain-seconds"):
            settings = ServiceSettings(**{**usual, **{name: one for name, one in given.items() if one is not None}})
        run(str(model), settings, host, port, _line_on(stdout) if as_json else None)


def _line_on(stdout: TextIO) -> Started:
    """Make what writes the facts of the start as one line, at once: whoever started the service waits for it."""

    def started(host: str, port: int, model: ModelFacts) -> None:
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        facts = {"url": url, "host": host, "port": port, "model": model.model_dump(mode="json")}
        stdout.write(json.dumps(facts) + "\n")
        stdout.flush()

    return started
