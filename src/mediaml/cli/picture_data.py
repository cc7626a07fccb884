"""Datasets of pictures from what is named on the command line, whatever format they are in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mediaml as mm
from mediaml.cli import tables
from mediaml.errors import DataError

if TYPE_CHECKING:
    from mediaml.data.formats.pictured import Written

PictureData = Annotated[
    Path,
    typer.Argument(
        help="A folder with a folder per label, or of VOC (Annotations/) or YOLO (images/ and labels/); a .manifest; "
        "COCO's .json; a .csv, .tsv or .parquet with path and label."
    ),
]
Images = Annotated[
    Path | None, typer.Option(file_okay=False, help="The folder of the pictures, where a manifest or COCO names them.")
]


class Format(StrEnum):
    """What pictures with labels and boxes can be written as."""

    MANIFEST = "manifest"
    COCO = "coco"
    VOC = "voc"
    YOLO = "yolo"


def read(data: Path, images: Path | None = None, separator: str | None = None) -> mm.ImageDataset:
    """Read pictures, in the format that their ending or their folders show.

    Raises
    ------
    DataError
        There is no such folder or file, or nothing in it.
    """
    from mediaml.data.formats.voc import ANNOTATIONS

    if data.is_dir():
        if any((data / name).is_dir() for name in ANNOTATIONS):
            return mm.ImageDataset.from_voc(data)
        if (data / "images").is_dir() and (data / "labels").is_dir():
            return mm.ImageDataset.from_yolo(data)
        return mm.ImageDataset.from_folder(data)
    if not data.exists():
        raise DataError(f"{data}: there is no such folder or file")
    match data.suffix.lower():
        case ".manifest" | ".jsonl":
            return mm.ImageDataset.from_manifest(data, images=images)
        case ".json":
            return mm.ImageDataset.from_coco(data, images)
        case _:
            return mm.ImageDataset.from_table(data, root=data.parent, label_separator=separator)


def write(pictures: mm.ImageDataset, out: Path, kind: Format, bucket: str | None = None, prefix: str = "") -> Written:
    """Write pictures in a format."""
    match kind:
        case Format.MANIFEST:
            return pictures.to_manifest(out, bucket, prefix)
        case Format.COCO:
            return pictures.to_coco(out)
        case Format.VOC:
            return pictures.to_voc(out)
        case Format.YOLO:
            return pictures.to_yolo(out)


def write_parts(parts: Mapping[str, mm.ImageDataset], folder: Path, separator: str | None) -> dict[str, Path]:
    """Write each part: as CSV, or as COCO's JSON where there are boxes. File names are absolute."""
    if not any(part.has_boxes for part in parts.values()):
        return tables.write_parts(
            {name: part._with(part.frame.drop(columns=["boxes", "width", "height"])) for name, part in parts.items()},
            folder,
            separator,
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        part.to_coco(folder / f"{name}.json", absolute=True)
    return {name: folder / f"{name}.json" for name in parts}
