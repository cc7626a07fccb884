"""One thing that is wrong with a manifest."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import TypeAlias

from mediaml.data.files import printable
from mediaml.data.preflight.quotas import Part
from mediaml.data.preflight.rule import SPOILS, Severity
from mediaml.data.preflight.rules import CODES

Said: TypeAlias = tuple[str, str]
"""A code and a detail, before it is known where they belong."""

SHOWN_CHARACTERS = 80

_ORDER = {code: (rule.severity, SPOILS.index(rule.spoils), number) for number, (code, rule) in enumerate(CODES.items())}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    code
        The service's own, or a name in lower case where the service has none; one of `CODES`.
    detail
        What exactly, in numbers with units.
    line
        Of the manifest, counted from 1; None where the manifest as a whole is meant.
    attribute
        The label attribute that is meant; None where it is the whole line.
    part
        Which manifest, where two are checked together.
    """

    code: str
    detail: str
    line: int | None = None
    attribute: str | None = None
    part: Part | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return CODES[self.code].severity

    @property
    def meaning(self) -> str:
        """What is wrong, in general."""
        return CODES[self.code].meaning

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return CODES[self.code].remedy

    @property
    def place(self) -> str:
        """Where it is: manifest, line and label attribute, as far as they are known."""
        line = None if self.line is None else f"line {self.line:,}"
        attribute = None if self.attribute is None else shown(self.attribute)
        return ", ".join(part for part in (self.part, line, attribute) if part)

    @property
    def order(self) -> tuple[str, int, int, bool, int]:
        """To sort by: the worst first, then by manifest and line."""
        return (*_ORDER[self.code], self.part == "test", self.line or 0)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.code, self.detail) if part)


def shown(value: object) -> str:
    """Give a value of a manifest in a form that is short enough for a message."""
    # reprlib goes only a few levels down: values may be nested as deep as Python can count
    text = printable(value if isinstance(value, str) else reprlib.repr(value))
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
