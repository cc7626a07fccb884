"""Small pictures of whole sounds, for folders of pictures and for reports."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mediaml.features.items import Sound
from mediaml.runtime.dsp import log_mel
from mediaml.runtime.spec import Spec

if TYPE_CHECKING:
    from PIL.Image import Image

Levels = npt.NDArray[np.float32]
"""Log-mel levels, float32 [mel_bands, columns], dB; the lowest band first."""

QUIETEST_DB, LOUDEST_DB = -70.0, 20.0
"""Black and the brightest colour of every small picture; full-scale white noise lies at about +7 dB."""

COLOURS = "magma"
FRAMES_AT_ONCE = 1 << 12  # of a long sound in memory at once: a minute and a half with the usual settings


def overview(sound: Sound, spec: Spec, most_columns: int) -> tuple[Levels, int]:
    """Compute the spectrogram of a whole sound in at most so many columns, with a memory that does not grow with it.

    In decibels, whatever the recipe: pictures are for people.

    Returns
    -------
    Levels, and how many frames each column is the mean power of: 1 where all of them fit.

    Raises
    ------
    AudioError
        The sound cannot be read.
    """
    spec = spec.in_decibels()
    frames = spec.frames(round(sound.duration * spec.sample_rate))
    together = -(-frames // most_columns)
    block = together * max(1, FRAMES_AT_ONCE // together)
    margin = -(-spec.n_fft // spec.hop_length)  # frames at a cut that would hear the zeros beyond it
    second = spec.hop_length / spec.sample_rate
    columns = []
    for first in range(0, frames, block):
        before, last = min(first, margin), first + block >= frames
        end = sound.duration if last else min(sound.duration, (first + block + margin) * second)
        levels = log_mel(sound.read((first - before) * second, end, spec.sample_rate), spec)
        columns.append(_mean_power(levels[:, before:] if last else levels[:, before : before + block], together))
    return np.concatenate(columns, axis=1), together


def _mean_power(levels: Levels, together: int) -> Levels:
    """Average neighbouring frames; their power, not their decibels: a click in a quiet minute stays to be seen."""
    if together == 1 or levels.shape[1] == 0:
        return levels
    starts = np.arange(0, levels.shape[1], together)
    sums = np.add.reduceat(10.0 ** (levels.astype(np.float64) / 10.0), starts, axis=1)
    counts = np.diff(np.append(starts, levels.shape[1]))
    mean: Levels = (10.0 * np.log10(sums / counts)).astype(np.float32)
    return mean


def picture(levels: Levels, shades: int = 256) -> Image:
    """Make a small picture: a pixel for each column and band, low frequencies at the bottom.

    Parameters
    ----------
    levels
        dB; -70 and below is black, +20 and above the brightest colour, in every picture: they can be compared.
    shades
        Fewer make a smaller file; 64 still look smooth.
    """
    from PIL import Image

    share = np.clip((levels[::-1] - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB), 0.0, 1.0)
    image = Image.fromarray(np.rint(share * (shades - 1)).astype(np.uint8))
    image.putpalette(_palette(shades))
    return image


@cache
def _palette(shades: int) -> bytes:
    from matplotlib import colormaps

    colours = colormaps[COLOURS](np.linspace(0.0, 1.0, shades), bytes=True)
    return np.asarray(colours, np.uint8)[:, :3].tobytes()


def png(image: Image) -> bytes:
    """Give a picture as the bytes of a PNG."""
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
