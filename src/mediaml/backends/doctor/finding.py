"""What was looked at, what was found, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["good", "note", "problem"]
GOOD: Final = "good"
NOTE: Final = "note"
PROBLEM: Final = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    what
        It: ``"role"``, ``"bucket: owner"``.
    level
        ``"good"``; ``"note"``: to know, or it could not be seen; ``"problem"``: something will fail, or is unsafe.
    found
        What was found, in a sentence.
    remedy
        What to do; empty where nothing is.
    """

    what: str
    level: Level
    found: str
    remedy: str = ""
