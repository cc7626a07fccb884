"""Warnings that point at the user's own line, from however deep in mediaml they come."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

# a block of `with` is entered and left through contextlib
BETWEEN = frozenset({"mediaml", "contextlib"})


def warn(text: str) -> None:
    """Warn of something at the line that called mediaml.

    Parameters
    ----------
    text
        What is the matter, and what to do.
    """
    level, frame = 2, sys._getframe(1)
    while _is_between(frame) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)


def _is_between(frame: FrameType) -> bool:
    package, _, _ = str(frame.f_globals.get("__name__", "")).partition(".")
    return package in BETWEEN
