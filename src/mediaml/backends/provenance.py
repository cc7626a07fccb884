"""What a model was made with: which data, which versions, when."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from mediaml.data.base import Dataset
from mediaml.data.grouping import content_hash

if TYPE_CHECKING:
    from mediaml.backends.fitted import Fitted
    from mediaml.backends.pictures.fitted_labels import FittedLabels

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


def calibrated(fitted: Fitted | FittedLabels) -> dict[str, Any]:
    """Tell what confidences and thresholds were chosen on: examples that were held out, and hours of background."""
    held_out, recogniser = fitted.held_out, fitted.recogniser
    return {
        "held_out": len(held_out.truth),
        "background_hours": round(float(held_out.hours), 4),
        "temperature": float(recogniser.temperature),
        "doubt": float(recogniser.doubt),
    }


def measured_with(runtime: str) -> dict[str, str]:
    """Tell what a model was measured with in this process: versions, with that of the package that ran it; the day."""
    return {"python": platform.python_version(), **_installed(("mediaml", "numpy", runtime)), "date": _now()}


def measured_by(service: str) -> dict[str, str]:
    """Tell which service gave the verdicts that a model was measured by, what made figures of them, and the day."""
    return {"verdicts by": service, "figures by": f"mediaml {version('mediaml')}", "date": _now()}


def versions() -> dict[str, str]:
    """Tell what this was made with, and when; MXNet only where it is: what learns on AWS is told so there."""
    return {"python": platform.python_version(), **_installed(PACKAGES), "date": _now()}


def _installed(packages: Sequence[str]) -> dict[str, str]:
    """Give the versions of those that are installed under these names."""
    found = {}
    for name in packages:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
