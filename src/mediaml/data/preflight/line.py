"""One line of a manifest: what it holds, and what the service would say of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from mediaml.data.preflight import quotas
from mediaml.data.preflight.attributes import Attributes, check_attributes
from mediaml.data.preflight.fault import Fault, Said, shown
from mediaml.data.preflight.metadata import Json
from mediaml.data.preflight.quotas import UseCase
from mediaml.data.preflight.rules import CODES

_LEAST, _MOST = quotas.BUCKET_CHARACTERS
SOURCE_REF = re.compile(rf"s3://([0-9A-Za-z.\-_]{{{_LEAST},{_MOST}}})/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What a line holds.

    Parameters
    ----------
    number
        Of the line, counted from 1.
    faults
        What is wrong with it.
    source_ref, bucket
        Where the picture is; None where that is not told in a valid form.
    labels
        Of the whole picture, as far as they can be used.
    box_labels
        Of the boxes that can be used, one each.
    named
        All labels that are named, in class-maps too.
    boxes
        All boxes, good or bad.
    size
        Width and height of the picture as its boxes have it, in pixels.
    """

    number: int
    faults: tuple[Fault, ...] = ()
    source_ref: str | None = None
    bucket: str | None = None
    labels: tuple[str, ...] = ()
    box_labels: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    boxes: int = 0
    size: tuple[int, int] | None = None

    @property
    def dropped(self) -> bool:
        """Whether a dataset leaves it out."""
        return any(CODES[fault.code].spoils == "dropped" for fault in self.faults)

    @property
    def usable(self) -> bool:
        """Whether it is trained on: it has a label or a box that is right, and nothing that rules all of it out."""
        if not self.labels and not self.box_labels:
            return False
        return not any(CODES[fault.code].spoils in ("dropped", "picture") for fault in self.faults)

    @property
    def bad(self) -> bool:
        """Whether it counts towards the fifth of bad lines that the service bears; what has no label does not."""
        return not self.usable and any(fault.severity == "error" for fault in self.faults)

    @property
    def use_case(self) -> UseCase:
        """What its picture can be trained for; boxes where it has both."""
        if not self.usable:
            return "NOT_DETERMINED"
        return "OBJECT_LOCALIZATION" if self.box_labels else "IMAGE_LEVEL_LABELS"


def check_line(text: str, number: int) -> LineFacts:
    """Check one line of a manifest, by itself.

    Parameters
    ----------
    text
        The line, without its end.
    number
        Of the line, counted from 1.

    Returns
    -------
    What it holds and what is wrong with it. Nothing is raised, whatever the text.
    """
    if len(text) > quotas.LINE_CHARACTERS:
        return unread(number, ("dropped_line_too_long", f"{len(text):,} characters"))
    record = _parsed(text)
    if isinstance(record, tuple):
        return unread(number, record)
    source_ref, bucket, said = _source(record)
    faults = [Fault(*said, number)] if said else []
    found = check_attributes(record)
    faults += [Fault(code, detail, number, attribute) for code, detail, attribute in found.said]
    return _facts(number, tuple(faults), source_ref, bucket, found)


def unread(number: int, said: Said) -> LineFacts:
    """Give the facts of a line that cannot be read."""
    return LineFacts(number, (Fault(*said, number),))


def _facts(
    number: int, faults: tuple[Fault, ...], source_ref: str | None, bucket: str | None, found: Attributes
) -> LineFacts:
    return LineFacts(
        number=number,
        faults=faults,
        source_ref=source_ref,
        bucket=bucket,
        labels=found.labels,
        box_labels=found.box_labels,
        named=found.named,
        boxes=found.boxes,
        size=found.size,
    )


def _parsed(text: str) -> Json | Said:
    """The JSON object of a line, or why there is none."""
    bare = text.strip()
    if not bare:
        return "ERROR_INVALID_JSON_LINE", "the line is blank"
    try:
        # Python alone knows NaN and Infinity
        record = _DECODER.decode(bare)
    except (ValueError, RecursionError) as error:
        hint = "; an object must stand on one line" if bare in ("{", "[", "}", "]", "},") else ""
        return "ERROR_INVALID_JSON_LINE", f"{_why(error)}{hint}"
    if not isinstance(record, dict):
        return "ERROR_INVALID_JSON_LINE", f"it is {shown(record)}: an object is needed"
    return record


def _why(error: Exception) -> str:
    # the decoder has a line number of its own, always 1
    place = f" at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else ""
    return shown(error.msg if isinstance(error, json.JSONDecodeError) else str(error)) + place


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _source(record: Json) -> tuple[str | None, str | None, Said | None]:
    """Where the picture is, its bucket, and what is wrong with that."""
    if "source-ref" not in record:
        return None, None, ("ERROR_MISSING_SOURCE_REF", f"it has {_keys(record)}")
    source_ref = record["source-ref"]
    found = SOURCE_REF.fullmatch(source_ref) if isinstance(source_ref, str) else None
    if found is None:
        return None, None, ("ERROR_INVALID_SOURCE_REF_FORMAT", f"it is {shown(source_ref) or 'empty'}")
    length = len(found[2].encode("utf-8", "replace"))
    if length > quotas.KEY_BYTES:
        return None, None, ("ERROR_INVALID_SOURCE_REF_FORMAT", f"its key has {length:,} bytes; at most 1,024")
    return source_ref, found[1], None


def _keys(record: Json) -> str:
    return ", ".join(shown(key) for key in list(record)[:3]) or "nothing at all"
