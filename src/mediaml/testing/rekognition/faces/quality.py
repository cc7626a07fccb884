"""How good a face can be seen: what the quality filter goes by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Bar(NamedTuple):
    """What a face must reach, 0 to 100, and pixels that its shorter side must have."""

    brightness: float
    sharpness: float
    side: float


BARS = {
    "NONE": Bar(0, 0, 0),
    "LOW": Bar(5, 5, 20),
    "AUTO": Bar(10, 10, 30),
    "MEDIUM": Bar(15, 25, 40),
    "HIGH": Bar(25, 50, 60),
}
"""By the name of the filter. The names are AWS's, the numbers ours: AWS does not say its own."""
SOFT = 0.05  # share of a face's contrast that is in its finest details, at which the sharpness is 63


class Seen(NamedTuple):
    """Brightness and sharpness of a face, 0 to 100."""

    brightness: float
    sharpness: float


def seen(grey: Floats) -> Seen:
    """Measure a face: grey levels [height, width], 0 to 255, of one size for all faces."""
    fine = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    share = float(np.abs(fine).mean()) / max(1.0, 4 * float(grey.std()))
    return Seen(100 * float(grey.mean()) / 255, 100 * (1 - float(np.exp(-share / SOFT))))


def reasons(found: Seen, side: float, filter_name: str) -> list[str]:
    """Say what a face lacks, in the words of the service; nothing: it is good enough."""
    bar = BARS[filter_name]
    told = [
        ("SMALL_BOUNDING_BOX", side < bar.side),
        ("LOW_BRIGHTNESS", found.brightness < bar.brightness),
        ("LOW_SHARPNESS", found.sharpness < bar.sharpness),
    ]
    return [name for name, lacks in told if lacks]
