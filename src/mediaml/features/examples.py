"""A dataset as arrays to train on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.features.hearing import hear
from mediaml.runtime.loop import Examples
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip


class Heard(NamedTuple):
    """What a dataset gave.

    Parameters
    ----------
    examples
        Spectrograms float32 [n, mel_bands, clip_frames] in dB, and the number of each one's label, int64 [n].
    clips
        The number of each example's clip: a clip longer than `clip_seconds` gives several.
    unreadable
        The clips that could not be read, with the reason.
    """

    examples: Examples
    clips: npt.NDArray[np.int64]
    unreadable: tuple[str, ...]


def load_examples(
    clips: Sequence[Clip], labels: Sequence[str], spec: Spec, on_clip: Callable[[], object] = lambda: None
) -> Heard:
    """Decode labelled clips to spectrograms of clip length.

    Parameters
    ----------
    clips
        Each with one of `labels`.
    labels
        In the network's order.
    spec
        The front end.
    on_clip
        Called after each clip.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    inputs, targets, owners, unreadable = [], [], [], []
    for piece in hear(clips, spec):
        inputs.append(piece.spectrograms)
        targets.extend([numbers[clips[piece.item].labels[0]]] * len(piece.spectrograms))
        owners.extend([piece.item] * len(piece.spectrograms))
        if piece.error is not None:
            unreadable.append(str(piece.error))
        if piece.last:
            on_clip()
    nothing = np.zeros((0, spec.mel_bands, spec.clip_frames), np.float32)
    stacked = np.concatenate([nothing, *inputs])
    return Heard(
        Examples(stacked, np.array(targets, np.int64)), np.array(owners, np.int64), tuple(dict.fromkeys(unreadable))
    )
