"""Parts of the data as a network hears them: sounds, and what is none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mediaml.backends.embedding import Floats, embed, embed_clips
from mediaml.backends.evidence import FOLDS_OF_BACKGROUND, Material, Negatives
from mediaml.backends.examination import report_left_out
from mediaml.data.audio import AudioDataset
from mediaml.data.progress import bar
from mediaml.data.windows import windows
from mediaml.features import cache, noise
from mediaml.features.examples import load_examples, silent, truth_of
from mediaml.runtime.dsp import SILENCE_DBFS, log_mel
from mediaml.runtime.network import Network
from mediaml.runtime.settings import Examples
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

COUNTED_FROM = 1 - 1 / FOLDS_OF_BACKGROUND


@dataclass(frozen=True)
class Hearing:
    """What a network hears.

    Parameters
    ----------
    network
        Its body is all that matters.
    batch_size
        Spectrograms at once.
    known_as
        The name of a pretrained body, under which what it heard is kept; None: nothing is kept.
    progress
        Show bars.
    """

    network: Network
    batch_size: int
    known_as: str | None
    progress: bool

    def materials(self, parts: Sequence[AudioDataset], labels: Sequence[str]) -> list[Material]:
        """Hear labelled parts; what cannot be read, and what is silent, is left out, saying so.

        Raises
        ------
        DataError
            Nothing of a part could be used.
        """
        with bar(sum(map(len, parts)), "listening", "clip", self.progress) as listened:
            return [self._material(part, labels, listened) for part in parts]

    def _material(self, part: AudioDataset, labels: Sequence[str], listened: Callable[..., None]) -> Material:
        clips = list(part)
        heard = embed_clips(self.network, clips, self.batch_size, self.known_as, listened)
        whole = [one for one in heard if one.error is None and one.level >= SILENCE_DBFS]
        left_out = [str(one.error or silent(one.name)) for one in heard if one.error or one.level < SILENCE_DBFS]
        report_left_out(len(clips), bool(whole), left_out)
        owners = np.repeat([one.item for one in whole], [len(one.embeddings) for one in whole]).astype(np.int64)
        return Material(np.concatenate([one.embeddings for one in whole]), truth_of(clips, labels)[owners], owners)

    def negatives(self, background: AudioDataset | None) -> Negatives:
        """Hear made noise, and the background where there is some.

        Raises
        ------
        DataError
            Nothing of the background could be read.
        """
        spec = self.network.spec
        noises = self._noises(spec)
        nothing = np.zeros((0, noises.shape[1]), np.float32)
        if background is None or len(background) == 0:
            return Negatives(noises, nothing, np.zeros(0, np.int64), 0.0)
        clips = list(background)
        with bar(len(clips), "listening to background", "clip", self.progress) as listened:
            heard = embed_clips(self.network, clips, self.batch_size, self.known_as, listened)
        whole = [one for one in heard if one.error is None and one.segment is not None]
        report_left_out(len(clips), bool(whole), [str(one.error) for one in heard if one.error is not None])
        # silence is told by its level, whatever the network makes of it, but it is time without false alarms
        sounding = [one for one in whole if one.level >= SILENCE_DBFS]
        numbers, _ = background.groups()
        owners = np.repeat([numbers[one.item] for one in sounding], [len(one.embeddings) for one in sounding])
        hours = sum(one.segment.duration for one in whole if one.segment is not None) / 3600
        embeddings = np.concatenate([nothing, *(one.embeddings for one in sounding)])
        return Negatives(noises, embeddings, owners.astype(np.int64), hours)

    def _noises(self, spec: Spec) -> Floats:
        """Hear the made noise; what a pretrained body heard of it is kept."""
        key = f"noise|{noise.VERSION}|{self.network.name}|{spec.digest}|{self.known_as}"
        if self.known_as is not None and (known := cache.get([key])):
            return known[key].embeddings
        made = embed(self.network, noise.noises(spec.clip_seconds, spec.sample_rate), self.batch_size)
        embeddings = np.concatenate([one.embeddings for one in made])
        if self.known_as is not None:
            cache.put({key: cache.Kept(0.0, 0.0, 0.0, embeddings)})
        return embeddings


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
        counted = np.arange(len(frame)) >= len(frame) * COUNTED_FROM
    else:
        cut = frame["start"] + COUNTED_FROM * (frame["end"] - frame["start"])
        frame = pd.concat([frame.assign(end=cut), frame.assign(start=cut)], ignore_index=True)
        counted = np.array([False, True])
    learned, asked = (AudioDataset(frame[rows], background.origin) for rows in (~counted, counted))
    return learned, asked


def with_negatives(examples: Examples, *negatives: Floats) -> Examples:
    """Join spectrograms of which nothing is true."""
    inputs = np.concatenate([examples.inputs, *negatives])
    truth = np.zeros((len(inputs), examples.truth.shape[1]), np.float32)
    truth[: len(examples.truth)] = examples.truth
    return Examples(inputs, truth)


def noise_examples(spec: Spec) -> Floats:
    """Give spectrograms of made noise."""
    return np.stack([log_mel(samples, spec) for samples, _ in noise.noises(spec.clip_seconds, spec.sample_rate)])


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
