"""What a model was made with: which data, which versions, when."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mediaml.data.base import Dataset
from mediaml.data.grouping import content_hash

SHORT_HASH = 16  # digits: two of a million files are alike in one of thirty million data sets
PARTS = ("train", "validation", "background")
PACKAGES = ("mediaml", "mxnet", "numpy", "scipy", "soundfile")


def described(parts: Sequence[Dataset | None]) -> dict[str, dict[str, Any]]:
    """Tell which data a model is made with, by the name of the part: train, validation, background."""
    return {name: describe(part) for name, part in zip(PARTS, parts, strict=True) if part is not None}


def describe(dataset: Dataset) -> dict[str, Any]:
    """Tell which data this is: content, size, and the split it came from."""
    frame, words = dataset.frame, dataset.wording
    groups = frame["path"] if words.group == "recording" else frame["group"]
    return {
        "content": dataset.content_hash(),
        f"{words.example}s": len(frame),
        f"{words.group}s": int(groups.nunique()),
        "labels": list(dataset.labels),
        "origin": [dict(step) for step in dataset.origin],
    }


def file_hashes(dataset: Dataset) -> frozenset[str]:
    """Give a short hash of each file's content."""
    return frozenset(content_hash(path)[:SHORT_HASH] for path in dataset.frame["path"].unique())


def known_files(dataset: Dataset, learned_from: frozenset[str]) -> dict[str, int]:
    """Count the files of a dataset, and those that a model was made with."""
    files = file_hashes(dataset)
    return {"files": len(files), "known_files": len(files & learned_from)}


def versions() -> dict[str, str]:
    """Tell what this was made with, and when; MXNet only where it is: what learns on AWS is told so there."""
    packages = {name: found for name in PACKAGES if (found := _version(name)) is not None}
    return {"python": platform.python_version(), **packages, "date": datetime.now(UTC).isoformat(timespec="seconds")}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
