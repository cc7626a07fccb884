"""The rules for the metadata of a label attribute, whatever its type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from typing import Any, TypeAlias, TypeGuard

from mediaml.data.preflight import quotas
from mediaml.data.preflight.fault import Said, shown

Json: TypeAlias = dict[str, Any]
"""An object of JSON."""

FORMAT = "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"
LABELS_TYPE = "groundtruth/image-classification"
BOXES_TYPE = "groundtruth/object-detection"
OURS = ("type", "class-name", "class-map")  # what tells that metadata are meant for a label attribute


def common_said(metadata: Json) -> Iterator[Said]:
    """Check the fields that both types need."""
    human = metadata.get("human-annotated")
    if human not in ("yes", "no"):
        yield FORMAT, needed(metadata, "human-annotated", '"yes" or "no"')
    if not _is_date(metadata.get("creation-date")):
        yield FORMAT, needed(metadata, "creation-date", "a date and time such as 2020-03-06T17:46:39")
    if not isinstance(metadata.get("job-name", ""), str):
        yield FORMAT, needed(metadata, "job-name", "a text")


def type_said(metadata: Json) -> Said | None:
    """Check the type."""
    kind = metadata.get("type")
    if kind in (LABELS_TYPE, BOXES_TYPE):
        return None
    if isinstance(kind, str):
        return "ERROR_UNSUPPORTED_USE_CASE_TYPE", f"type is {shown(kind)}"
    return FORMAT, needed(metadata, "type", f"{LABELS_TYPE} or {BOXES_TYPE}")


def name_said(name: str) -> Said | None:
    """Check the length of a label's name."""
    if 0 < len(name) <= quotas.LABEL_CHARACTERS:
        return None
    told = f"{len(name):,} characters: {shown(name)}" if name else "a label's name is empty"
    return "ERROR_INVALID_LABEL_NAME_LENGTH", told


def needed(metadata: Json, field: str, what: str) -> str:
    """Say that a field is missing or is something else than it should be."""
    if field not in metadata:
        return f"{field} is missing: {what}"
    return f"{field} is {shown(metadata[field])}: {what} is needed"


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number that one can work with: JSON's true is none, and 1e999 is infinite."""
    return type(value) is int or (type(value) is float and isfinite(value))


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
