"""The networks by name. Each module has SPEC, the front end that it hears through, and build()."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Dict

from ..faults import SpecFault
from ..spec import Spec
from . import cnn

NETWORKS: Dict[str, ModuleType] = {"cnn": cnn}


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
