"""A part of the training data to choose on, where none is given."""

from __future__ import annotations

from mediaml.data.audio import AudioDataset
from mediaml.errors import SplitError

SHARE = 0.1  # not more: what is held back is missing in training


def hold_back(train: AudioDataset, seed: int) -> tuple[AudioDataset, AudioDataset]:
    """Divide data into what to learn from and a grouped, stratified tenth to choose on.

    Raises
    ------
    SplitError
        No label has two recordings.
    """
    kept, held_back = train.split(1 - SHARE, SHARE, seed=seed, allow_missing=True)
    if len(held_back) == 0:
        raise SplitError(
            "no label has two recordings, so none can be held back to choose on: add recordings, or give validation="
        )
    return kept, held_back
