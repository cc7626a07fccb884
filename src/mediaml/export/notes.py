"""What stands at an event in an editor's program: a name, a note, a colour."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from mediaml.aws.s3 import is_uri
from mediaml.values.prediction import percentage
from mediaml.values.timeline import Event

COLOURS = ("RED", "GREEN", "BLUE", "YELLOW", "CYAN", "MAGENTA", "PURPLE", "ORANGE", "PINK", "WHITE")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]+")  # XML and lines hold none of these

_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # halves of UTF-16; the others stand for bytes of a file's name


def clean(text: str) -> str:
    """Make a text one line that every format can hold."""
    return _CONTROL.sub(" ", text).strip()


def title(event: Event) -> str:
    """Give label and percentage."""
    return f"{clean(event.label) or '-'} {percentage(event.confidence)}"


def note(event: Event) -> str:
    """Say what was found, how surely, and by which model."""
    words = [f"{clean(event.label)}, confidence {percentage(event.confidence)}"]
    if event.model:
        words.append(f"model {clean(event.model)}")
    if event.tracks:
        words.append(f"{len(event.tracks)} followed")
    return "; ".join([*words, "found by mediaml"])


def colours(labels: Iterable[str]) -> dict[str, str]:
    """Give each label a colour: the same in every file, but where two of a file would share it and another is free."""
    chosen: dict[str, str] = {}
    for label in sorted(set(labels)):
        own = zlib.crc32(label.encode("utf-8", "replace")) % len(COLOURS)
        free = [one for one in COLOURS[own:] + COLOURS[:own] if one not in chosen.values()]
        chosen[label] = free[0] if free else COLOURS[own]
    return chosen


def name_of(source: str) -> str:
    """Give the file's name without its folders."""
    return clean(PurePosixPath(source).name if is_uri(source) else Path(source).name) or "-"


def address_of(source: str) -> str:
    """Give a file's address: ``file:///...`` with what no address holds written as %xx, or ``s3://``."""
    if is_uri(source):
        return clean(source)
    return Path(_NO_BYTE.sub("\ufffd", source)).absolute().as_uri()
