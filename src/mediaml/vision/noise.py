"""Pictures of nothing: what a model should not take for a thing that it knows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

KINDS = ("flat", "gradient", "grain", "blobs", "stripes", "patches")
OF_EACH = 8
SIDE = 256
SEED = 20261124
Floats = npt.NDArray[np.float64]


def pictures() -> Iterator[npt.NDArray[np.uint8]]:
    """Make eight of each kind, uint8 [SIDE, SIDE, 3], the same at every call.

    One colour, colours that run into each other, grain, blurred blobs, stripes, and rectangles of any colour.
    """
    random = np.random.RandomState(SEED)
    for kind in KINDS * OF_EACH:
        levels = _MAKERS[kind](random)
        yield np.clip(np.rint(levels * 255), 0, 255).astype(np.uint8)


def _colour(random: np.random.RandomState) -> Floats:
    return random.uniform(0.05, 0.95, 3)


def _flat(random: np.random.RandomState) -> Floats:
    """One colour with the faint grain of a sensor."""
    return np.asarray(_colour(random) + random.normal(0, 0.01, (SIDE, SIDE, 3)))


def _gradient(random: np.random.RandomState) -> Floats:
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    along = (np.cos(angle) * x + np.sin(angle) * y + 0.75) / 1.5
    return _mixed(along, random)


def _mixed(share: Floats, random: np.random.RandomState) -> Floats:
    """Mix two colours, [SIDE, SIDE] to [SIDE, SIDE, 3]."""
    one, other = _colour(random), _colour(random)
    return np.asarray(one + share[:, :, None] * (other - one))


def _grain(random: np.random.RandomState) -> Floats:
    return np.asarray(_colour(random) + random.normal(0, random.uniform(0.05, 0.4), (SIDE, SIDE, 3)))


def _blobs(random: np.random.RandomState) -> Floats:
    """Noise without its high frequencies."""
    spectrum = np.fft.rfft2(random.standard_normal((SIDE, SIDE)))
    y, x = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    smooth = np.fft.irfft2(spectrum * np.exp(-((x**2 + y**2) / (2 * random.uniform(0.005, 0.05) ** 2))), (SIDE, SIDE))
    low, high = smooth.min(), smooth.max()
    return _mixed((smooth - low) / (high - low), random)


def _stripes(random: np.random.RandomState) -> Floats:
    angle, waves = random.uniform(0, np.pi), random.uniform(2, 40)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    wave = np.sin(2 * np.pi * waves * (np.cos(angle) * x + np.sin(angle) * y))
    return _mixed((wave > 0).astype(float) if random.rand() < 0.5 else (wave + 1) / 2, random)


def _patches(random: np.random.RandomState) -> Floats:
    levels = np.broadcast_to(_colour(random), (SIDE, SIDE, 3)).copy()
    for _ in range(random.randint(3, 20)):
        left, top = random.randint(0, SIDE - 20, 2)
        width, height = random.randint(10, SIDE // 2, 2)
        levels[top : top + height, left : left + width] = _colour(random)
    return levels


_MAKERS = {
    "flat": _flat,
    "gradient": _gradient,
    "grain": _grain,
    "blobs": _blobs,
    "stripes": _stripes,
    "patches": _patches,
}
