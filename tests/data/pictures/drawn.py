"""Pictures that tests draw: every seed another one, sharp and full of contrast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, width: int = 160, height: int = 120) -> Image.Image:
    """Coloured patches of about a tenth of the picture, with fine grain."""
    random = np.random.default_rng(seed)
    patches = Image.fromarray(random.integers(0, 256, (10, 10, 3), dtype=np.uint8))
    large = np.asarray(patches.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    grain = random.normal(0, 12, (height, width, 1))
    return Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8))


def saved(path: Path, image: Image.Image, quality: int = 95, orientation: int | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if orientation is None:
        image.save(path, quality=quality)
        return path
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, quality=quality, exif=exif)
    return path


def loaded(path: Path) -> Image.Image:
    """A picture of a file, and the file closed again."""
    with Image.open(path) as image:
        return image.copy()
