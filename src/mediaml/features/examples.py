"""A dataset as arrays to train on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.errors import AudioError
from mediaml.features.hearing import hear
from mediaml.runtime.dsp import SILENCE_DBFS
from mediaml.runtime.settings import Examples
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.picture import Picture


class Heard(NamedTuple):
    """What a dataset gave.

    Parameters
    ----------
    examples
        Spectrograms float32 [n, mel_bands, clip_frames], and what is true of each, float32 [n, labels].
    clips
        The number of each example's clip: a clip longer than `clip_seconds` gives several.
    unreadable
        The clips that could not be read, with the reason.
    silent
        The clips in which nothing can be heard, with the reason.
    """

    examples: Examples
    clips: npt.NDArray[np.int64]
    unreadable: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """All clips that gave nothing."""
        return (*self.unreadable, *self.silent)


def silent(name: str) -> AudioError:
    """Say that nothing can be heard in a clip."""
    return AudioError(name, f"silent throughout, below {SILENCE_DBFS:.0f} dB of full scale")


def load_examples(
    clips: Sequence[Clip], labels: Sequence[str], spec: Spec, on_clip: Callable[[], object] = lambda: None
) -> Heard:
    """Decode labelled clips to spectrograms of clip length; a clip that is silent throughout gives none.

    Parameters
    ----------
    clips
        With some of `labels`, or none.
    labels
        In the network's order.
    spec
        The front end.
    on_clip
        Called after each clip.
    """
    inputs, owners = [], []
    unreadable: dict[int, str] = {}
    levels = np.full(len(clips), -np.inf)
    for piece in hear(clips, spec):
        inputs.append(piece.spectrograms)
        owners.extend([piece.item] * len(piece.spectrograms))
        levels[piece.item] = max(levels[piece.item], piece.level)
        if piece.error is not None:
            unreadable.setdefault(piece.item, str(piece.error))
        if piece.last:
            on_clip()
    nothing = np.zeros((0, spec.mel_bands, spec.clip_frames), np.float32)
    stacked, of_clip = np.concatenate([nothing, *inputs]), np.array(owners, np.int64)
    quiet = [number for number in np.flatnonzero(levels < SILENCE_DBFS) if number not in unreadable]
    if unreadable or quiet:  # a clip that is damaged somewhere is left out as a whole
        whole = ~np.isin(of_clip, [*unreadable, *quiet])
        stacked, of_clip = stacked[whole], of_clip[whole]
    truth = truth_of(clips, labels)[of_clip]
    reasons = tuple(dict.fromkeys(unreadable.values()))
    return Heard(Examples(stacked, truth), of_clip, reasons, tuple(str(silent(str(clips[n].path))) for n in quiet))


def truth_of(rows: Sequence[Clip | Picture], labels: Sequence[str]) -> npt.NDArray[np.float32]:
    """Give what is true of each row of a dataset as zeros and ones, float32 [rows, labels]."""
    numbers = {label: number for number, label in enumerate(labels)}
    truth = np.zeros((len(rows), len(labels)), np.float32)
    for number, row in enumerate(rows):
        truth[number, [numbers[label] for label in row.labels]] = 1.0
    return truth
