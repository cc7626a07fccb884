"""Which segments are nearly the same: they share one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ALIKE = {"sound": 0.985, "picture": 0.93}
"""Cosines from which on two segments of one label are nearly the same (docs/decisions/0013-looking.md)."""

Floats = npt.NDArray[np.float32]


def novelty(vectors: Floats, alike: float) -> npt.NDArray[np.float64]:
    """Give 1 to each segment unlike all before it, and 1/2, 1/3 ... to those that are nearly the same as that one.

    Parameters
    ----------
    vectors
        float32 [segments, numbers] of unit length, the most valuable first.
    alike
        The cosine from which on two are nearly the same.
    """
    found = np.ones(len(vectors))
    firsts: list[int] = []
    members: list[int] = []
    known = np.empty_like(vectors)
    for number, vector in enumerate(vectors):
        cosines = known[: len(firsts)] @ vector
        nearest = int(cosines.argmax()) if firsts else -1
        if nearest >= 0 and cosines[nearest] >= alike:
            members[nearest] += 1
            found[number] = 1 / members[nearest]
        else:
            known[len(firsts)] = vector
            firsts.append(number)
            members.append(1)
    return found


def same(keys: Sequence[object]) -> npt.NDArray[np.float64]:
    """Do the same by what is equal: for segments that nothing can be compared by."""
    seen: dict[object, int] = {}
    found = np.ones(len(keys))
    for number, key in enumerate(keys):
        seen[key] = seen.get(key, 0) + 1
        found[number] = 1 / seen[key]
    return found
