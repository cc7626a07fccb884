"""Parts of the data as a network hears them: sounds, and what is none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mediaml.backends.embedding import Floats, embed, embed_clips
from mediaml.backends.examination import report_left_out
from mediaml.data.audio import AudioDataset
from mediaml.data.progress import bar
from mediaml.features import cache
from mediaml.features.examples import silent, truth_of
from mediaml.runtime import noise
from mediaml.runtime.dsp import SILENCE_DBFS
from mediaml.runtime.evidence import Material, Negatives
from mediaml.runtime.network import Network
from mediaml.runtime.spec import Spec


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

    def material(self, part: AudioDataset, labels: Sequence[str]) -> Material:
        """Hear a labelled part; what cannot be read, and what is silent, is left out, saying so.

        Raises
        ------
        DataError
            Nothing of it could be used.
        """
        clips = list(part)
        with bar(len(clips), "listening", "clip", self.progress) as listened:
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
