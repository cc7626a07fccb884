"""What a rule is: how bad it is to break it, what that means, and what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]
Spoils = Literal["training", "dropped", "picture", "part", "nothing"]
SPOILS: tuple[Spoils, ...] = ("training", "dropped", "picture", "part", "nothing")


class Rule(NamedTuple):
    """A rule of the service.

    Parameters
    ----------
    severity
        Whether the service refuses something for it.
    spoils
        What is lost: the whole ``training`` (or the making of the dataset); the picture, which the dataset leaves out
        without a word (``dropped``); the ``picture``, which stands in the dataset and is not trained on; only a
        ``part`` of it, a label or a box; or ``nothing``.
    meaning
        What is wrong.
    remedy
        What to do.
    local
        Whether it can be found before the upload.
    """

    severity: Severity
    spoils: Spoils
    meaning: str
    remedy: str
    local: bool = True
