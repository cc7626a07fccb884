"""An exported network against the one that it was made of: the same numbers, or it is not written."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mediaml.backends.onnx.graph import Floats
from mediaml.errors import BackendError

TOLERANCE = 1e-4  # of the largest number
EXAMPLES = 4
SEED = 7


def check(theirs: Mapping[str, Floats], ours: Mapping[str, Floats]) -> float:
    """Hold outputs of ONNX Runtime against MXNet's, by name; give the largest difference, of the largest number.

    Raises
    ------
    BackendError
        They differ by more than `TOLERANCE`.
    """
    worst = 0.0
    for name, expected in theirs.items():
        scale = max(float(np.abs(expected).max()), 1e-6)
        difference = float(np.abs(ours[name] - expected).max()) / scale
        if not difference <= TOLERANCE:
            raise BackendError(
                f"ONNX Runtime gives another {name} than MXNet: they differ by {difference:.2g} of the largest number, "
                f"and {TOLERANCE:g} is allowed. Nothing was written."
            )
        worst = max(worst, difference)
    return worst
