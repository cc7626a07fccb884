"""Pictures changed at random in ways that leave their label true: cut, mirrored, recoloured."""

from __future__ import annotations

import numpy as np

from mediaml.vision.box_augment import recoloured
from mediaml.vision.views import Pixels

LEAST_AREA = 0.5  # of the picture, that is left
STRETCH = 1.25  # of its sides


def changed_picture(pixels: Pixels, random: np.random.RandomState, mirror: bool = True) -> Pixels:
    """Cut out a large part, mirror it sometimes, and change its colours; see Szegedy et al. 2015 for the cut."""
    rows, columns = pixels.shape[:2]
    area, stretch = random.uniform(LEAST_AREA, 1.0), np.exp(random.uniform(-1, 1) * np.log(STRETCH))
    height, width = (
        max(1, round(rows * min(1.0, np.sqrt(area / stretch)))),
        max(1, round(columns * min(1.0, np.sqrt(area * stretch)))),
    )
    top, left = random.randint(rows - height + 1), random.randint(columns - width + 1)
    part = pixels[top : top + height, left : left + width]
    if mirror and random.rand() < 0.5:
        part = part[:, ::-1]
    return recoloured(np.ascontiguousarray(part), random)
