"""What is about to be created, said before it is."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What costs, where, and for how long at most.

    Parameters
    ----------
    what
        In a few words.
    where
        Region and, where there is one, instance type.
    at_most
        How long it can cost, in words.
    """

    what: str
    where: str
    at_most: str

    def __str__(self) -> str:
        return f"{self.what} in {self.where}: {self.at_most}"

    def show(self) -> None:
        """Tell it, on the error stream: what a program prints stays its own."""
        sys.stderr.write(f"mediaml starts {self}\n")
        sys.stderr.flush()
