"""The offline AWS over HTTP: moto's server, with what we answer in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from mediaml._extras import require
from mediaml.testing.wire import Message, Wire

TARGETS = {
    "RekognitionService": "rekognition",
    "SageMaker": "sagemaker",
    "ServiceQuotasV20190624": "service-quotas",
    "AWSPriceListService": "pricing",
}
"""The first word of the header X-Amz-Target, by which services that speak JSON are told apart."""
INVOKED = {"invocations": "InvokeEndpoint", "async-invocations": "InvokeEndpointAsync"}
Start = Callable[[str, list[tuple[str, str]]], Any]


class Door:
    """A WSGI application: requests that the wire has an answer to, and moto for all others."""

    def __init__(self, wire: Wire, moto: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> None:
        self._wire, self._moto = wire, moto

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request."""
        asked = _operation(environ)
        if asked is None or asked not in self._wire.operations:
            return self._moto(environ, start)
        answer = self._wire.answered(*asked, _message(environ))
        start(f"{answer.status} Answered", list(answer.headers.items()))
        return [answer.body]


def _operation(environ: dict[str, Any]) -> tuple[str, str] | None:
    """Tell which operation of which service is asked for, as far as we may have it."""
    target, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    if target in TARGETS:
        return TARGETS[target], operation
    parts = environ.get("PATH_INFO", "").strip("/").split("/")
    if len(parts) == 3 and parts[0] == "endpoints" and parts[2] in INVOKED:
        return "sagemaker-runtime", INVOKED[parts[2]]
    return None


def _message(environ: dict[str, Any]) -> Message:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return Message(urlsplit(environ.get("PATH_INFO", "")).path, headers, body)


@contextmanager
def served(wire: Wire, port: int = 0) -> Iterator[str]:
    """Answer on a port of this machine, for as long as the block lasts; gives the address.

    Parameters
    ----------
    wire
        What we answer.
    port
        0: any that is free.

    Raises
    ------
    MissingExtraError
        moto's server is not installed.
    """
    require("flask", "testing", "the offline AWS over HTTP")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", port, Door(wire, DomainDispatcherApplication(create_backend_app)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="mediaml-offline-aws")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
