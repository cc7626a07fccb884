"""A fitted detector as a folder: JSON beside arrays, self-contained."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mediaml.backends.pictures.fitted_boxes import FittedBoxes, Operating
from mediaml.backends.pictures.stored import named, under
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.learned import labels_of
from mediaml.vision.anchors import STRIDES, Anchors
from mediaml.vision.box_augment import FLIPS
from mediaml.vision.box_calibration import BoxCalibration
from mediaml.vision.detector import LARGEST_SIDE, STEP
from mediaml.vision.finder import AnyFinder, Finder

NETWORK = "ssd"
WEIGHTS = "finder/"
MOST_SIZES = 64  # of anchors; six are fitted
MOST_OUTPUTS = 1 << 16  # labels times anchors


def facts_of(fitted: FittedBoxes) -> dict[str, Any]:
    """Give what JSON holds of it."""
    anchors = fitted.finder.anchors
    return {
        "network": NETWORK,
        "labels": list(fitted.labels),
        "side": fitted.finder.side,
        "flips": fitted.finder.flips,
        "anchors": {"sizes": anchors.sizes.tolist(), "levels": anchors.levels.tolist()},
        "calibration": {"method": "platt", **fitted.calibration._asdict()},
        "thresholds": [None if math.isinf(one) else one for one in fitted.thresholds],
        "operating": [{name: _known(value) for name, value in one._asdict().items()} for one in fitted.operating],
        "history": [dict(measured) for measured in fitted.history],
        "training": dict(fitted.training),
        "learned_from": sorted(fitted.learned_from),
    }


def arrays_of(fitted: FittedBoxes) -> dict[str, Any]:
    """Give its arrays by name."""
    return named(WEIGHTS, fitted.finder.arrays)


def from_facts(
    facts: Mapping[str, Any], arrays: Mapping[str, Any], make: Callable[..., AnyFinder] = Finder
) -> FittedBoxes:
    """Build the model again, its network by `make`, which takes what `Finder` does. To be called on MXNet's thread.

    Raises
    ------
    StoreFault
        Something is not what mediaml writes.
    """
    labels = labels_of(facts)
    sizes = np.asarray(facts["anchors"]["sizes"], np.float32).reshape(-1, 2)
    levels = np.asarray(facts["anchors"]["levels"], np.int64)
    if not 0 < len(sizes) <= MOST_SIZES or not np.isfinite(sizes).all() or not (sizes > 0).all():
        raise StoreFault(f"model.json: {len(sizes)} anchors, or sizes that are none")
    if len(sizes) != len(levels) or not set(levels.tolist()) <= set(range(len(STRIDES))):
        raise StoreFault("model.json: its anchors are not what mediaml writes")
    if facts["side"] % STEP or not 0 < facts["side"] <= LARGEST_SIDE:
        raise StoreFault(f"model.json: a square of {facts['side']} pixels is none that it looks at")
    if facts["flips"] not in FLIPS:
        raise StoreFault(f"model.json: flips is one of {FLIPS}, not {facts['flips']!r}")
    if len(facts["thresholds"]) != len(labels):
        raise StoreFault(f"{len(facts['thresholds'])} thresholds for {len(labels)} labels")
    if len(labels) * len(sizes) > MOST_OUTPUTS:
        raise StoreFault(f"model.json: {len(labels)} labels are too many")
    calibration = BoxCalibration(float(facts["calibration"]["slope"]), float(facts["calibration"]["shift"]))
    if not all(map(math.isfinite, calibration)):
        raise StoreFault(f"model.json: {calibration}")
    nothing = float("nan")
    return FittedBoxes(
        make(under(WEIGHTS, arrays), len(labels), Anchors(sizes, levels), int(facts["side"]), facts["flips"]),
        labels,
        calibration,
        tuple(math.inf if one is None else float(one) for one in facts["thresholds"]),
        tuple(
            Operating(
                nothing if one["precision"] is None else float(one["precision"]),
                nothing if one["recall"] is None else float(one["recall"]),
                int(one["boxes"]),
            )
            for one in facts["operating"]
        ),
        tuple(facts["history"]),
        facts["training"],
        frozenset(facts["learned_from"]),
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
