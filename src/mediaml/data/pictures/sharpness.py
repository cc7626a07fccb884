"""How sharp a picture is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SIDE = 256  # pixels of the shorter side, at least: a sharp picture of any size gives about the same number


def sharpness(pixels: npt.NDArray[np.uint8]) -> float:
    """Measure the variance of a picture's Laplacian: high where there are fine edges, near 0 where it is blurred.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (ICPR 2000). The picture is measured at a
    shorter side of about 256 pixels, or as it is where it is smaller: as it is looked at on a page.

    Parameters
    ----------
    pixels
        uint8 [height, width, 3].

    Returns
    -------
    0 or more, in squared levels of 255; 0 for pictures of fewer than 3 pixels a side.
    """
    step = max(1, min(pixels.shape[:2]) // SIDE)
    grey = pixels[::step, ::step].mean(axis=2, dtype=np.float32) if step == 1 else _averaged(pixels, step)
    if min(grey.shape) < 3:
        return 0.0
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(laplacian.var())


def _averaged(pixels: npt.NDArray[np.uint8], step: int) -> npt.NDArray[np.float32]:
    """Make it smaller by the mean of squares: to take every nth point would make noise of what is sharp."""
    high, wide = (side // step for side in pixels.shape[:2])
    squares = pixels[: high * step, : wide * step].reshape(high, step, wide, step, -1)
    return np.asarray(squares.mean(axis=(1, 3, 4), dtype=np.float32))
