"""The pictures of a manifest: fetched from S3, looked at as the service does, and made a data set of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mediaml.data.formats.manifest import SOURCE, read_manifest
from mediaml.data.formats.pictured import Pictured
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import decode, rows
from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.picture import check_picture_facts
from mediaml.errors import AnnotationError, ImageError
from mediaml.testing.buckets import Buckets
from mediaml.testing.rekognition.learner import UseCase
from mediaml.testing.rekognition.lines import Row

SAME_FORMAT = {"MPO": "JPEG"}


class Example(NamedTuple):
    """A picture of a manifest that can be used.

    Parameters
    ----------
    row
        Its line.
    pictured
        What the line says, with the file in place of the address.
    """

    row: Row
    pictured: Pictured


class Album:
    """Pictures of S3 on this machine.

    Parameters
    ----------
    buckets
        S3.
    folder
        Where they are kept.
    """

    def __init__(self, buckets: Buckets, folder: Path) -> None:
        self._buckets, self._folder = buckets, folder

    def file(self, address: str) -> Path | None:
        """Give the file of a picture; None where there is none on S3."""
        try:
            content = self._buckets.read(address)
        except FileNotFoundError:
            return None
        path = self._folder / f"{hashlib.sha256(content).hexdigest()[:32]}{Path(address).suffix}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return path

    def looked_at(self, some: Iterable[Row]) -> list[Row]:
        """Give the rows, with what is wrong with their pictures."""
        return [replace(row, found=self._faults(row)) if row.facts.usable else row for row in some]

    def _faults(self, row: Row) -> tuple[Fault, ...]:
        path = self.file(row.address)
        if path is None:
            return (Fault("ERROR_INVALID_IMAGE", "there is no such file", row.facts.number),)
        try:
            found = decode.header(path)
        except ImageError as error:
            return (Fault("ERROR_INVALID_IMAGE", error.reason, row.facts.number),)
        known = SAME_FORMAT.get(found.format, found.format)
        return check_picture_facts(known, found.width, found.height, found.bytes)

    def examples(self, some: Iterable[Row], use_case: UseCase) -> list[Example]:
        """Give the pictures that can be used for what is trained."""
        found = []
        for row in some:
            suits = row.facts.box_labels if use_case == "boxes" else row.facts.labels
            pictured = self._pictured(row, use_case) if row.usable and suits else None
            if pictured is not None:
                found.append(Example(row, pictured))
        return found

    def _pictured(self, row: Row, use_case: UseCase) -> Pictured | None:
        path = self.file(row.address)
        if path is None:
            return None
        place = path.with_suffix(".line.manifest")
        place.write_text(json.dumps({**json.loads(row.text), SOURCE: str(path)}) + "\n", encoding="utf-8")
        try:
            told = read_manifest(place)[0]
        except (
            AnnotationError
        ):  # one of several attributes, or of several boxes, is broken: the others are not looked for
            return None
        if use_case == "labels":
            return replace(told, boxes=None, labels=tuple(sorted(set(row.facts.labels))), extra={})
        return replace(told, labels=tuple(sorted({box.label for box in told.boxes or ()})), extra={})


def dataset_of(examples: Sequence[Example]) -> ImageDataset:
    """Make a data set of pictures."""
    return ImageDataset(rows.frame_of([one.pictured for one in examples]))
