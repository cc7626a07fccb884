"""What models are told, checked before anything starts."""

from __future__ import annotations

from typing import Any

from mediaml.runtime.thresholds import ACCEPT, BEST_F1, FALSE_ALARMS, TARGET_PRECISION

LARGEST_SEED = 2**32 - 1
USUAL_ACCEPT = 0.95


def whole_number(name: str, value: Any, least: int) -> int:
    """Give a whole number from `least` on.

    Raises
    ------
    ValueError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST_SEED:
        raise ValueError(f"{name} is a whole number from {least} to {LARGEST_SEED}, not {value!r}")
    return value


def criterion_of(
    accept: float | None, target_precision: float | None, max_false_alarms_per_hour: float | None, multi_label: bool
) -> tuple[str, float]:
    """Give what thresholds are chosen for, and its value.

    Raises
    ------
    ValueError
        More than one is given, or one is out of its range.
    """
    given = {ACCEPT: accept, TARGET_PRECISION: target_precision, FALSE_ALARMS: max_false_alarms_per_hour}
    stated: list[tuple[str, Any]] = [(name, value) for name, value in given.items() if value is not None]
    if len(stated) > 1:
        raise ValueError(f"thresholds are chosen for one thing: {' or '.join(name for name, _ in stated)}, not both")
    if not stated:
        return (BEST_F1, 1.0) if multi_label else (ACCEPT, USUAL_ACCEPT)
    name, value = stated[0]
    most = float("inf") if name == FALSE_ALARMS else 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value == float("inf"):
        kind = "a number of 0 or more" if name == FALSE_ALARMS else "a share from 0 to 1"
        raise ValueError(f"{name} is {kind}, not {value!r}")
    return name, float(value)
