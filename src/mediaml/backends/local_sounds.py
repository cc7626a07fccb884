"""Datasets on this machine as what a training learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.backends.background import background_examples, held_back
from mediaml.backends.embedding import Floats
from mediaml.backends.examination import all_heard, listen_to
from mediaml.backends.materials import Hearing
from mediaml.data.audio import AudioDataset
from mediaml.data.hold_back import folds
from mediaml.data.progress import bar
from mediaml.errors import DataError
from mediaml.runtime.evidence import Material, Negatives
from mediaml.runtime.learning import TRAIN, Part, Sounds
from mediaml.runtime.network import Network

Parts = tuple[AudioDataset, AudioDataset | None, AudioDataset | None]
"""What to learn from, what to choose on, and what is none of the sounds."""


class Listening(NamedTuple):
    """How the data is heard: spectrograms at once, seed, the name of a body whose embeddings are kept, and bars."""

    batch_size: int
    seed: int
    known_as: str | None
    progress: bool


class LocalSounds(Sounds):
    """Training, validation and background data, decoded when it is asked for."""

    def __init__(self, network: Network, parts: Parts, labels: Sequence[str], listening: Listening) -> None:
        self.network = network
        self.labels = labels
        self.listening = listening
        self.train, self.validation, self.everything = parts
        self.learned, self.counted = held_back(self.everything)
        self.hearing = Hearing(network, listening.batch_size, listening.known_as, listening.progress)

    def part(self, name: str) -> Part:
        """Decode a part; see `examination.listen_to`."""
        dataset = self._dataset(name)
        if dataset is None:
            raise DataError(f"there is no {name} data")
        with bar(len(dataset), "listening", "clip", self.listening.progress) as listened:
            heard = listen_to(dataset, self.labels, self.network.spec, listened)
        if name == TRAIN:
            all_heard(self.labels, heard.examples.truth)
        return Part(heard.examples, heard.clips)

    def material(self, name: str) -> Material | None:
        """Hear a part through the network's body."""
        dataset = self._dataset(name)
        if dataset is None:
            return None
        heard = self.hearing.material(dataset, self.labels)
        if name == TRAIN:
            all_heard(self.labels, heard.truth)
        return heard

    def folds(self, heard: Material) -> npt.NDArray[np.int64] | None:
        """Divide the clips that could be heard; the others have fold 0, and no windows."""
        whole = np.unique(heard.clips)
        numbers = folds(AudioDataset(self.train.frame.iloc[whole]), self.listening.seed)
        if numbers is None:
            return None
        of_clip = np.zeros(len(self.train), np.int64)
        of_clip[whole] = numbers
        return of_clip

    def negatives(self, counted_only: bool) -> Negatives:
        """Hear noise and background through the network's body."""
        return self.hearing.negatives(self.counted if counted_only else self.everything)

    def background(self, counted: bool, most: int) -> Floats:
        """Decode windows of background from all over it."""
        part = self.counted if counted else self.learned
        return background_examples(part, most, self.network.spec, self.listening.seed)

    def _dataset(self, name: str) -> AudioDataset | None:
        return self.train if name == TRAIN else self.validation
