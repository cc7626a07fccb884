"""A fitted model of labels of pictures as a folder: JSON beside arrays, self-contained, with the network in it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.looking import PARTS
from mediaml.backends.pictures.stored import named, under
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.head import Head
from mediaml.runtime.learned import labels_of
from mediaml.runtime.objective import OBJECTIVES
from mediaml.runtime.recogniser import Recogniser, familiarity_from
from mediaml.runtime.thresholds import HeldOut
from mediaml.vision.efficientnet import EMBEDDING
from mediaml.vision.eye import AnyEye, Eye

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


def from_facts(
    facts: Mapping[str, Any], arrays: Mapping[str, Any], make: Callable[[Mapping[str, Any]], AnyEye] = Eye
) -> FittedLabels:
    """Build the model again, its network by `make` from weights. To be called on MXNet's thread.

    Raises
    ------
    StoreFault
        Something is not what mediaml writes.
    """
    labels = labels_of(facts)
    if facts["view"] not in PARTS:
        raise StoreFault(f"model.json: there is no view {facts['view']!r}")
    recogniser, kept = _recogniser(facts, arrays, len(labels)), under(HELD_OUT, arrays)
    nothing = np.zeros((0, len(labels)))
    scores, truth, background = (kept.get(name, nothing) for name in SCORES)
    held_out = HeldOut(scores, truth, background, hours=0.0)
    held_out.check(len(labels))
    eye = make(under(EYE, arrays))
    return FittedLabels(
        eye,
        facts["view"],
        recogniser,
        labels,
        held_out,
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
    for name, shape in (("background", (0, numbers)), ("axes", (0, numbers)), ("shrink", (0,))):
        kept.setdefault(f"familiarity/{name}", np.zeros(shape, np.float32))  # a file holds no empty arrays
    recogniser = Recogniser(
        str(calibration["objective"]),
        head,
        float(calibration["temperature"]),
        float(calibration["doubt"]),
        familiarity_from(kept),
        kept["thresholds"],
        float(calibration["typical_familiarity"]),
    )
    recogniser.check(labels, numbers)
    return recogniser
