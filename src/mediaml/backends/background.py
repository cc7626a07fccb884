"""Recordings of what is none of the sounds: what is learned from, and what false alarms are counted on."""

from __future__ import annotations

import numpy as np

from mediaml.backends.embedding import Floats
from mediaml.backends.examination import report_left_out
from mediaml.data.audio import AudioDataset
from mediaml.data.windows import windows
from mediaml.features.examples import load_examples
from mediaml.runtime.evidence import FOLDS_OF_BACKGROUND
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

COUNTED_FROM = 1 - 1 / FOLDS_OF_BACKGROUND


def held_back(background: AudioDataset | None) -> tuple[AudioDataset | None, AudioDataset | None]:
    """Divide background into what a network learns from and a fifth on which false alarms are counted.

    Every fifth recording is counted on; of a single one, the end.
    """
    import pandas as pd

    if background is None or len(background) == 0:
        return None, None
    known = background.frame["end"].notna()  # what cannot be read has no length; the rest is divided
    background = AudioDataset(background.frame[known], background.origin) if known.any() else background
    numbers, groups = background.groups()
    frame = background.sorted_by("path", "start").frame
    if len(groups) > 1:
        frame, counted = background.frame, np.asarray(numbers) % FOLDS_OF_BACKGROUND == 0
    elif len(frame) > 1:
        counted = np.arange(len(frame)) >= min(len(frame) - 1, len(frame) * COUNTED_FROM)
    else:
        cut = frame["start"] + COUNTED_FROM * (frame["end"] - frame["start"])
        frame = pd.concat([frame.assign(end=cut), frame.assign(start=cut)], ignore_index=True)
        counted = np.array([False, True])
    learned, asked = (AudioDataset(frame[rows], background.origin) for rows in (~counted, counted))
    return learned, asked


def background_examples(background: AudioDataset | None, most: int, spec: Spec, seed: int) -> Floats:
    """Give spectrograms of windows of background, at most so many, from all over it.

    Raises
    ------
    DataError
        Nothing of the background could be read.
    """
    if background is None:
        return np.zeros((0, spec.mel_bands, spec.clip_frames), np.float32)
    pieces = [piece for clip in background for piece in _pieces(clip, spec.clip_seconds)]
    chosen = np.random.RandomState(seed).permutation(len(pieces))[:most]
    heard = load_examples([pieces[number] for number in np.sort(chosen)], (), spec)
    some_heard = len(heard.examples.inputs) > 0 or len(heard.silent) > 0
    report_left_out(len(chosen), some_heard, heard.unreadable)
    return heard.examples.inputs


def _pieces(clip: Clip, seconds: float) -> list[Clip]:
    """Cut a clip to what a network hears at once; what is heard in it does not matter."""
    if clip.segment is None:
        return [Clip(path=clip.path)]
    parts = windows(clip.segment.start, clip.segment.end, seconds)
    return [Clip(path=clip.path, segment=Segment(start=start, end=end)) for start, end in parts]
