"""JSON that may be anyone's: bounded before it is read, and refused in words."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeGuard

from mediaml.errors import AnnotationError

LONGEST_LINE = 1 << 24  # bytes; the service takes 100,000 characters
LONGEST_SIDE = (1 << 31) - 1  # pixels, a claim: files themselves are held against less
LARGEST_DOCUMENT = 1 << 30  # bytes: twice COCO's own largest


def parsed(path: Path, line: int | None, text: str) -> dict[str, Any]:
    """Parse a JSON object.

    Parameters
    ----------
    path, line
        What errors name.
    text
        The JSON.

    Raises
    ------
    AnnotationError
        It is none, or holds what JSON does not have: NaN, infinities, numbers that are too large.
    """
    try:
        found = json.loads(text, parse_constant=_refuse, parse_float=_float)
    except RecursionError as error:
        raise AnnotationError(path, line, "is not JSON that can be read: it is nested too deep") from error
    except ValueError as error:
        raise AnnotationError(path, line, f"is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise AnnotationError(path, line, "is not a JSON object")
    return found


def content_of(path: Path, most: int = LARGEST_DOCUMENT) -> bytes:
    """Read a file that is no larger than it should be.

    Raises
    ------
    AnnotationError
        It cannot be opened, or is larger.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1) if path.stat().st_size <= most else None
    except OSError as error:
        raise AnnotationError(path, None, f"cannot be opened: {error.strerror or error}") from error
    if content is None or len(content) > most:
        raise AnnotationError(path, None, f"has more than {most:,} bytes, too many to be read")
    return content


def raw_lines(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Give the lines of a file, none of which fills the memory.

    Raises
    ------
    AnnotationError
        A line is too long.
    """
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise AnnotationError(path, number, f"is longer than {LONGEST_LINE:,} bytes")
        yield raw


def is_number(value: Any) -> TypeGuard[float]:
    """Tell whether a value is a number that one can reckon with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # False for NaN, infinities, and whole numbers that no float holds


def pixels(value: Any) -> int | None:
    """Read width or height of a picture; None where the value is none, as it is not known then."""
    return int(value) if is_number(value) and 1 <= value <= LONGEST_SIDE else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number that JSON has")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):  # 1e999
        raise ValueError(f"{text[:20]} is too large a number")
    return value
