"""Manifests of SageMaker Ground Truth and Rekognition Custom Labels: JSON Lines, a picture a line.

A line has the picture's address (``source-ref``) and label attributes, each a pair: ``NAME`` and ``NAME-metadata``,
whose ``type`` says what it is. Sources: AWS, "Custom Labels guide", md-create-manifest-file-classification and
-object-detection; "Ground Truth", sms-data-output.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from mediaml.data.formats.documents import is_number, parsed, pixels, raw_lines
from mediaml.data.formats.pictured import Losses, Pictured, Written
from mediaml.errors import AnnotationError, DataError
from mediaml.runtime.atomic import write_whole
from mediaml.values.geometry import Box

SOURCE, METADATA, GROUP = "source-ref", "-metadata", "group"
TEXT = "source"  # means inline text to Ground Truth
SINGLE, SEVERAL, BOXES = (
    "groundtruth/image-classification",
    "groundtruth/image-classification-multilabel",
    "groundtruth/object-detection",
)
LABEL_NAME, BOX_NAME = "label", "bounding-box"
OWN_METADATA = ("class-name", "class-map", "objects", "confidence-map", "type", "confidence")
DEPTH = 3  # required by the service, and not used
LOST = 1e-9  # pixels: what rounding may move without a word


def iter_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Give the lines that are not blank with their numbers, counted from 1; the memory does not grow with the file.

    Raises
    ------
    AnnotationError
        It cannot be opened, or a line is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(raw_lines(path, file), 1):
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if text:
                    yield number, text
    except UnicodeDecodeError as error:
        raise AnnotationError(path, None, f"is not UTF-8 text: {error}") from error
    except OSError as error:
        raise AnnotationError(path, None, f"cannot be opened: {error.strerror or error}") from error


def read_manifest(path: Path, attribute: str | None = None) -> list[Pictured]:
    """Read a manifest.

    Parameters
    ----------
    path
        The file. Pictures on S3 keep their address; other paths begin at its folder.
    attribute
        The label attribute to take; None: all of a line, joined.

    Returns
    -------
    A picture a line. What else a line says, its other metadata too, is in ``extra`` under the line's own names.

    Raises
    ------
    AnnotationError
        A line is not what it should be.
    """
    return [_Line(path, number, parsed(path, number, text)).read(attribute) for number, text in iter_lines(path)]


class _Said(NamedTuple):
    """What one label attribute says."""

    labels: tuple[str, ...] = ()
    boxes: tuple[Box, ...] | None = None
    size: tuple[int | None, int | None] = (None, None)


class _Line(NamedTuple):
    """One line of a manifest."""

    path: Path
    number: int
    values: dict[str, Any]

    def read(self, attribute: str | None) -> Pictured:
        source = self.values.get(SOURCE)
        if not isinstance(source, str) or not source:
            raise self.error(f"has no {SOURCE}, the picture's address")
        names = [name for name in self.values if f"{name}{METADATA}" in self.values]
        if attribute is not None:
            names = [name for name in names if name == attribute]
        said = [self.attribute(name) for name in names]
        boxes = [one.boxes for one in said if one.boxes is not None]
        size = next((one.size for one in said if one.size[0] is not None), (None, None))
        group = self.values.get(GROUP)
        return Pictured(
            source if "://" in source else os.path.abspath(self.path.parent / source),
            tuple(sorted({label for one in said for label in one.labels})),
            tuple(box for own in boxes for box in own) if boxes else None,
            *size,
            group if isinstance(group, str) else None,
            self.others(names),
        )

    def others(self, names: Sequence[str]) -> dict[str, Any]:
        """Give what the line says besides labels and boxes."""
        used = {SOURCE, *names, *(f"{name}{METADATA}" for name in names)}
        found = {name: value for name, value in self.values.items() if name not in used}
        if isinstance(found.get(GROUP), str):
            del found[GROUP]
        metadata = {
            name: rest
            for name in names
            if (rest := {k: v for k, v in self.values[f"{name}{METADATA}"].items() if k not in OWN_METADATA})
        }
        return {**found, "metadata": metadata} if metadata else found

    def attribute(self, name: str) -> _Said:
        metadata = self.values[f"{name}{METADATA}"]
        if not isinstance(metadata, dict):
            raise self.error(f"{name}{METADATA} is not an object")
        value, kind = self.values[name], metadata.get("type", "")
        if kind == BOXES or (isinstance(value, dict) and "annotations" in value):
            return self.boxes(name, value, metadata)
        if kind == SEVERAL or isinstance(value, list):
            names = self.class_map(name, metadata)
            return _Said(tuple(self.named(name, one, names) for one in _listed(value)))
        if "class-name" in metadata:
            if not isinstance(metadata["class-name"], str) or not metadata["class-name"]:
                raise self.error(f"the class-name of {name} is {metadata['class-name']!r} and should be a text")
            return _Said((metadata["class-name"],))
        raise self.error(f"{name} is of the type {kind!r}, and should be of {SINGLE}, {SEVERAL} or {BOXES}")

    def boxes(self, name: str, value: Any, metadata: dict[str, Any]) -> _Said:
        names = self.class_map(name, metadata)
        annotations = value.get("annotations") if isinstance(value, dict) else None
        if not isinstance(annotations, list):
            raise self.error(f"{name} has no list of annotations")
        sure = _listed(metadata.get("objects", []))
        boxes = tuple(
            self.box(name, one, names, sure[n] if n < len(sure) else None) for n, one in enumerate(annotations)
        )
        size = value.get("image_size")
        first = size[0] if isinstance(size, list) and size and isinstance(size[0], dict) else {}
        labels = tuple(sorted({box.label for box in boxes}))
        return _Said(labels, boxes, (pixels(first.get("width")), pixels(first.get("height"))))

    def box(self, name: str, one: Any, names: Mapping[str, str], sure: Any) -> Box:
        if not isinstance(one, dict):
            raise self.error(f"an annotation of {name} is not an object")
        places = [one.get(side) for side in ("left", "top", "width", "height")]
        if not all(is_number(place) for place in places):
            raise self.error(f"an annotation of {name} needs numbers as left, top, width and height: {one}")
        known = sure.get("confidence") if isinstance(sure, dict) else None
        others = {key: one[key] for key in one if key not in ("class_id", "left", "top", "width", "height")}
        return Box(
            label=self.named(name, one.get("class_id"), names),
            left=places[0],
            top=places[1],
            width=places[2],
            height=places[3],
            confidence=known if is_number(known) and 0 <= known <= 1 else None,
            attributes=others,
        )

    def class_map(self, name: str, metadata: dict[str, Any]) -> Mapping[str, str]:
        found = metadata.get("class-map")
        if not isinstance(found, dict) or not all(isinstance(label, str) for label in found.values()):
            raise self.error(f"{name}{METADATA} has no class-map from numbers to labels")
        return found

    def named(self, name: str, number: Any, names: Mapping[str, str]) -> str:
        if str(number) not in names:
            raise self.error(f"the class {number!r} of {name} is not in its class-map ({', '.join(names)})")
        return names[str(number)]

    def error(self, reason: str) -> AnnotationError:
        return AnnotationError(self.path, self.number, reason)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# -- writing -----------------------------------------------------------------------------------------------------------


def write_manifest(
    pictures: Sequence[Pictured],
    path: Path,
    *,
    address: Callable[[Pictured], str],
    job_name: str = "mediaml",
    created: str | None = None,
) -> Written:
    """Write a manifest in the shape that Rekognition Custom Labels takes.

    Parameters
    ----------
    pictures
        Those with boxes need their width and height.
    path
        The file.
    address
        Gives a picture's ``s3://`` address.
    job_name
        Stands in the metadata where the picture says nothing else.
    created
        ISO 8601 without a zone; None: now, UTC.

    Raises
    ------
    DataError
        The size of a picture with boxes is not known.
    """
    writer = _Writer(pictures, job_name, created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    lines = [json.dumps({SOURCE: address(one), **writer.line(one)}, ensure_ascii=False) for one in pictures]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "".join(f"{line}\n" for line in lines).encode())
    boxes = sum(len(one.boxes or ()) for one in pictures)
    return Written(path, len(pictures), boxes, writer.losses.told)


class _Writer:
    """What is the same for all lines."""

    def __init__(self, pictures: Sequence[Pictured], job_name: str, created: str) -> None:
        labels = sorted({box.label for one in pictures for box in one.boxes or ()})
        self.numbers = {label: number for number, label in enumerate(labels)}
        self.usual = {"job-name": job_name, "human-annotated": "yes", "creation-date": created}
        self.losses = Losses()

    def line(self, one: Pictured) -> dict[str, Any]:
        extra = dict(one.extra)
        metadata = extra.pop("metadata", {})
        stated: Mapping[str, Any] = next(iter(metadata.values()), {}) if isinstance(metadata, dict) else {}
        said = self.boxes(one, stated) if one.boxes is not None else self.labels(one, stated)
        group = {} if one.group is None else {GROUP: one.group}
        if extra.pop(TEXT, None) is not None:
            self.losses.add(f"the property {TEXT!r} of pictures")
        return {**group, **{name: value for name, value in extra.items() if _is_json(value)}, **said}

    def labels(self, one: Pictured, stated: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, label in enumerate(one.labels):
            name = LABEL_NAME if len(one.labels) == 1 else f"{LABEL_NAME}-{number}"
            found[name] = 1
            found[f"{name}{METADATA}"] = {
                **self.usual, **stated, "confidence": 1, "class-name": label, "type": SINGLE,
            }  # fmt: skip
        return found

    def boxes(self, one: Pictured, stated: Mapping[str, Any]) -> dict[str, Any]:
        if one.width is None or one.height is None:
            raise DataError(
                f"{one.path}: a manifest with boxes states the picture's size, and it is not known: bring the picture "
                f"to this machine (dataset.fetch()) or take it out"
            )
        size = {"width": one.width, "height": one.height, "depth": DEPTH}
        own = one.boxes or ()
        return {
            BOX_NAME: {"image_size": [size], "annotations": [self.box(box) for box in own]},
            f"{BOX_NAME}{METADATA}": {
                **self.usual,
                **stated,
                "objects": [{"confidence": 1 if box.confidence is None else box.confidence} for box in own],
                "class-map": {str(self.numbers[label]): label for label in sorted({box.label for box in own})},
                "type": BOXES,
            },
        }

    def box(self, box: Box) -> dict[str, Any]:
        """Give a box in whole pixels, which the service wants; what is between two lies in both."""
        left, top = round(box.left), round(box.top)
        width, height = max(1, round(box.right) - left), max(1, round(box.bottom) - top)
        if box.width <= 0 or box.height <= 0:
            width, height = round(box.width), round(box.height)  # bad as it is: a check names it
        exact = ((left, box.left), (top, box.top), (width, box.width), (height, box.height))
        if any(abs(one - other) > LOST for one, other in exact):
            self.losses.add("fractions of pixels of boxes")
        self.losses.add_all(f"the attribute {name!r} of boxes" for name in box.attributes)
        number = self.numbers[box.label]
        return {"class_id": number, "left": left, "top": top, "width": width, "height": height}


def _is_json(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | list | dict)
