"""What a person should know while work goes on: what starts and costs, what waits, what goes on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import TextIO

log = logging.getLogger("mediaml")


def notice(text: str, level: int = logging.INFO) -> None:
    """Tell it to the log, where the program keeps one that takes it, else to the person who looks on.

    A log takes it where ``mediaml`` or one of its parents has a handler, both at a level that lets it through. Whoever
    gives the logger ``mediaml`` a level above it wants to know nothing of it. Else nothing goes unseen that costs: it
    is a line on the error stream, as a program's output is its own, or in a notebook's output.

    Parameters
    ----------
    text
        A line.
    level
        Of `logging`.
    """
    if log.level > level:
        return
    if log.isEnabledFor(level) and any(one.level <= level for one in _handlers()):
        log.log(level, text)
        return
    stream = _stream()
    stream.write(f"{text}\n")
    stream.flush()


def _handlers() -> Iterator[logging.Handler]:
    """Give the handlers that the logger's records come to."""
    at: logging.Logger | None = log
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None


def _stream() -> TextIO:
    """Give where a person looks; a notebook paints what is on its error stream as if something had gone wrong."""
    in_notebook = type(sys.stdout).__module__.startswith("ipykernel")
    return sys.stdout if in_notebook else sys.stderr
