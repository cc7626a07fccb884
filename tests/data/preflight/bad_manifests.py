"""Bad manifests, made by hand, each with the one code that it should have."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaml.data.preflight.manifest import check_manifest
from mediaml.data.preflight.preflight import Preflight
from tests.data.preflight.manifests import Record, animals, boxed, image_level, logos, write

Lines = list[Record | str]
Build = Callable[[Path], Preflight]


def labelled(*labels: str, first: int = 0) -> Lines:
    return [image_level(first + n, label) for n, label in enumerate(labels * 10)]


def spread() -> Lines:
    return [image_level(n, ("cat", "dog")[n % 2], bucket="more" if n > 20 else "pictures") for n in range(24)]


def cats(number: int = 12, label: str = "cat", first: int = 0) -> Lines:
    return [image_level(first + n, label) for n in range(number)]


def one(lines: Lines, name: str = "some.manifest", end: str = "\n", **options: Any) -> Build:
    return lambda folder: check_manifest(write(folder / name, lines, end), **options)


def two(train: Lines, test: Lines) -> Build:
    return lambda folder: check_manifest(write(folder / "train.manifest", train), write(folder / "test.manifest", test))


def raw(data: bytes) -> Build:
    def build(folder: Path) -> Preflight:
        (folder / "some.manifest").write_bytes(data)
        return check_manifest(folder / "some.manifest")

    return build


UNSUPPORTED = "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
TOO_MANY_LABELS = [image_level(n, f"label {n % 251}") for n in range(2510)]
THREE = ("b", "c", "d")
# what a file has in common with its lines is told of both
BAD: list[tuple[str, int | None, Build, set[str]]] = [
    (UNSUPPORTED, None, one([*animals()], "manifest"), set()),
    *(
        (UNSUPPORTED, None, raw(data), set())
        for data in (gzip.compress(b"{}"), "{}".encode("utf-16"), b"PK\3\4", b"PAR1")
    ),
    ("ERROR_EMPTY_MANIFEST", None, raw(b""), set()),
    ("ERROR_EMPTY_MANIFEST", None, raw(b"\xef\xbb\xbf"), {"byte_order_mark"}),
    (
        "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM",
        None,
        one(cats(28_001), region="eu-west-2"),
        {"ERROR_MANIFEST_TOO_FEW_LABELS"},
    ),
    ("ERROR_TOO_MANY_RECORDS_IN_ERROR", None, one([*animals(), *["{}"] * 7]), {"ERROR_MISSING_SOURCE_REF"}),
    ("ERROR_TOO_MANY_RECORDS_IN_ERROR", None, one(["", ""]), {"ERROR_INVALID_JSON_LINE"}),
    (
        "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
        None,
        one([*logos(), *(boxed(n, 51) for n in range(50, 57))]),
        {"ERROR_TOO_MANY_BOUNDING_BOXES"},
    ),
    ("ERROR_MANIFEST_TOO_FEW_LABELS", None, one(cats()), set()),
    ("ERROR_MANIFEST_TOO_MANY_LABELS", None, one([*TOO_MANY_LABELS]), set()),
    (
        "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS",
        None,
        one([*cats(), *(boxed(100 + n) for n in range(11))]),
        {"mixed_use_cases"},
    ),
    ("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS", 22, one(spread()), set()),
    *(
        (
            f"ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_{split.upper()}",
            None,
            one([*animals(), image_level(100, "eel")], split=split),
            set(),
        )
        for split in ("autosplit", "distribute")
    ),
    ("ERROR_INSUFFICIENT_LABEL_OVERLAP", None, two(labelled(*"abcde"), labelled(*"abxyz", first=1000)), set()),
    (
        "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP",
        None,
        two(
            labelled(*"abcd"), [*labelled("a", "x", first=1000), *(boxed(2000 + n, 3, labels=THREE) for n in range(3))]
        ),
        {"mixed_use_cases"},
    ),
    ("dropped_duplicate_source_ref", 25, one([*animals(), image_level(3, "dog")]), set()),
    ("train_test_overlap", 5, two([*animals()], [*animals(4, first=100), image_level(5, "dog")]), set()),
    ("too_many_test_pictures_per_label", None, two([*animals()], [*animals(2001, first=100)]), set()),
    ("few_pictures", None, one([*animals(), *cats(9, "eel", first=50)]), set()),
    ("label_without_pictures", None, one([boxed(n, labels=("Echo", "Dot", "Show")) for n in range(12)]), set()),
    ("mixed_use_cases", None, one([*animals(), *logos(20, first=100)]), set()),
    ("byte_order_mark", 1, one(["\ufeff" + json.dumps(image_level(99)), *animals()]), set()),
    ("windows_line_ends", 1, one([*animals()], end="\r\n"), set()),
]
TESTED_APART = {"ERROR_MANIFEST_SIZE_TOO_LARGE"}
