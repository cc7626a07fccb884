"""Pascal VOC: an XML file a picture (Everingham et al. 2010, "The Pascal visual object classes challenge").

The corners are taken as plain coordinates, as torchvision, supervision and most tools that write the format do:
``left = xmin``, ``width = xmax - xmin``. The challenge itself counted pixels from 1 and the last one in.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from mediaml.data.files import is_there
from mediaml.data.formats.documents import content_of, pixels
from mediaml.data.formats.folders import PICTURE_SUFFIXES
from mediaml.data.formats.pictured import Losses, Pictured, Written
from mediaml.data.formats.text import number
from mediaml.errors import AnnotationError, DataError
from mediaml.runtime.atomic import write_whole
from mediaml.values.geometry import Box

LARGEST = 1 << 26  # bytes of one picture's file
ANNOTATIONS = ("Annotations", "annotations")
IMAGES = ("JPEGImages", "images", "Images")
CORNERS = ("xmin", "ymin", "xmax", "ymax")
WHOLE = ("difficult", "truncated", "occluded", "iscrowd")  # numbers; all else is text
OF_PICTURE = ("filename", "size", "object", "path")


def read_voc(folder: Path) -> list[Pictured]:
    """Read a folder of VOC: ``Annotations/`` beside ``JPEGImages/`` or ``images/``, or XML beside the pictures.

    Returns
    -------
    A picture an XML file, sorted by name; ``difficult``, ``truncated``, ``pose`` and the like are in the boxes'
    ``attributes``.

    Raises
    ------
    AnnotationError
        A file is not what it should be, or there is none.
    """
    root = Path(os.path.abspath(folder))
    place = next((root / name for name in ANNOTATIONS if (root / name).is_dir()), root)
    files = sorted(place.rglob("*.xml"))
    if not files:
        raise AnnotationError(folder, None, "there is no XML file below this folder")
    beside = next((root / name for name in IMAGES if (root / name).is_dir()), place)
    return [_read(file, beside) for file in files]


def _read(file: Path, images: Path) -> Pictured:
    document = _parsed(file)
    boxes = tuple(_box(file, one) for one in document.iter("object"))
    size = document.find("size")
    extra: dict[str, Any] = {
        one.tag: _value(one) for one in document if one.tag not in OF_PICTURE and (len(one) or (one.text or "").strip())
    }
    if (depth := _text(size, "depth")) is not None:
        extra["depth"] = depth
    return Pictured(
        str(_picture(images, _text(document, "filename"), file.stem)),
        tuple(sorted({box.label for box in boxes})),
        boxes,
        pixels(number(_text(size, "width") or "")),
        pixels(number(_text(size, "height") or "")),
        None,
        extra,
    )


def _parsed(file: Path) -> ET.Element:
    content = content_of(file, LARGEST)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise AnnotationError(file, None, "declares a document type or entities, which no VOC file needs")
    try:
        found = ET.fromstring(content)  # noqa: S314  entities, the danger of XML, were refused
    except ET.ParseError as error:
        raise AnnotationError(file, error.position[0], f"is not XML: {error}") from error
    if found.tag != "annotation":
        raise AnnotationError(file, None, f"is not VOC: <annotation> was expected, not <{found.tag}>")
    return found


def _picture(images: Path, name: str | None, stem: str) -> Path:
    """Find the picture under the name that the file states, or under the file's own."""
    stated = images / PurePosixPath((name or f"{stem}.jpg").replace("\\", "/")).name
    if is_there(stated):
        return stated
    own = (images / f"{stem}{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
    return next((place for place in own if is_there(place)), stated)


def _box(file: Path, one: ET.Element) -> Box:
    label, place = _text(one, "name"), one.find("bndbox")
    if not label or place is None:
        raise AnnotationError(file, None, "an object needs a name and a bndbox")
    left, top, right, bottom = (_coordinate(file, label, place, name) for name in CORNERS)
    attributes = {part.tag: _value(part) for part in one if part.tag not in ("name", "bndbox")}
    return Box(label=label, left=left, top=top, width=right - left, height=bottom - top, attributes=attributes)


def _coordinate(file: Path, label: str, place: ET.Element, name: str) -> float:
    text = _text(place, name)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise AnnotationError(file, None, f"the {name} of a {label} is {text!r} and should be a number of pixels")
    return value


def _value(one: ET.Element) -> Any:
    if len(one):
        return {part.tag: _value(part) for part in one}
    text = (one.text or "").strip()
    return int(text) if one.tag in WHOLE and text.isdigit() else text


def _text(one: ET.Element | None, name: str) -> str | None:
    found = None if one is None else one.findtext(name)
    return found.strip() if found and found.strip() else None


# -- writing -----------------------------------------------------------------------------------------------------------


def write_voc(pictures: Sequence[Pictured], folder: Path, *, names: Callable[[Pictured], str]) -> Written:
    """Write ``Annotations/``, an XML file a picture; the pictures stay where they are.

    Parameters
    ----------
    pictures
        In any order; those without boxes are not written.
    folder
        Made where missing.
    names
        Gives the file name of a picture.

    Raises
    ------
    DataError
        Two pictures would have one file.
    """
    losses, place = Losses(), folder / ANNOTATIONS[0]
    place.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    for one in pictures:
        if one.boxes is None:
            losses.add("pictures without boxes" if one.labels else "pictures that nobody looked at")
            continue
        name = PurePosixPath(names(one))
        if name.stem in written:
            raise DataError(f"{one.path} and {written[name.stem]} would both be described in {name.stem}.xml")
        written[name.stem] = one.path
        write_whole(place / f"{name.stem}.xml", _document(one, name.name, losses))
    return Written(folder, len(written), sum(len(one.boxes or ()) for one in pictures), losses.told)


def _document(one: Pictured, name: str, losses: Losses) -> bytes:
    root = ET.Element("annotation")
    extra = dict(one.extra)
    depth = extra.pop("depth", 3)
    _put(root, "filename", name)
    for key, value in extra.items():
        if _is_name(key) and isinstance(value, str | int | float | dict):
            _put(root, key, value)
        else:
            losses.add(f"the property {key!r} of pictures")
    if one.width is not None and one.height is not None:
        _put(root, "size", {"width": one.width, "height": one.height, "depth": depth})
    for box in one.boxes or ():
        _put(root, "object", _object(box, losses))
    ET.indent(root, "\t")
    return bytes(ET.tostring(root, encoding="utf-8")) + b"\n"


def _object(box: Box, losses: Losses) -> dict[str, Any]:
    others = {}
    for key, value in box.attributes.items():
        if _is_name(key) and isinstance(value, str | int | float | dict):
            others[key] = value
        else:
            losses.add(f"the attribute {key!r} of boxes")
    if box.confidence is not None:
        losses.add("the confidence of boxes")
    corners = dict(zip(CORNERS, (box.left, box.top, box.right, box.bottom), strict=True))
    return {"name": box.label, **others, "bndbox": {key: _number(value) for key, value in corners.items()}}


def _put(parent: ET.Element, tag: str, value: Any) -> None:
    child = ET.SubElement(parent, tag)
    if isinstance(value, dict):
        for key, part in value.items():
            _put(child, str(key), part)
    else:
        child.text = str(value)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _is_name(text: str) -> bool:
    """Tell whether this may be an element's name."""
    return text.replace("_", "a").replace("-", "a").isalnum() and not text[0].isdigit()
