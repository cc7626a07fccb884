"""A name for a model that is another one as soon as it would find other things."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def digest_of(facts: object, arrays: Mapping[str, Any]) -> str:
    """Name a model by what it is and by its weights; the order of the arrays does not matter.

    Parameters
    ----------
    facts
        Labels, thresholds, settings: anything whose text says all that there is to it.
    arrays
        Weights by name.
    """
    digest = hashlib.sha256(repr(facts).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:32]
