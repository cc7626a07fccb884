"""A fitted model of labels of pictures as a folder: JSON beside arrays, self-contained, with the network in it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.looking import PARTS
from mediaml.backends.pictures.stored import named, under
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.head import Head
from mediaml.runtime.objective import OBJECTIVES
from mediaml.runtime.recogniser import Recogniser, familiarity_from
from mediaml.runtime.thresholds import HeldOut
from mediaml.vision.efficientnet import EMBEDDING
from mediaml.vision.eye import Eye

NETWORK = "efficientnet-lite0"
EYE, HEAD, RECOGNISER, HELD_OUT = "eye/", "head/", "recogniser/", "held_out/"
SCORES = ("scores", "truth", "background")


def facts_of(fitted: FittedLabels) -> dict[str, Any]:
    """Give what JSON holds of it."""
    recogniser = fitted.recogniser
    return {
        "network": NETWORK,
        "view": fitted.view,
        "labels": list(fitted.labels),
        "body": fitted.known_as,
        "calibration": {
            "method": "temperature",
            "objective": recogniser.objective,
            "temperature": recogniser.temperature,
            "doubt": recogniser.doubt,
            "typical_familiarity": recogniser.typical,
        },
        "history": [dict(measured) for measured in fitted.history],
        "training": dict(fitted.training),
        "learned_from": sorted(fitted.learned_from),
    }


def arrays_of(fitted: FittedLabels) -> dict[str, Any]:
    """Give its arrays by name."""
    head = fitted.recogniser.head
    found = {
        **named(EYE, fitted.eye.arrays),
        **named(HEAD, head._asdict()),
        **named(RECOGNISER, fitted.recogniser.arrays()),
        **named(HELD_OUT, {name: getattr(fitted.held_out, name) for name in SCORES}),
    }
    return {name: array for name, array in found.items() if array.size}


def from_facts(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> FittedLabels:
    """Build the model again. To be called on MXNet's thread.

    Raises
    ------
    StoreFault
        Something is not what mediaml writes.
    """
    labels = tuple(str(label) for label in facts["labels"])
    if facts["view"] not in PARTS:
        raise StoreFault(f"model.json: there is no view {facts['view']!r}")
    eye = Eye(under(EYE, arrays))
    held_out, nothing = under(HELD_OUT, arrays), np.zeros((0, len(labels)))
    return FittedLabels(
        eye,
        facts["view"],
        _recogniser(facts, arrays, len(labels)),
        labels,
        HeldOut(
            held_out.get("scores", nothing),
            held_out.get("truth", nothing),
            held_out.get("background", nothing),
            0.0,
        ),
        # what a file says of itself is not what the cache goes by
        None if facts["body"] is None else eye.digest,
        tuple(facts["history"]),
        facts["training"],
        frozenset(facts["learned_from"]),
    )


def _recogniser(facts: Mapping[str, Any], arrays: Mapping[str, Any], labels: int) -> Recogniser:
    calibration, kept = facts["calibration"], under(RECOGNISER, arrays)
    numbers = EMBEDDING * len(PARTS[facts["view"]])
    head = Head(**under(HEAD, arrays))
    if calibration["objective"] not in OBJECTIVES:
        raise StoreFault(f"model.json: there is no objective {calibration['objective']!r}")
    if kept["thresholds"].shape != (labels,) or head.weight.shape != (labels, numbers):
        raise StoreFault(f"{kept['thresholds'].shape} thresholds and {head.weight.shape} weights for {labels} labels")
    for name, shape in (("background", (0, numbers)), ("axes", (0, numbers)), ("shrink", (0,))):
        kept.setdefault(f"familiarity/{name}", np.zeros(shape, np.float32))  # a file holds no empty arrays
    return Recogniser(
        str(calibration["objective"]),
        head,
        float(calibration["temperature"]),
        float(calibration["doubt"]),
        familiarity_from(kept),
        kept["thresholds"],
        float(calibration["typical_familiarity"]),
    )
