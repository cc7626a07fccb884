"""From labelled pictures to the entries of a dataset: what the service is told of each picture, checked beforehand."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from mediaml._warnings import warn
from mediaml.aws.s3 import Location, Storage, is_uri
from mediaml.data.checks.finding import counted
from mediaml.data.formats.manifest import SOURCE, iter_lines, write_manifest
from mediaml.data.formats.pictured import Pictured
from mediaml.data.grouping import content_hash
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import decode, rows
from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.manifest import check_manifest
from mediaml.data.preflight.picture import check_picture_facts
from mediaml.data.preflight.whole import Split
from mediaml.errors import DataError, ImageError, LabelError

IMAGES = "images"
SHORT = 16  # digits of a content hash in a key
SHOWN = 5
WRITTEN = "creation-date"
UPRIGHT = 1  # of EXIF's orientations
SAME_FORMAT = {"MPO": "JPEG"}  # as `pictures.service` has it
UNNAMED = ("few_pictures", "label_without_pictures")


class Entry(NamedTuple):
    """What a dataset is told of one picture.

    Parameters
    ----------
    address
        ``s3://bucket/key``.
    line
        JSON.
    path
        Where the picture lies now: a file, or its address.
    """

    address: str
    line: str
    path: str

    @property
    def content(self) -> str:
        """What the line says, whenever it was written."""
        return told_by(self.line)


def told_by(line: str) -> str:
    """Give what a line of a manifest says, without when it was written, and in one order."""
    return json.dumps(_undated(json.loads(line)), sort_keys=True)


def _undated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _undated(one) for key, one in value.items() if key != WRITTEN}
    return value


def address_of(line: str) -> str:
    """Give the picture's address of a line; empty where it has none."""
    found = json.loads(line)
    return str(found.get(SOURCE, "")) if isinstance(found, dict) else ""


def digest(parts: Iterable[Sequence[Entry]], *more: object) -> str:
    """Give a short name for what is trained: the same pictures with the same labels have the same."""
    told = hashlib.sha256(repr(more).encode())
    for part in parts:
        told.update(b"|")
        for content in sorted(one.content for one in part):
            told.update(content.encode())
    return told.hexdigest()[:SHORT]


class Addresses:
    """Where pictures lie, or will lie, on S3: each content once, whatever files have it.

    Parameters
    ----------
    storage
        S3, which is asked once what lies there already.
    under
        Where those of this machine go, as ``images/HASH/NAME``.
    """

    def __init__(self, storage: Storage, under: Location) -> None:
        self._storage, self._under = storage, under

    @cached_property
    def _known(self) -> dict[str, str]:
        under = self._under / IMAGES
        keys = (one.location for one in self._storage.listed(under, own=True))
        return {at.key[len(under.key) :].strip("/").partition("/")[0]: at.uri for at in keys}

    def of(self, path: str) -> str:
        """Give the address of a picture."""
        if is_uri(path):
            return path
        digits = content_hash(path)[:SHORT]
        return self._known.setdefault(digits, (self._under / f"{IMAGES}/{digits}/{Path(path).name}").uri)


def entries_of(dataset: ImageDataset, addresses: Addresses) -> tuple[Entry, ...]:
    """Give an entry a picture; see `entries_by_path`."""
    return tuple(dict.fromkeys(entries_by_path(dataset, addresses).values()))


def entries_by_path(dataset: ImageDataset, addresses: Addresses) -> dict[str, Entry]:
    """Give each path its entry; a file that is there several times is one picture.

    Parameters
    ----------
    dataset
        Labelled, or with boxes. Pictures on S3 keep their addresses.
    addresses
        Theirs.

    Raises
    ------
    LabelError
        The same file has several labels.
    DataError
        A picture cannot be read, or the service would refuse it.
    """
    told = [replace(one, extra={}, group=_group(one)) for one in rows.pictured(dataset._sized())]
    _check_pictures(told)
    named = {one.path: addresses.of(one.path) for one in told}
    unique: dict[str, Pictured] = {}
    for one in told:
        first = unique.setdefault(named[one.path], one)
        if (first.labels, first.boxes) != (one.labels, one.boxes):
            raise LabelError(f"{first.path} and {one.path} are the same picture with other labels: keep one of the two")
    with tempfile.TemporaryDirectory(prefix="mediaml-entries-") as folder:
        path = Path(folder) / "entries.manifest"
        write_manifest(list(unique.values()), path, address=lambda one: named[one.path])
        lines = [line for _, line in iter_lines(path)]
    entries = {
        address: Entry(address, line, one.path) for (address, one), line in zip(unique.items(), lines, strict=True)
    }
    return {path: entries[address] for path, address in named.items()}


def _group(one: Pictured) -> str | None:
    """Give the group where somebody said it: a picture that stands alone would tell a path of this machine."""
    return None if one.group in (None, one.path) else one.group


def _check_pictures(told: Sequence[Pictured]) -> None:
    """Refuse pictures that the service would: before anything is sent, and all of them at once."""
    wrong = [f"{one.path}: {said}" for one in told if not is_uri(one.path) for said in _said(one)]
    if wrong:
        more = f"\n  and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        listed = "\n  ".join(wrong[:SHOWN])
        raise DataError(
            f"Custom Labels does not take {counted(len(wrong), 'picture')}:\n  {listed}{more}\n"
            f"dataset.repair('fixed/').dataset is a copy that it takes"
        )


def _said(one: Pictured) -> Iterator[str]:
    try:
        header = decode.header(one.path)
    except ImageError as error:
        yield error.reason
        return
    known = SAME_FORMAT.get(header.format, header.format)
    faults = check_picture_facts(known, header.width, header.height, header.bytes)
    yield from (f"{fault.code}: {fault.detail}" for fault in faults)
    if one.boxes and header.orientation != UPRIGHT and not faults:
        yield f"it is turned (EXIF orientation {header.orientation}): where its boxes lie would depend on the reader"


def check_entries(
    train: Sequence[Entry], test: Sequence[Entry] | None, region: str, split: Split | None = None
) -> None:
    """Hold entries against the documented rules of the service.

    Raises
    ------
    DataError
        It would refuse them, or leave some out.
    """
    with tempfile.TemporaryDirectory(prefix="mediaml-entries-") as folder:
        paths = [_write(Path(folder) / "train.manifest", train)]
        paths += [] if test is None else [_write(Path(folder) / "test.manifest", test)]
        found = check_manifest(*paths, region=region, split=split)
    named = {"train": train, "test": test or (), None: train}
    errors = [_told(fault, named) for fault in found.faults if fault.severity == "error"]
    if errors:
        raise DataError("Custom Labels would not take this:\n  " + "\n  ".join(errors[:SHOWN]))
    few = [fault.detail for fault in found.faults if fault.code in UNNAMED and fault.part in (None, "train")]
    if few:
        warn(f"fewer than 10 pictures to learn from: {'; '.join(few[:SHOWN])}")


def _told(fault: Fault, named: Mapping[Any, Sequence[Entry]]) -> str:
    where = "" if fault.line is None else f"{named[fault.part][fault.line - 1].path}: "
    return f"{where}{fault.code}: {fault.detail}. {fault.meaning}; {fault.remedy}"


def manifest(entries: Iterable[Entry]) -> bytes:
    """Give entries as a manifest."""
    return "".join(f"{one.line}\n" for one in entries).encode()


def _write(path: Path, entries: Iterable[Entry]) -> Path:
    path.write_bytes(manifest(entries))
    return path
