"""How much two faces are alike: histograms of local binary patterns, a cell of the face each.

Ahonen, Hadid & Pietikäinen 2006, "Face description with local binary patterns": a well-known descriptor of faces that
needs no training. It is far from what AWS's network sees; what it measures is the offline AWS's, never AWS's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from mediaml.data.pictures.decode import Pixels

Vector = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
SIDE, CELLS, RADIUS, BLUR = 96, 8, 2, 1.0  # pixels of a face, cells a side, pixels to the eight neighbours, pixels
UNIFORM = 58  # patterns with at most two changes between light and dark; all others are one
CENTRE, STEEPNESS = 0.705, 145.0
"""From the cosine of two vectors to a similarity. So that with ten people of five pictures each of the ORL faces, one
stranger of a hundred reaches 0.99, and five of a hundred 0.80 (benchmarks/faces.py); AWS's scale is another."""
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def grey(face: Pixels) -> Floats:
    """Give a face as grey levels float64 [SIDE, SIDE], 0 to 255."""
    from PIL import Image

    return np.asarray(
        Image.fromarray(np.ascontiguousarray(face)).convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC), float
    )


def usual(face: Pixels) -> Vector:
    """Describe a face that was cut out: float32, of length 1."""
    from scipy.ndimage import gaussian_filter

    patterns = _patterns(gaussian_filter(grey(face), BLUR))
    cells = [cell for rows in np.array_split(patterns, CELLS, axis=0) for cell in np.array_split(rows, CELLS, axis=1)]
    # of square roots the cosine is Bhattacharyya's coefficient of two histograms
    counts = [np.sqrt(np.bincount(cell.ravel(), minlength=UNIFORM + 1) / cell.size) for cell in cells]
    vector = np.concatenate(counts)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def similarities(one: Vector, others: npt.NDArray[np.float32]) -> Floats:
    """Give how much faces [n, ...] are like one: float64 [n], 0 to 1."""
    cosines = np.asarray(others @ one, np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(-STEEPNESS * (cosines - CENTRE))))


def _patterns(levels: Floats) -> npt.NDArray[np.int64]:
    """Give the pattern around each point: which of eight neighbours are as light as it."""
    inner = levels.shape[0] - 2 * RADIUS
    centre = levels[RADIUS:-RADIUS, RADIUS:-RADIUS]
    codes = np.zeros((inner, inner), np.int64)
    for bit, (down, across) in enumerate(NEIGHBOURS):
        top, left = RADIUS * (1 + down), RADIUS * (1 + across)
        codes |= (levels[top : top + inner, left : left + inner] >= centre).astype(np.int64) << bit
    return _uniform()[codes]


@cache
def _uniform() -> npt.NDArray[np.int64]:
    """Number the uniform patterns; all others have the last number."""
    codes = np.arange(256)
    turned = ((codes >> 1) | ((codes & 1) << 7)) ^ codes
    changes = np.array([bin(one).count("1") for one in turned])
    table = np.full(256, UNIFORM, np.int64)
    table[changes <= 2] = np.arange(UNIFORM)
    return table
