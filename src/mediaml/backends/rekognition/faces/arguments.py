"""What a face collection is told, checked before anything is asked."""

from __future__ import annotations

from typing import Any

from mediaml.errors import AwsValidationError


def check_threshold(threshold: float) -> float:
    """Give a threshold.

    Raises
    ------
    AwsValidationError
        It is none.
    """
    if not 0 <= threshold <= 1:
        raise AwsValidationError(f"a threshold is from 0 to 1, not {threshold!r}")
    return threshold


def one_of(what: str, value: Any, allowed: tuple[str, ...]) -> Any:
    """Give one of some words.

    Raises
    ------
    ValueError
        It is another.
    """
    if value not in allowed:
        raise ValueError(f"{what} is {' or '.join(map(repr, allowed))}, not {value!r}")
    return value
