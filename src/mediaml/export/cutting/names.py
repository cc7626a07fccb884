"""File names that every system takes, whatever a label or a source is called."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from mediaml.values.reel import Find

LONGEST = 150  # bytes of UTF-8
LABEL_BYTES = 40
RESERVE = 8  # bytes for what tells two files of one name apart
FORBIDDEN = frozenset('<>:"/\\|?*%')  # of Windows; a percent sign is FFmpeg's and cmd.exe's own
ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}")


def clip_name(number: int, count: int, find: Find, suffix: str) -> str:
    """Name a clip: its number, percentage, label, source and start, ``0001_097_dog_bark_match_00-01-03.4.mp4``.

    Parameters
    ----------
    number
        Of the find, from 1.
    count
        Of all finds: as many digits, four at least.
    find
        What is in the clip.
    suffix
        With its dot.

    Returns
    -------
    150 bytes of UTF-8 at the most, without what Windows, macOS or Linux does not take; letters of all scripts stay.
    """
    start = f"{number:0{max(4, len(str(count)))}d}_{min(100, int(find.event.confidence * 100 + 0.5)):03d}"
    end = f"{_clock(find.event.segment.start)}{suffix}"
    label = shortened(safe(find.event.label), LABEL_BYTES)
    room = LONGEST - RESERVE - len(f"{start}_{label}__{end}".encode())
    stem = shortened(safe(PurePath(find.source.replace("\\", "/")).stem), max(0, room))
    return "_".join(part for part in (start, label, stem, end) if part)


def safe(text: str) -> str:
    """Replace what a file name cannot hold by ``_``, and compose letters (macOS takes them apart)."""
    composed = unicodedata.normalize("NFC", text)
    signs = ("_" if sign in FORBIDDEN or unicodedata.category(sign)[0] in "CZ" else sign for sign in composed)
    return re.sub(r"_{2,}", "_", "".join(signs)).strip("._ ")


def shortened(text: str, size: int) -> str:
    """Cut a text to so many bytes of UTF-8, between letters."""
    return text.encode()[:size].decode(errors="ignore").rstrip("._ ")


def suffix_of(source: str, otherwise: str) -> str:
    """Give the ending of a file, small; another one where it has none, or a strange one."""
    suffix = PurePath(source).suffix.lower()
    return suffix if ENDING.fullmatch(suffix) else otherwise


def _clock(seconds: float) -> str:
    """Write a time without colons: ``01-02-03.4``. Cut, not rounded."""
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 36000:02d}-{tenths // 600 % 60:02d}-{tenths // 10 % 60:02d}.{tenths % 10}"
