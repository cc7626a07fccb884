"""Pages of what is listed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from mediaml.testing.refusals import RefusalError

LARGEST = 100  # of a page


def page(name: str, rows: Sequence[Any], request: dict[str, Any]) -> dict[str, Any]:
    """Give a page of an answer, and the token of the next one where there is one.

    Raises
    ------
    RefusalError
        The token is none of ours.
    """
    first = _first(request.get("NextToken"), len(rows))
    after = first + int(request.get("MaxResults", LARGEST))
    told: dict[str, Any] = {name: list(rows[first:after])}
    if after < len(rows):
        told["NextToken"] = base64.b64encode(f"from {after}".encode()).decode()
    return told


def _first(token: str | None, count: int) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(" ")
        if word == "from" and number.isdigit() and int(number) <= count:
            return int(number)
    except (binascii.Error, ValueError):
        pass  # refused below
    raise RefusalError("InvalidPaginationTokenException", "The pagination token is not valid.")
