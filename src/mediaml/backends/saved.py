"""A fitted sound model as a folder: JSON beside arrays, self-contained, with its pretrained body too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.errors import SavedModelError
from mediaml.models.load import FORMAT, MODEL, kind_of
from mediaml.runtime import store
from mediaml.runtime.network import Network
from mediaml.runtime.objective import OBJECTIVES
from mediaml.runtime.recogniser import Recogniser, familiarity_from
from mediaml.runtime.spec import Spec
from mediaml.runtime.thresholds import HeldOut

KIND = "local-audio"
CALIBRATION_FORMAT = 2
NETWORK, RECOGNISER, HELD_OUT = "network/", "recogniser/", "held_out/"


def save(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model into a folder, in place of one that may be there."""
    recogniser = fitted.recogniser
    facts = {
        "format": FORMAT,
        "kind": KIND,
        "network": fitted.network.name,
        "spectrogram": fitted.spec.to_dict(),
        "labels": list(fitted.labels),
        "body": fitted.known_as,
        "calibration": {
            "format": CALIBRATION_FORMAT,
            "method": "temperature",
            "objective": recogniser.objective,
            "temperature": recogniser.temperature,
            "doubt": recogniser.doubt,
            "typical_familiarity": recogniser.typical,
            "hours_of_background": fitted.held_out.hours,
        },
        "settings": dict(settings),
        "history": [dict(measured) for measured in fitted.history],
        "training": dict(fitted.training),
        "learned_from": sorted(fitted.learned_from),
    }
    held_out = {name: getattr(fitted.held_out, name) for name in ("scores", "truth", "background")}

    def write() -> None:
        arrays = _named(NETWORK, fitted.network.arrays())
        arrays.update(_named(RECOGNISER, recogniser.arrays()))
        arrays.update(_named(HELD_OUT, held_out))
        store.write(folder, MODEL, facts, {name: array for name, array in arrays.items() if array.size})

    mxnet_thread.run(write)


def load(folder: str) -> tuple[Fitted, Mapping[str, Any]]:
    """Read what `save` wrote: the model, and the settings that it was saved with.

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """

    def read() -> tuple[Fitted, Mapping[str, Any]]:
        if (kind := kind_of(folder)) != KIND:
            raise SavedModelError(f"{folder}: a model of the kind {kind!r}; mm.load(folder) loads every kind")
        facts, arrays = store.read(folder, MODEL)
        labels = tuple(str(label) for label in facts["labels"])
        network = Network(facts["network"], Spec.from_dict(facts["spectrogram"]), len(labels))
        network.set_arrays(_under(NETWORK, arrays))
        # what a file says of itself is not what the cache goes by
        known_as = None if facts["body"] is None else network.body_digest()
        held_out = _under(HELD_OUT, arrays)
        nothing = np.zeros((0, len(labels)))
        calibration = facts["calibration"]
        fitted = Fitted(
            network,
            _recogniser(network, calibration, _under(RECOGNISER, arrays)),
            labels,
            HeldOut(
                held_out.get("scores", nothing),
                held_out.get("truth", nothing),
                held_out.get("background", nothing),
                float(calibration["hours_of_background"]),
            ),
            known_as,
            tuple(facts["history"]),
            facts["training"],
            frozenset(facts.get("learned_from", ())),  # models of the first days do not have it
        )
        return fitted, facts["settings"]

    try:
        return mxnet_thread.run(read)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise SavedModelError(f"{folder}: model.json is not what mediaml writes ({error!r})") from error


def _recogniser(network: Network, calibration: Mapping[str, Any], arrays: dict[str, Any]) -> Recogniser:
    similar = network.module.SIMILAR
    if calibration["objective"] not in OBJECTIVES:
        raise SavedModelError(f"model.json: there is no objective {calibration['objective']!r}")
    if arrays["thresholds"].shape != (network.labels,):
        raise SavedModelError(f"{arrays['thresholds'].shape} thresholds for {network.labels} labels")
    # a file holds no empty arrays
    arrays.setdefault("familiarity/background", np.zeros((0, similar), np.float32))
    arrays.setdefault("familiarity/axes", np.zeros((0, similar), np.float32))
    arrays.setdefault("familiarity/shrink", np.zeros(0, np.float32))
    return Recogniser(
        str(calibration["objective"]),
        network.get_head(),
        float(calibration["temperature"]),
        float(calibration["doubt"]),
        familiarity_from(arrays),
        arrays["thresholds"],
        float(calibration["typical_familiarity"]),
    )


def _named(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {prefix + name: array for name, array in arrays.items()}


def _under(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
