"""What a person should know while work goes on: what starts and costs, what waits, what goes on."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

log = logging.getLogger("mediaml")


def notice(text: str, level: int = logging.INFO) -> None:
    """Tell it to the log, where the program keeps one that takes it, else to the person who looks on.

    A log takes it where ``mediaml`` or one of its parents has a handler, at a level that lets it through. Whoever gives
    the logger ``mediaml`` a level decides with it what is told, and what is not. Else nothing goes unseen that costs:
    it is a line on the error stream, as a program's output is its own, or in a notebook's output.

    Parameters
    ----------
    text
        A line.
    level
        Of `logging`.
    """
    if log.level or (log.hasHandlers() and log.isEnabledFor(level)):
        log.log(level, text)
        return
    stream = _stream()
    stream.write(f"{text}\n")
    stream.flush()


def _stream() -> TextIO:
    """Give where a person looks; a notebook paints what is on its error stream as if something had gone wrong."""
    in_notebook = type(sys.stdout).__module__.startswith("ipykernel")
    return sys.stdout if in_notebook else sys.stderr
