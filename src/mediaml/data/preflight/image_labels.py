"""The rules for labels of whole pictures: a label attribute of the type groundtruth/image-classification."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mediaml.data.preflight.fault import Said, shown
from mediaml.data.preflight.metadata import FORMAT as METADATA_FORMAT
from mediaml.data.preflight.metadata import Json, common_said, is_number, name_said, needed

FORMAT = "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
INTEGER = re.compile(r"-?[0-9]+")


class ImageLabel(NamedTuple):
    """What is known of a label attribute for the whole picture.

    Parameters
    ----------
    said
        What is wrong.
    label
        None where it cannot be used.
    named
        The label, whether it can be used or not.
    """

    said: tuple[Said, ...]
    label: str | None
    named: tuple[str, ...]


def check_image_label(attribute: object, metadata: Json) -> ImageLabel:
    """Check a label attribute for the whole picture and its metadata."""
    said = [*_attribute_said(attribute), *_metadata_said(metadata), *common_said(metadata)]
    name = metadata.get("class-name")
    if not isinstance(name, str):
        return ImageLabel(tuple(said), None, ())
    too_long = name_said(name)
    if too_long:
        return ImageLabel((*said, too_long), None, ())
    return ImageLabel(tuple(said), None if said else name, (name,))


def _attribute_said(attribute: object) -> Iterator[Said]:
    # Ground Truth itself writes the number as text
    if type(attribute) is not int and not (isinstance(attribute, str) and INTEGER.fullmatch(attribute)):
        yield FORMAT, f"it is {shown(attribute)}: a whole number is needed, any will do"


def _metadata_said(metadata: Json) -> Iterator[Said]:
    confidence = metadata.get("confidence")
    if not is_number(confidence) or not 0 <= confidence <= 1:
        yield METADATA_FORMAT, needed(metadata, "confidence", "a number from 0 to 1")
    if not isinstance(metadata.get("class-name"), str):
        yield METADATA_FORMAT, needed(metadata, "class-name", "the name of the label")
