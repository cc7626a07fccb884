"""One JSON line for all that happens: a request, a start, an end, an error.

Never what a file holds, what it is called, or a secret: of errors the types, and the places in the code.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from mediaml._secrets import without_secrets

FACTS = "facts"  # the attribute of a record under which its facts stand
log = logging.getLogger("mediaml.service")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": without_secrets(record.getMessage()),
        }
        for name, value in getattr(record, FACTS, {}).items():
            told[name] = without_secrets(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1]:
            told["trace"] = _trace(record.exc_info[1])
        return json.dumps(told, default=str)


def _trace(error: BaseException) -> str:
    """Give an error and what it came from without their messages: these may quote what was sent."""
    parts: list[str] = []
    at: traceback.TracebackException | None = traceback.TracebackException.from_exception(error)
    while at is not None:
        kind = "error" if at.exc_type is None else at.exc_type.__qualname__
        parts.append("".join(at.stack.format()) + kind)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\n".join(reversed(parts))


def tell(level: int, event: str, facts: dict[str, Any], trace: BaseException | None = None) -> None:
    """Write a line.

    Parameters
    ----------
    level
        Of `logging`.
    event
        What happened, in a word.
    facts
        What else there is to know.
    trace
        An error that nobody expected.
    """
    log.log(level, event, extra={FACTS: facts}, exc_info=trace)


def to_stderr(level: str) -> None:
    """Write lines to stderr, uvicorn's too, unless somebody has arranged otherwise already."""
    for name in ("mediaml.service", "uvicorn"):
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
            logger.propagate = False
