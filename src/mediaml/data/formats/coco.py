"""COCO's JSON: pictures, categories and annotations (cocodataset.org/#format-data)."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaml.data.formats.documents import content_of, is_number, parsed, pixels
from mediaml.data.formats.pictured import Losses, Pictured, Written
from mediaml.data.formats.text import quoted
from mediaml.errors import AnnotationError
from mediaml.runtime.atomic import write_whole
from mediaml.values.geometry import Box

ID, TEXT = "a number or a text", "a text that is not empty"
NEEDED = {
    "images": {"id": ID, "file_name": TEXT},
    "categories": {"id": ID, "name": TEXT},
    "annotations": {"image_id": ID, "category_id": ID},
}
OF_IMAGE = ("id", "file_name", "width", "height")
OF_BOX = ("id", "image_id", "category_id", "bbox")


def read_coco(path: Path, images: Path | None = None) -> list[Pictured]:
    """Read COCO's JSON.

    Parameters
    ----------
    path
        The file.
    images
        The folder that its file names begin at; None: the file's own.

    Returns
    -------
    A picture an entry of ``images``, in order. Annotations without a ``bbox`` are labels of the whole picture. One
    without any annotation has no boxes (an empty tuple), but where no annotation of the file has one (None).

    Raises
    ------
    AnnotationError
        It is not what it should be.
    """
    return _Reader(path, _document(path)).read(path.parent if images is None else images)


def _document(path: Path) -> dict[str, Any]:
    try:
        text = content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnnotationError(path, None, f"is not UTF-8 text: {error}") from error
    found = parsed(path, None, text)
    if not isinstance(found.get("images"), list):
        raise AnnotationError(path, None, "is not COCO: an object with a list of images was expected")
    return found


class _Reader:
    """A document that is being read."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self.path = path
        self.images: list[dict[str, Any]] = self._entries(document, "images")
        self.categories = {one["id"]: one for one in self._entries(document, "categories")}
        self.annotations = self._entries(document, "annotations")
        self.annotated = "annotations" in document

    def read(self, images: Path) -> list[Pictured]:
        numbers = [one["id"] for one in self.images]
        if len(set(numbers)) < len(numbers):
            twice = next(one for n, one in enumerate(numbers) if one in numbers[:n])
            raise self._error(f"two images have the id {twice!r}")
        by_image: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for one in self.annotations:
            by_image[one["image_id"]].append(one)
        if unknown := set(by_image) - set(numbers):
            raise self._error(f"there are annotations of the image {min(unknown, key=str)!r}, which it does not list")
        boxed = self.annotated and (not self.annotations or any("bbox" in one for one in self.annotations))
        return [self._picture(one, by_image[one["id"]], images, boxed) for one in self.images]

    def _picture(self, one: dict[str, Any], own: Sequence[dict[str, Any]], images: Path, boxed: bool) -> Pictured:
        if own and not any("bbox" in annotation for annotation in own):
            boxed = False  # labels of the whole picture
        boxes = tuple(self._box(annotation) for annotation in own) if boxed else None
        labels = {self._category(annotation)["name"] for annotation in own}
        name = one["file_name"]
        extra = {key: value for key, value in one.items() if key not in OF_IMAGE and value is not None}
        return Pictured(
            name if "://" in name else os.path.abspath(images / name),
            tuple(sorted(labels)),
            boxes,
            pixels(one.get("width")),
            pixels(one.get("height")),
            None,
            extra,
        )

    def _box(self, annotation: dict[str, Any]) -> Box:
        place = annotation.get("bbox")
        if not isinstance(place, list) or len(place) != 4 or not all(map(is_number, place)):
            raise self._error(f"the annotation {annotation.get('id')!r} has no bbox of four numbers, but {place!r}")
        category = self._category(annotation)
        others = {key: value for key, value in annotation.items() if key not in OF_BOX}
        sure = others.pop("score", None)
        if category.get("supercategory"):
            others["supercategory"] = category["supercategory"]
        return Box(
            label=category["name"],
            left=place[0],
            top=place[1],
            width=place[2],
            height=place[3],
            confidence=sure if is_number(sure) and 0 <= sure <= 1 else None,
            attributes=others,
        )

    def _category(self, annotation: dict[str, Any]) -> dict[str, Any]:
        if annotation["category_id"] not in self.categories:
            raise self._error(
                f"the annotation {annotation.get('id')!r} is of the category {annotation['category_id']!r}, which it "
                f"does not list"
            )
        return self.categories[annotation["category_id"]]

    def _entries(self, document: dict[str, Any], section: str) -> list[dict[str, Any]]:
        found = document.get(section, [])
        if not isinstance(found, list):
            raise self._error(f"{section} is not a list")
        needed = NEEDED[section]
        for number, one in enumerate(found, 1):
            if not isinstance(one, dict) or any(name not in one for name in needed):
                raise self._error(f"entry {number} of {section} needs {' and '.join(needed)}")
            for name, kind in needed.items():
                if not _is(one[name], kind):
                    said = quoted(str(one[name]))
                    raise self._error(f"the {name} of entry {number} of {section} is {said} and should be {kind}")
        return found

    def _error(self, reason: str) -> AnnotationError:
        return AnnotationError(self.path, None, reason)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, str):
        return kind == ID or value != ""
    return kind == ID and is_number(value)


# -- writing -----------------------------------------------------------------------------------------------------------


def write_coco(pictures: Sequence[Pictured], path: Path, *, file_name: Callable[[Pictured], str]) -> Written:
    """Write COCO's JSON; labels of whole pictures become annotations without a ``bbox``.

    Parameters
    ----------
    pictures
        In order.
    path
        The file.
    file_name
        Gives the name that a picture has in it.
    """
    labels = sorted({label for one in pictures for label in (*one.labels, *(box.label for box in one.boxes or ()))})
    numbers = {label: number for number, label in enumerate(labels, 1)}
    losses = Losses()
    annotations: list[dict[str, Any]] = []
    for image, one in enumerate(pictures, 1):
        for found in _annotations(one, numbers, losses):
            annotations.append({"id": len(annotations) + 1, "image_id": image, **found})
    families = _supercategories(pictures)
    document = {
        "images": [_image(number, one, file_name(one), losses) for number, one in enumerate(pictures, 1)],
        "annotations": annotations,
        "categories": [{"id": numbers[label], "name": label, **families.get(label, {})} for label in labels],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(document, ensure_ascii=False).encode())
    return Written(path, len(pictures), sum(len(one.boxes or ()) for one in pictures), losses.told)


def _image(number: int, one: Pictured, name: str, losses: Losses) -> dict[str, Any]:
    size = {"width": one.width, "height": one.height}
    known = {key: value for key, value in size.items() if value is not None}
    if len(known) < len(size):
        losses.add("the size of pictures that cannot be opened here")
    extra = {
        key: value for key, value in one.extra.items() if isinstance(value, str | int | float | bool | list | dict)
    }
    return {"id": number, "file_name": name, **known, **extra}


def _annotations(one: Pictured, numbers: Mapping[str, int], losses: Losses) -> list[dict[str, Any]]:
    if one.boxes is None:
        if not one.labels:
            losses.add("that nobody looked at a picture (COCO takes it for empty)")
        return [{"category_id": numbers[label]} for label in one.labels]
    return [
        {
            "category_id": numbers[box.label],
            "bbox": [box.left, box.top, box.width, box.height],
            "area": box.area,
            "iscrowd": 0,
            **{name: value for name, value in box.attributes.items() if name != "supercategory"},
            **({} if box.confidence is None else {"score": box.confidence}),
        }
        for box in one.boxes
    ]


def _supercategories(pictures: Sequence[Pictured]) -> dict[str, dict[str, str]]:
    return {
        box.label: {"supercategory": str(box.attributes["supercategory"])}
        for one in pictures
        for box in one.boxes or ()
        if "supercategory" in box.attributes
    }
