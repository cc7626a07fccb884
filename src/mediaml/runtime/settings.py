"""What a training takes: examples, and how to learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Examples(NamedTuple):
    """Spectrograms float32 [n, mel_bands, frames], and what is true of each: zeros and ones, float32 [n, labels]."""

    inputs: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Settings:
    """How to train.

    Parameters
    ----------
    epochs
        At most.
    batch_size
        Spectrograms a step.
    least_steps
        In an epoch. Few examples are shown more than once in it, each time changed in another way: a network needs a
        number of steps, not of files (docs/decisions/0004-the-cnn.md).
    seed
        Of everything random.
    learning_rate
        The highest, reached after `warmup` of all steps; then it falls along a cosine to zero.
    warmup
        Share of the steps in which the rate rises.
    weight_decay
        Decoupled (Loshchilov & Hutter 2019), relative to the learning rate.
    patience
        Epochs without a better validation loss after which training ends.
    average
        Weights are judged and kept as their exponential moving average; this is the share of the past a step keeps.
    mixup
        Alpha of the Beta distribution of the blend; 0 turns it off.
    mask_bands, mask_frames
        Widest cover as a share of the spectrogram; 0 turns it off.
    gain_decibels
        Largest random change of loudness.
    objective
        ``"single_label"`` or ``"multi_label"``.
    """

    epochs: int = 30
    batch_size: int = 32
    least_steps: int = 32
    seed: int = 7
    learning_rate: float = 3e-3
    warmup: float = 0.1
    weight_decay: float = 1e-2
    patience: int = 12
    average: float = 0.95
    mixup: float = 0.3
    mask_bands: float = 0.15
    mask_frames: float = 0.15
    gain_decibels: float = 6.0
    objective: str = "single_label"
