"""A start timecode, moved on to where a clip begins (SMPTE ST 12-1)."""

from __future__ import annotations

import re
from fractions import Fraction

CODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.,])(\d\d\d?)")
HOURS = 24


def moved_on(code: str, seconds: float, rate: Fraction) -> str | None:
    """Move a timecode on; None where it is none.

    Parameters
    ----------
    code
        ``"01:00:00:00"``, or ``"01:00:00;00"``: drop-frame.
    seconds
        By the clock; rounded to a picture.
    rate
        Pictures a second, exactly.
    """
    found = CODE.fullmatch(code.strip())
    if found is None:
        return None
    hours, minutes, whole, frames = (int(found[group]) for group in (1, 2, 3, 5))
    nominal, drops = round(rate), found[4] != ":"
    dropped = round(nominal / 15) if drops else 0  # numbers a minute: two at 29.97, four at 59.94
    total = ((hours * 60 + minutes) * 60 + whole) * nominal + frames
    passed = hours * 60 + minutes
    pictures = total - dropped * (passed - passed // 10) + round(seconds * rate)
    return _written(pictures, nominal, dropped, found[4])


def _written(pictures: int, nominal: int, dropped: int, sign: str) -> str:
    """Write a number of pictures as a timecode; after 24 hours it begins anew."""
    minute, ten = nominal * 60 - dropped, nominal * 600 - 9 * dropped
    pictures %= ten * 6 * HOURS
    tens, rest = divmod(pictures, ten)
    numbers = pictures + 9 * dropped * tens
    if dropped and rest >= nominal * 60:
        numbers += dropped * (1 + (rest - nominal * 60) // minute)
    whole, frames = divmod(numbers, nominal)
    digits = 3 if nominal > 100 else 2
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{sign}{frames:0{digits}d}"
