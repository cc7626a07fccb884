"""What Rekognition Custom Labels would say of a dataset: it is written as a manifest, and that is held to its rules."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

from mediaml.aws.s3 import is_uri, location
from mediaml.data.checks.finding import counted
from mediaml.data.formats.manifest import write_manifest
from mediaml.data.formats.pictured import Pictured
from mediaml.data.pictures.problems import PictureFinding as Found
from mediaml.data.pictures.seen import Row, Seen
from mediaml.data.preflight import quotas, whole
from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.line import LineFacts, check_line
from mediaml.data.preflight.picture import check_picture_facts
from mediaml.data.preflight.stream import lines
from mediaml.data.preflight.tally import Found as Faults
from mediaml.data.preflight.tally import Tally

PROBLEM_OF = {
    "ERROR_INVALID_IMAGE": "service_picture",
    "ERROR_INVALID_IMAGE_DIMENSION": "service_picture",
    "ERROR_INVALID_BOUNDING_BOX": "service_boxes",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "service_boxes",
    "ERROR_TOO_MANY_BOUNDING_BOXES": "service_boxes",
    "ERROR_INVALID_LABEL_NAME_LENGTH": "service_labels",
    "too_many_labels_per_picture": "service_labels",
    "ERROR_MANIFEST_TOO_MANY_LABELS": "service_labels",
    "ERROR_MANIFEST_TOO_FEW_LABELS": "service_labels",
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": "service_labels",
    "mixed_use_cases": "service_kinds",
    "WARNING_NO_ANNOTATIONS": "service_unused",
}
"""By the service's codes; every other one is about the dataset as a whole."""
SAME_FORMAT = {"MPO": "JPEG"}  # a JPEG with a second one behind it, which cameras write; the service reads the first


def check_service(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Find what breaks the documented limits of Rekognition Custom Labels."""
    told = [(picture, row) for picture in pictures for row in picture.rows if row.labels or row.boxes is not None]
    tally, unused = Tally("train"), 0
    refused = {picture.path: _refused(picture) for picture in pictures}
    for (picture, _), facts in zip(told, _facts(told), strict=True):
        tally.lines += 1
        tally.add(replace(facts, faults=(*facts.faults, *refused[picture.path])), Faults("train"), {})
        known = {"WARNING_NO_ANNOTATIONS", *(fault.code for fault in refused[picture.path])}
        yield from (_found(fault, picture) for fault in facts.faults if fault.code not in known)
        unused += any(fault.code == "WARNING_NO_ANNOTATIONS" for fault in facts.faults)
    yield from (_found(fault, picture) for picture in pictures for fault in refused[picture.path])
    yield from (_found(fault) for fault in _whole(tally))
    if unused:
        yield Found("service_unused", f"WARNING_NO_ANNOTATIONS: {counted(unused, 'picture')} without boxes")


def _refused(picture: Seen) -> tuple[Fault, ...]:
    header = None if picture.measured is None else picture.measured.header
    if header is None or not picture.usable:
        return ()
    known = SAME_FORMAT.get(header.format, header.format)
    return check_picture_facts(known, header.width, header.height, header.bytes)


def _facts(told: Sequence[tuple[Seen, Row]]) -> Iterator[LineFacts]:
    """Write the rows as a manifest, and read it as the service would."""
    bucket = next((location(picture.path).bucket for picture, _ in told if is_uri(picture.path)), "bucket")
    found = [_pictured(picture, row, bucket) for picture, row in told]
    with tempfile.TemporaryDirectory(prefix="mediaml-check-") as folder:
        path = Path(folder) / "check.manifest"
        write_manifest(found, path, address=lambda one: one.path)
        for raw in lines(path):
            if isinstance(raw.text, str):
                yield check_line(raw.text, raw.number)
            else:
                yield LineFacts(raw.number, (Fault(*raw.text, raw.number),))


def _pictured(picture: Seen, row: Row, bucket: str) -> Pictured:
    path = picture.path if is_uri(picture.path) else f"s3://{bucket}/{row.number}"
    width, height = picture.frame_of(row) or _around(row)
    return Pictured(path, row.labels, row.boxes, width, height)


def _around(row: Row) -> tuple[int, int]:
    """Give a size that holds all boxes, where nothing is known of the picture: the rules for sizes say nothing then."""
    right = max((box.right for box in row.boxes or ()), default=0.0)
    bottom = max((box.bottom for box in row.boxes or ()), default=0.0)
    side = ceil(max(right, bottom, quotas.SHORTEST_SIDE))
    return side, side


def _whole(tally: Tally) -> Iterable[Fault]:
    """Check what only all rows together show."""
    if not tally.lines:
        return []
    found = [*whole.line_faults(tally, quotas.rows_of(None).train), *whole.bucket_faults(tally)]
    if tally.usable or not tally.bad:  # else that there are no labels follows from it
        found += whole.label_faults(tally, whole.chosen(tally))
    return found


def _found(fault: Fault, picture: Seen | None = None) -> Found:
    problem = PROBLEM_OF.get(fault.code, "service_rows")
    path, labels = (None, ()) if picture is None else (picture.path, picture.labels)
    return Found(problem, f"{fault.code}: {fault.detail}", path, labels)
