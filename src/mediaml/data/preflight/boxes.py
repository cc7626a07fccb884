"""The rules for bounding boxes: a label attribute of the type groundtruth/object-detection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mediaml.data.preflight import quotas
from mediaml.data.preflight.fault import Said, shown
from mediaml.data.preflight.metadata import FORMAT as METADATA_FORMAT
from mediaml.data.preflight.metadata import Json, common_said, is_number, name_said, needed
from mediaml.data.preflight.picture import size_said

FORMAT = "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
SIDES = ("left", "top", "width", "height")


class Boxes(NamedTuple):
    """What is known of a label attribute with boxes.

    Parameters
    ----------
    said
        What is wrong.
    labels
        Of the boxes that can be used, one each.
    named
        All labels of the class-map whose length is right.
    number
        Of all boxes.
    size
        Width and height of the picture, in pixels.
    """

    said: tuple[Said, ...]
    labels: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    number: int = 0
    size: tuple[int, int] | None = None


def check_boxes(attribute: object, metadata: Json) -> Boxes:
    """Check a label attribute with boxes and its metadata."""
    if not isinstance(attribute, dict):
        return Boxes(((FORMAT, f"it is {shown(attribute)}: an object with image_size and annotations is needed"),))
    annotations = attribute.get("annotations", [])
    size = _size(attribute.get("image_size"))
    said = [*_attribute_said(size, annotations), *common_said(metadata), *_metadata_said(metadata, annotations)]
    if said or size is None:
        return Boxes(tuple(said))
    names: dict[str, str] = metadata["class-map"]
    wrong_names = [found for found in map(name_said, names.values()) if found]
    said += [*size_said(*size), *wrong_names[:1]]
    labels, more = _each(annotations, metadata, size)
    named = tuple(names.values())
    if wrong_names:
        labels, named = [*_valid(labels)], (*_valid(named),)
    return Boxes((*said, *more), tuple(labels), named, len(annotations), size)


def _valid(labels: Iterable[str]) -> Iterator[str]:
    return (label for label in labels if name_said(label) is None)


def _size(image_size: object) -> tuple[int, int] | None:
    """Width and height, where image_size is one object with whole numbers."""
    if not isinstance(image_size, list) or len(image_size) != 1 or not isinstance(image_size[0], dict):
        return None
    width, height, depth = (_whole(image_size[0].get(side)) for side in ("width", "height", "depth"))
    return None if width is None or height is None or depth is None else (width, height)


def _attribute_said(size: tuple[int, int] | None, annotations: object) -> Iterator[Said]:
    if size is None:
        yield FORMAT, "image_size must hold one object with width, height and depth, in pixels"
    if not isinstance(annotations, list):
        yield FORMAT, f"annotations is {shown(annotations)}: a list is needed"


def _metadata_said(metadata: Json, annotations: object) -> Iterator[Said]:
    objects, names = metadata.get("objects"), metadata.get("class-map")
    if not isinstance(objects, list):
        yield METADATA_FORMAT, needed(metadata, "objects", "a list with the confidence of each box")
    elif isinstance(annotations, list) and len(objects) > len(annotations):
        yield METADATA_FORMAT, f"objects has {len(objects):,} elements, annotations {len(annotations):,}"
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        yield METADATA_FORMAT, needed(metadata, "class-map", "an object with a label for each class_id")


def _each(annotations: list[Any], metadata: Json, size: tuple[int, int]) -> tuple[list[str], list[Said]]:
    """Give the labels of the boxes that can be used, and what is wrong with the others."""
    objects, names = metadata["objects"], metadata["class-map"]
    scale = min(1.0, quotas.TRAINED_SIDE / max(size)) if max(size) > 0 else 1.0
    labels: list[str] = []
    wrong: dict[str, list[str]] = {}
    for index, box in enumerate(annotations):
        confidence = objects[index] if index < len(objects) else None
        found = _shape_said(box) or _pair_said(box, confidence, names) or _frame_said(box, size, scale)
        if found is None:
            labels.append(names[str(_whole(box["class_id"]))])
        else:
            wrong.setdefault(found[0], []).append(f"annotations[{index}]: {found[1]}")
    if annotations and len(wrong.get(FORMAT, ())) == len(annotations):
        wrong["ERROR_NO_VALID_ANNOTATIONS"] = wrong.pop(FORMAT)
    if len(annotations) > quotas.BOXES_PER_PICTURE:
        labels = []
    return labels, [(code, _first_of(details)) for code, details in wrong.items()]


def _first_of(details: list[str]) -> str:
    more = len(details) - 1
    return details[0] + (f" (and {more:,} more)" if more else "")


def _shape_said(box: object) -> Said | None:
    if not isinstance(box, dict):
        return FORMAT, f"it is {shown(box)}: an object is needed"
    for field in ("class_id", *SIDES):
        if _whole(box.get(field)) is None:
            return FORMAT, needed(box, field, "a whole number")
    return None


def _pair_said(box: Json, confidence: object, names: Json) -> Said | None:
    """Check what belongs to a box in the metadata."""
    if not isinstance(confidence, dict) or "confidence" not in confidence:
        return "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", "its element of objects has no confidence"
    if not is_number(confidence["confidence"]):
        return METADATA_FORMAT, needed(confidence, "confidence", "a number")
    if str(_whole(box["class_id"])) not in names:
        return "ERROR_MISSING_CLASS_MAP_ID", f"class_id {shown(box['class_id'])} is not in class-map"
    return None


def _frame_said(box: Json, size: tuple[int, int], scale: float) -> Said | None:
    """Check where a box lies, and how large it is once the service has made the picture smaller."""
    left, top, width, height = (box[side] for side in SIDES)
    if min(left, top, width, height) < 0 or left + width > size[0] or top + height > size[1]:
        told = f"left {left:,}, top {top:,}, width {width:,}, height {height:,}"
        return "ERROR_INVALID_BOUNDING_BOX", f"{told} in a picture of {size[0]:,} x {size[1]:,}"
    if min(width, height) * scale <= quotas.SMALLEST_BOX:
        smaller = f", {width * scale:.2f} x {height * scale:.2f} in training" if scale < 1 else ""
        return "ERROR_BOUNDING_BOX_TOO_SMALL", f"{width:,} x {height:,} pixels{smaller}"
    return None


def _whole(value: object) -> int | None:
    """A whole number, however it is written: 12.0 is one too, true is none."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None
