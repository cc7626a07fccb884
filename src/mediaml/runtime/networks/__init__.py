"""The networks by name."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Dict

from ..faults import SpecFault
from ..spec import Spec
from . import cnn, yamnet

NETWORKS: Dict[str, ModuleType] = {"cnn": cnn, "yamnet": yamnet}
"""Each has SPEC, the front end that it was made for, and check(spec) of another; SETTINGS to train all of it;
PRETRAINED, whether its body comes with weights, and then turned(arrays), which takes them as published; body(spec),
from spectrograms to embeddings of EMBEDDING numbers, the first SIMILAR of which are compared for likeness; and for
long recordings listener, which gives HEARD numbers a patch, patch_samples, WINDOW, PATCH_STEP and pool."""


def named(name: str) -> Any:
    """Give the module of a network.

    Raises
    ------
    SpecFault
        There is none of this name.
    """
    if name not in NETWORKS:
        raise SpecFault("there is no network {!r}; there are: {}".format(name, ", ".join(sorted(NETWORKS))))
    return NETWORKS[name]


def default_spec(name: str) -> Spec:
    """Give the front end that a network was made for."""
    spec: Spec = named(name).SPEC
    return spec
