"""One request: its id, in answers and logs, and the line and the numbers that are left of it."""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mediaml.service.logs import tell
from mediaml.service.metrics import Metrics
from mediaml.service.problems import TYPE, UNEXPECTED, Kind, problem
from mediaml.service.queue import Job

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
QUIET = ("/ping", "/metrics")  # asked every few seconds
KNOWN = (*QUIET, "/invocations", "/v1/predict", "/v1/detect", "/v1/model", "/openapi.json")
GONE = 499  # as nginx has it: whoever asked has hung up
LONGEST_PATH = 200


@dataclass
class Asked:
    """A request, as far as it has come.

    Parameters
    ----------
    request_id
        Its sender's, or one of ours.
    """

    request_id: str
    began: float = field(default_factory=time.monotonic)
    items: int = 0
    job: Job | None = None
    status: int = 0


class Telling:
    """ASGI: gives each request its id, and tells of it when it is over; what nobody expected becomes a problem, too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and tell."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Asked(_request_id(scope))
        scope.setdefault("state", {})["asked"] = asked

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                asked.status = message["status"]
                MutableHeaders(scope=message)[HEADER] = asked.request_id
            await send(message)

        trace: Exception | None = None
        try:
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            asked.status = GONE
        except Exception as error:  # whatever it is, whoever asked gets an answer
            trace = error
            if not asked.status:
                detail = f"{type(error).__name__}: look for this request's id in the service's log"
                await problem_response(UNEXPECTED, detail, asked)(scope, receive, sent)
        finally:
            self._tell(scope, asked, trace)

    def _tell(self, scope: Scope, asked: Asked, trace: Exception | None) -> None:
        seconds, path = time.monotonic() - asked.began, scope["path"]
        facts: dict[str, Any] = {
            "request_id": asked.request_id,
            "method": scope["method"],
            "path": path[:LONGEST_PATH],
            "status": asked.status,
            "milliseconds": round(1000 * seconds, 1),
        }
        if asked.job is not None:
            facts |= {
                "items": asked.items,
                "waiting": round(1000 * asked.job.waited, 1),
                "working": round(1000 * asked.job.worked, 1),
            }
            self.metrics.waiting.observe(asked.job.waited)
            self.metrics.working.observe(asked.job.worked)
        if trace is not None:
            facts["error"] = type(trace).__name__  # its message may quote what was sent
        counted = _counted(path)
        self.metrics.requests.labels(counted, str(asked.status)).inc()
        self.metrics.seconds.labels(counted).observe(seconds)
        level = logging.ERROR if trace is not None else logging.DEBUG if path in QUIET else logging.INFO
        tell(level, "request", facts, trace)


def problem_response(
    kind: Kind,
    detail: str,
    asked: Asked,
    errors: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Give a problem as an answer."""
    told = problem(kind, detail, asked.request_id, errors)
    return Response(told.model_dump_json(), kind.status, headers, TYPE)


def _counted(path: str) -> str:
    """Give a path as it is counted: foreign names must not make new numbers without end."""
    if path.startswith("/endpoints/") and path.endswith("/invocations"):
        return "/endpoints/NAME/invocations"
    return path if path in KNOWN else "other"


def _request_id(scope: Scope) -> str:
    """Take the sender's id over where it is short and plain: it goes into logs and headers."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if SANE.fullmatch(given) else uuid.uuid4().hex
