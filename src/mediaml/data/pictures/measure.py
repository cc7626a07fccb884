"""What is known of a picture from looking at it once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.data.pictures import decode
from mediaml.data.pictures.decode import Header
from mediaml.data.progress import track
from mediaml.errors import ImageError
from mediaml.runtime.cores import available_cores

SIDE = 256  # pixels of the shorter side at which pictures are compared; smaller ones stay as they are
SMALLEST = 32  # pixels of the shorter side: below, sharpness says nothing
PLAIN = 2.0  # standard deviation of grey levels: of real pictures it is above 14, of a blank wall with noise 1


class Measured(NamedTuple):
    """What was seen.

    Parameters
    ----------
    path
        The file.
    failure
        Why it cannot be used: ``missing_file`` or ``unreadable``; None where it can.
    reason
        The same in words.
    header
        What the file says of itself; None where it does not.
    hash
        Perceptual hash, 64 bits: pictures that look alike differ in few. None where there is nothing to be seen.
    contrast
        Standard deviation of the grey levels, 0 to 127.5.
    sharpness
        Variance of the Laplacian over that of the grey levels, with 256 pixels on the shorter side. None: too small
        or too plain to tell.
    """

    path: str
    failure: str | None = None
    reason: str = ""
    header: Header | None = None
    hash: int | None = None
    contrast: float = 0.0
    sharpness: float | None = None


def measure_all(paths: Sequence[str], what: str = "looking") -> dict[str, Measured]:
    """Look at pictures, each once, in threads; what was seen before and has not changed is known.

    Parameters
    ----------
    paths
        Local files; in any order, and as often as they come.
    what
        Stands before the bar.
    """
    wanted = list(dict.fromkeys(paths))
    pool = ThreadPoolExecutor(available_cores(), "mediaml-look")
    # set for all threads at once: what Pillow warns of names no file, and what matters becomes a finding
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dict(zip(wanted, track(pool.map(measure, wanted), len(wanted), what), strict=True))
        finally:
            pool.shutdown(cancel_futures=True)


def measure(path: str) -> Measured:
    """Look at a picture; nothing is raised, whatever the file."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Measured(path, "missing_file" if isinstance(error, FileNotFoundError) else "unreadable", reason)
    return _measured(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1 << 17)
def _measured(path: str, size: int, modified: int) -> Measured:
    """Look at a picture once for each state that it was seen in."""
    header = None
    try:
        header = decode.header(path)
        pixels = decode.read(path, SIDE)
    except ImageError as error:
        return Measured(path, "unreadable", error.reason, header)
    except MemoryError:
        return Measured(path, "unreadable", "has more pixels than this machine has memory for", header)
    return _seen(path, header, pixels)


def _seen(path: str, header: Header, pixels: decode.Pixels) -> Measured:
    import imagehash
    from PIL import Image

    grey = Image.fromarray(pixels).convert("L")
    share = SIDE / min(grey.size)
    if share < 1:
        grey = grey.resize(
            (max(1, round(grey.width * share)), max(1, round(grey.height * share))), Image.Resampling.BOX
        )
    levels = np.asarray(grey, np.float64)
    contrast = float(levels.std())
    if contrast < PLAIN:
        return Measured(path, header=header, contrast=contrast)
    bits = np.packbits(imagehash.phash(grey).hash)
    sharpness = _laplacian(levels) / contrast**2 if min(levels.shape) >= SMALLEST else None
    return Measured(path, None, "", header, int.from_bytes(bits.tobytes(), "big"), contrast, sharpness)


def _laplacian(levels: npt.NDArray[np.float64]) -> float:
    middle = levels[1:-1, 1:-1]
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float((4 * middle - around).var())
