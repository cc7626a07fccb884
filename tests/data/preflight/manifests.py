"""Manifests made by hand: good lines, to be spoilt one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def image_level(number: int, label: str = "cat", name: str = "animal", bucket: str = "pictures") -> Record:
    """A line with one label for the whole picture."""
    return {"source-ref": f"s3://{bucket}/images/{number}.png", **named(name, label)}


def named(name: str, label: str) -> Record:
    """A label attribute and its metadata."""
    metadata = {
        "confidence": 0.95,
        "job-name": "labeling-job/animals",
        "class-name": label,
        "human-annotated": "yes",
        "creation-date": "2020-03-06T17:46:39.176",
        "type": "groundtruth/image-classification",
    }
    return {name: 1, f"{name}-metadata": metadata}


def boxed(number: int, boxes: int = 2, name: str = "bounding-box", labels: tuple[str, ...] = ("Echo", "Dot")) -> Record:
    """A line with boxes, of each label in turn."""
    annotations = [
        {"class_id": index % len(labels), "left": 10 + index, "top": 20, "width": 155, "height": 101}
        for index in range(boxes)
    ]
    metadata = {
        "objects": [{"confidence": 1} for _ in annotations],
        "class-map": {str(index): label for index, label in enumerate(labels)},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2013-11-18T02:53:27",
        "job-name": "my job",
    }
    return {
        "source-ref": f"s3://pictures/images/{number}.png",
        name: {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": annotations},
        f"{name}-metadata": metadata,
    }


def animals(number: int = 24, first: int = 0) -> list[Record]:
    """As many pictures of cats as of dogs."""
    return [image_level(first + index, ("cat", "dog")[index % 2]) for index in range(number)]


def logos(number: int = 24, first: int = 0) -> list[Record]:
    """Pictures with boxes of two labels."""
    return [boxed(first + index) for index in range(number)]


def write(path: Path, lines: Iterable[Record | str], end: str = "\n") -> Path:
    """Write a manifest; what is text already stays as it is."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + end for line in lines)
    path.write_bytes(text.encode())
    return path
