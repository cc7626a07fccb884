"""What goes wrong, as ``application/problem+json`` (RFC 9457), with types that stay."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from mediaml._secrets import without_secrets
from mediaml.errors import (
    AudioError,
    BackendError,
    DataError,
    ImageError,
    MissingExtraError,
    NotDeployedError,
    PayloadTooLarge,
    ServiceBusyError,
    VideoError,
)

TYPE = "application/problem+json"
SPACE = "urn:mediaml:problem:"


class Problem(BaseModel):
    """Why a request was not answered.

    Parameters
    ----------
    type
        Of the problem; stays the same from version to version.
    title
        The same for people.
    status
        Of HTTP.
    detail
        What happened here, and what to do.
    request_id
        The request's, as it stands in the logs.
    errors
        Which parts of the request are not as they should be.
    """

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=[f"{SPACE}busy"])
    title: str
    status: int
    detail: str
    request_id: str
    errors: tuple[str, ...] = ()


class Kind(NamedTuple):
    """What a class of errors is to those who ask."""

    status: int
    name: str
    title: str


UNEXPECTED = Kind(500, "unexpected", "The service failed")
MALFORMED = Kind(422, "malformed", "The request is not as it should be")
TOO_SLOW = Kind(504, "timeout", "The work took too long")
NOT_BEGUN = Kind(503, "not-begun", "The work was not begun in time")
TOO_LARGE = Kind(413, "too-large", "The request is too large")
SLOW_BODY = Kind(408, "slow-body", "The request did not arrive in time")
# what is the request's own fault comes before its parents in the tree of errors
KINDS: dict[type[Exception], Kind] = {
    ServiceBusyError: Kind(429, "busy", "Too many requests"),
    NotDeployedError: Kind(503, "ending", "The service is about to end"),
    PayloadTooLarge: TOO_LARGE,
    AudioError: Kind(400, "unreadable-sound", "The sound cannot be read"),
    ImageError: Kind(400, "unreadable-picture", "The picture cannot be read"),
    VideoError: Kind(400, "unreadable-video", "The video cannot be read"),
    DataError: Kind(400, "unusable-data", "The data cannot be used"),
    MissingExtraError: Kind(501, "missing-package", "The service lacks a package"),
    BackendError: Kind(500, "backend", "The network failed"),
}
HTTP = {404: "not-found", 405: "method-not-allowed"}


def kind_of(error: Exception) -> Kind:
    """Tell what an error is to those who ask."""
    for known, kind in KINDS.items():
        if isinstance(error, known):
            return kind
    return UNEXPECTED


def problem(kind: Kind, detail: str, request_id: str, errors: tuple[str, ...] = ()) -> Problem:
    """Say what went wrong."""
    return Problem(
        type=SPACE + kind.name,
        title=kind.title,
        status=kind.status,
        detail=without_secrets(detail),
        request_id=request_id,
        errors=errors,
    )


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give what OpenAPI says of the problems with these statuses."""
    titles = {kind.status: kind.title for kind in (*KINDS.values(), MALFORMED, TOO_SLOW, SLOW_BODY)}
    content = {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": titles[status], "content": content} for status in statuses}
