"""Errors of all kinds as problems."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mediaml.errors import MediamlError
from mediaml.service.asked import problem_response
from mediaml.service.problems import HTTP, MALFORMED, TOO_LARGE, Kind, kind_of


def add_handlers(app: FastAPI) -> None:
    """Answer errors with problems."""
    app.add_exception_handler(MediamlError, _ours)
    app.add_exception_handler(HTTPException, _frameworks)
    app.add_exception_handler(RequestValidationError, _malformed)


async def _ours(request: Request, error: Exception) -> Response:
    return problem_response(kind_of(error), str(error), request.state.asked)


async def _frameworks(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses: another path, another method, a body that is none."""
    found: Any = error
    if found.status_code == TOO_LARGE.status:
        kind = TOO_LARGE
    else:
        kind = Kind(found.status_code, HTTP.get(found.status_code, MALFORMED.name), MALFORMED.title)
    headers = dict(found.headers or {})
    return problem_response(kind, str(found.detail), request.state.asked, headers=headers)


async def _malformed(request: Request, error: Exception) -> Response:
    """Say which parts are wrong, without what they hold."""
    found: Any = error
    errors = tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found.errors())
    return problem_response(MALFORMED, "; ".join(errors)[:1000], request.state.asked, errors)
