"""Small readers of what is written for editors, which share no code with the writers."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree as ET

EDIT = re.compile(
    r"(?P<number>\d{3,})  (?P<reel>[A-Z0-9_]{1,8}) *  ?(?P<channels>V|B|A|AA|AA/V) +C {8}"
    r"(?P<times>(?:\d\d:\d\d:\d\d[:;]\d\d ?){4})"
)
LOCATOR = re.compile(r"\* LOC: (\d\d:\d\d:\d\d[:;]\d\d) ([A-Z]+) +(.+)")


class Edit(NamedTuple):
    """An edit of a list, with the comments below it."""

    number: int
    reel: str
    channels: str
    times: tuple[str, ...]
    drop: bool
    clip: str
    file: str
    locator: tuple[str, ...]
    comment: str


class EditList(NamedTuple):
    """A CMX 3600 edit decision list."""

    title: str
    drop: bool
    edits: list[Edit]


def edit_list(text: str) -> EditList:
    """Read a list, line by line; what is not understood is an error."""
    lines = text.split("\n")
    assert lines[0].startswith("TITLE: "), lines[0]
    mode = head = lines[1]
    assert lines[2] == ""
    assert lines[-1] == ""
    edits: list[Edit] = []
    rest = lines[3:-1]
    while rest:
        if rest[0].startswith("FCM: "):
            mode = rest.pop(0)
        found = EDIT.fullmatch(rest[0])
        assert found, rest[0]
        clip, file, locator, comment = rest[1:5]
        where = LOCATOR.fullmatch(locator)
        assert where, locator
        edits.append(
            Edit(
                int(found["number"]),
                found["reel"],
                found["channels"],
                tuple(found["times"].split()),
                _drops(mode),
                _after("* FROM CLIP NAME:  ", clip),
                _after("* FROM CLIP: ", file),
                where.groups(),
                _after("* COMMENT: ", comment),
            )
        )
        rest = rest[5:]
    return EditList(_after("TITLE: ", lines[0]), _drops(head), edits)


def _after(start: str, line: str) -> str:
    assert line.startswith(start), line
    return line.removeprefix(start)


def _drops(line: str) -> bool:
    return {"FCM: DROP FRAME": True, "FCM: NON-DROP FRAME": False}[line]


def seconds(text: str | None) -> Fraction:
    """Read a time of FCPXML: ``1001/30000s``."""
    assert text is not None
    assert re.fullmatch(r"\d+(/\d+)?s", text), text
    return Fraction(text[:-1])


def one(parent: ET.Element, path: str) -> ET.Element:
    """Give the only element of that path."""
    (found,) = parent.findall(path)
    return found


def said(parent: ET.Element, path: str) -> str:
    """Give the text of the only element of that path."""
    return one(parent, path).text or ""


def number(parent: ET.Element, path: str) -> int:
    """Give the number in the only element of that path."""
    return int(said(parent, path))
