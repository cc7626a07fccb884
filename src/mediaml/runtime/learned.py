"""A model that has learned, and its folder: JSON beside arrays, self-contained, with a pretrained body too."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Callable, Dict, FrozenSet, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from . import store
from .faults import Fault, StoreFault
from .hearer import Hearer
from .network import Network
from .objective import OBJECTIVES
from .recogniser import Recogniser, familiarity_from
from .spec import Spec
from .thresholds import HeldOut

MODEL = "model"
FORMAT = 3
TURNED = 3  # from this format on, kernels of a pretrained network are stored as the network has them
KIND = "local-audio"
CALIBRATION_FORMAT = 2
NETWORK, RECOGNISER, HELD_OUT = "network/", "recogniser/", "held_out/"


class Learned(NamedTuple):
    """A network with all that turns what it hears into verdicts.

    Parameters
    ----------
    network
        With its weights.
    recogniser
        From its embeddings to verdicts.
    labels
        In the order of the network's outputs.
    held_out
        What the thresholds were chosen on.
    known_as
        The digest of the body's weights where they came pretrained and were not changed: what it hears is cached.
    history
        What each epoch measured; empty where only a head was fitted.
    training
        With which data, split, seed and versions it was trained.
    learned_from
        Hashes of the files that it learned from, or that anything was chosen on.
    """

    network: Hearer
    recogniser: Recogniser
    labels: Tuple[str, ...]
    held_out: HeldOut
    known_as: Optional[str]
    history: Tuple[Mapping[str, float], ...]
    training: Mapping[str, Any]
    learned_from: FrozenSet[str]

    @property
    def spec(self) -> Spec:
        """The front end."""
        return self.network.spec

    @property
    def multi_label(self) -> bool:
        """Whether several labels can be given at once."""
        return self.recogniser.objective == "multi_label"


def write(learned: Learned, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model into a folder, in place of one that may be there.

    Parameters
    ----------
    learned
        The model.
    folder
        Made where missing.
    settings
        What it can be made and fitted again with.
    """
    store.write(folder, MODEL, facts_of(learned, settings), arrays_of(learned))


def facts_of(learned: Learned, settings: Mapping[str, Any]) -> Dict[str, Any]:
    """Give what JSON holds of it."""
    recogniser = learned.recogniser
    return {
        "format": FORMAT,
        "kind": KIND,
        "network": learned.network.name,
        "spectrogram": learned.spec.to_dict(),
        "labels": list(learned.labels),
        "body": learned.known_as,
        "calibration": {
            "format": CALIBRATION_FORMAT,
            "method": "temperature",
            "objective": recogniser.objective,
            "temperature": recogniser.temperature,
            "doubt": recogniser.doubt,
            "typical_familiarity": recogniser.typical,
            "hours_of_background": learned.held_out.hours,
        },
        "settings": dict(settings),
        "history": [dict(measured) for measured in learned.history],
        "training": dict(learned.training),
        "learned_from": sorted(learned.learned_from),
    }


def arrays_of(learned: Learned) -> Dict[str, np.ndarray]:
    """Give its arrays by name, but for empty ones."""
    arrays = _named(NETWORK, learned.network.arrays())
    arrays.update(_named(RECOGNISER, learned.recogniser.arrays()))
    arrays.update(
        _named(HELD_OUT, {name: getattr(learned.held_out, name) for name in ("scores", "truth", "background")})
    )
    return {name: array for name, array in arrays.items() if array.size}


def read(folder: str, make: Callable[[str, Spec, int], Any] = Network) -> Tuple[Learned, Mapping[str, Any]]:
    """Read what `write` wrote: the model, and the settings that it was saved with.

    Parameters
    ----------
    folder
        Of the model.
    make
        As of `rebuilt`.

    Raises
    ------
    StoreFault
        It is missing, damaged, or not understood.
    """
    return rebuilt(folder, lambda: store.read(folder, MODEL), make)


def rebuilt(
    folder: str,
    contents: Callable[[], Tuple[Mapping[str, Any], Mapping[str, np.ndarray]]],
    make: Callable[[str, Spec, int], Any],
) -> Tuple[Learned, Mapping[str, Any]]:
    """Build a model again from what a folder holds.

    Parameters
    ----------
    folder
        What errors call it.
    contents
        Gives the facts and arrays that stand in it.
    make
        From a network's name, a front end and a number of labels to a network without weights: a `Network`, or what
        else is a `Hearer` and has ``set_arrays``.

    Raises
    ------
    StoreFault
        It is not what mediaml writes.
    """
    try:
        facts, arrays = contents()
        return _built(facts, arrays, make), facts["settings"]
    except Fault:
        raise
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        raise StoreFault("{}: model.json is not what mediaml writes ({!r})".format(folder, error))


def version(folder: str) -> str:
    """Name exactly this model, by its weights and all that stands beside them."""
    facts = store.read_facts(folder, MODEL)
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _built(
    facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray], make: Callable[[str, Spec, int], Any]
) -> Learned:
    labels = labels_of(facts)
    if len(arrays[NETWORK + "head_weight"]) != len(labels):  # before anything is made for so many
        raise StoreFault("model.json: {} labels are not those of the weights".format(len(labels)))
    network = make(facts["network"], Spec.from_dict(facts["spectrogram"]), len(labels))
    weights = _under(NETWORK, arrays)
    if facts["format"] < TURNED and network.module.PRETRAINED:
        weights = network.module.turned(weights)
    network.set_arrays(weights)
    held_out = _under(HELD_OUT, arrays)
    nothing = np.zeros((0, len(labels)))
    calibration = facts["calibration"]
    learned = Learned(
        network,
        _recogniser(network, calibration, _under(RECOGNISER, arrays)),
        labels,
        HeldOut(
            held_out.get("scores", nothing),
            held_out.get("truth", nothing),
            held_out.get("background", nothing),
            float(calibration["hours_of_background"]),
        ),
        # what a file says of itself is not what the cache goes by
        None if facts["body"] is None else network.body_digest(),
        tuple(facts["history"]),
        facts["training"],
        frozenset(facts.get("learned_from", ())),  # models of the first days do not have it
    )
    learned.recogniser.check(len(labels), network.module.EMBEDDING)
    learned.held_out.check(len(labels))
    return learned


def labels_of(facts: Mapping[str, Any]) -> Tuple[str, ...]:
    """Give the labels that a file names.

    Raises
    ------
    StoreFault
        There are none, or they are no different texts.
    """
    labels = facts["labels"]
    if not isinstance(labels, list) or not labels or not all(isinstance(one, str) for one in labels):
        raise StoreFault("model.json is not what mediaml writes: a list of labels was expected")
    if len(set(labels)) != len(labels):
        raise StoreFault("model.json: two labels are the same")
    return tuple(labels)


def _recogniser(network: Hearer, calibration: Mapping[str, Any], arrays: Dict[str, Any]) -> Recogniser:
    similar = network.module.SIMILAR
    if calibration["objective"] not in OBJECTIVES:
        raise StoreFault("model.json: there is no objective {!r}".format(calibration["objective"]))
    if arrays["thresholds"].shape != (network.labels,):
        raise StoreFault("{} thresholds for {} labels".format(arrays["thresholds"].shape, network.labels))
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


def _named(prefix: str, arrays: Mapping[str, Any]) -> Dict[str, Any]:
    return {prefix + name: array for name, array in arrays.items()}


def _under(prefix: str, arrays: Mapping[str, Any]) -> Dict[str, Any]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
