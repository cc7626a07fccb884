"""Random changes to a batch of spectrograms that leave its labels true. All randomness comes from the caller."""

from __future__ import annotations

from typing import Tuple

import numpy as np


def time_shift(batch: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Roll each spectrogram [n, mel_bands, frames] around by a random number of frames."""
    count, _, frames = batch.shape
    shifts = random.randint(0, frames, size=count)
    source = (np.arange(frames)[None, :] - shifts[:, None]) % frames
    return np.take_along_axis(batch, source[:, None, :], axis=2)


def gain(batch: np.ndarray, random: np.random.RandomState, most: float) -> np.ndarray:
    """Make each spectrogram louder or softer by up to `most`, in its own units (`Spec.decibel`)."""
    return batch + random.uniform(-most, most, size=(len(batch), 1, 1)).astype(np.float32)


def mask(
    batch: np.ndarray, random: np.random.RandomState, fill: np.ndarray, bands: int, frames: int, times: int = 2
) -> np.ndarray:
    """Cover `times` runs of up to `bands` bands and up to `frames` frames (SpecAugment, Park et al. 2019).

    Parameters
    ----------
    batch
        [n, mel_bands, frames], changed in place.
    random
        The source of randomness.
    fill
        What stands in the covered places, [mel_bands]: the mean of the training data.
    bands, frames
        The widest run, exclusive.
    times
        Runs of each kind.
    """
    count, all_bands, all_frames = batch.shape
    for _ in range(times):
        hidden = _runs(random, count, all_bands, bands)[:, :, None] | _runs(random, count, all_frames, frames)[:, None]
        np.copyto(batch, fill[None, :, None], where=hidden)
    return batch


def _runs(random: np.random.RandomState, count: int, length: int, widest: int) -> np.ndarray:
    """Draw one random run a row: bool [count, length]."""
    width = random.randint(0, max(1, min(widest, length)), size=count)
    start = (random.uniform(size=count) * (length - width + 1)).astype(int)
    position = np.arange(length)[None, :]
    return (position >= start[:, None]) & (position < (start + width)[:, None])


def mixup(
    batch: np.ndarray, targets: np.ndarray, random: np.random.RandomState, alpha: float
) -> Tuple[np.ndarray, np.ndarray]:
    """Blend each spectrogram and its targets with another of the batch (Zhang et al. 2018).

    Parameters
    ----------
    batch
        [n, mel_bands, frames].
    targets
        [n, labels], rows that add up to 1.
    random
        The source of randomness.
    alpha
        Of the Beta(alpha, alpha) distribution of the share.
    """
    share = random.beta(alpha, alpha, size=len(batch)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    partner = random.permutation(len(batch))
    blended = share[:, None, None] * batch + (1 - share)[:, None, None] * batch[partner]
    return blended, share[:, None] * targets + (1 - share)[:, None] * targets[partner]
