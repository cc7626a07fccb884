"""How sharp a picture is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SIDE = 256  # pixels of the shorter side: a picture gives about the same number in every size


def sharpness(pixels: npt.NDArray[np.uint8]) -> float:
    """Measure the variance of a picture's Laplacian: high where there are fine edges, near 0 where it is blurred.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (ICPR 2000). The picture is measured at a
    shorter side of 256 pixels, or as it is where it is smaller: as it is looked at on a page.

    Parameters
    ----------
    pixels
        uint8 [height, width, 3].

    Returns
    -------
    0 or more, in squared levels of 255; 0 for pictures of fewer than 3 pixels a side.
    """
    grey = _at_size(pixels)
    if min(grey.shape) < 3:
        return 0.0
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(laplacian.var())


def _at_size(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    from PIL import Image

    high, wide = pixels.shape[:2]
    shorter = min(high, wide)
    picture = Image.fromarray(pixels).convert("L")
    if shorter > SIDE:
        size = (round(wide * SIDE / shorter), round(high * SIDE / shorter))
        picture = picture.resize(size, Image.Resampling.BOX)
    return np.asarray(picture, np.float32)
