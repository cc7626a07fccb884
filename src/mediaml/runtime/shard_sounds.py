"""The data of a training job as what a training learns from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from . import noise
from .cores import available_cores
from .dsp import SILENCE_DBFS, fit_length, log_mel, loudest_dbfs
from .evidence import Material, Negatives
from .faults import JobFault
from .learning import TRAIN, Part, Sounds
from .network import Network
from .settings import Examples
from .shards import Shards
from .spec import Spec
from .windows import covering_windows

BACKGROUND = "background"
TOGETHER = 256  # clips


class _Clip(NamedTuple):
    """A clip's number, its windows' spectrograms [windows, mel_bands, frames], and its level."""

    number: int
    windows: np.ndarray
    level: float


class ShardSounds(Sounds):
    """Training, validation and background data in shards.

    Parameters
    ----------
    network
        Whose front end and body are used.
    shards
        The data.
    batch_size
        Spectrograms at once.
    seed
        Of the choice of background.
    """

    def __init__(self, network: Network, shards: Shards, batch_size: int, seed: int) -> None:
        self.network = network
        self.shards = shards
        self.batch_size = batch_size
        self.seed = seed

    def part(self, name: str) -> Part:
        """Decode a part."""
        windows, owners = [], []  # type: List[np.ndarray], List[int]
        for clip in self._heard(self.shards.of(name)):
            windows.append(clip.windows)
            owners.extend([clip.number] * len(clip.windows))
        if not windows:
            raise JobFault("there is nothing to be heard in the {} data".format(name))
        numbers = np.array(owners, np.int64)
        return Part(Examples(np.concatenate(windows), self._truth(name, numbers)), numbers)

    def material(self, name: str) -> Optional[Material]:
        """Hear a part through the network's body."""
        if not self.shards.of(name):
            return None
        embeddings, owners = self._embedded(self.shards.of(name))
        if not len(embeddings):
            raise JobFault("there is nothing to be heard in the {} data".format(name))
        numbers = np.array(owners, np.int64)
        return Material(embeddings, self._truth(name, numbers), numbers)

    def folds(self, heard: Material) -> Optional[np.ndarray]:
        """Give the folds that were made where the recordings are known."""
        folds = [entry.fold for entry in self.shards.entries]
        train = self.shards.of(TRAIN)
        if any(folds[number] is None for number in train):
            return None
        return np.array([-1 if fold is None else fold for fold in folds], np.int64)

    def negatives(self, counted_only: bool) -> Negatives:
        """Hear noise and background through the network's body."""
        spec = self.network.spec
        made = np.stack([log_mel(samples, spec) for samples, _ in noise.noises(spec.clip_seconds, spec.sample_rate)])
        wanted = [n for n in self.shards.of(BACKGROUND) if self.shards.entries[n].counted or not counted_only]
        embeddings, owners = self._embedded(wanted)
        recordings = np.array([self.shards.entries[number].recording for number in owners], np.int64)
        hours = sum(self.shards.entries[number].seconds for number in wanted) / 3600
        return Negatives(self.network.embed(made, self.batch_size), embeddings, recordings, hours)

    def background(self, counted: bool, most: int) -> np.ndarray:
        """Decode windows of background from all over it."""
        spec = self.network.spec
        wanted = [n for n in self.shards.of(BACKGROUND) if self.shards.entries[n].counted == counted]
        places = [(n, first) for n in wanted for first in range(self._windows_of(n))]
        chosen = np.sort(np.random.RandomState(self.seed).permutation(len(places))[:most])
        keep = {places[row] for row in chosen}
        found = [
            window
            for clip in self._heard(sorted({number for number, _ in keep}))
            for first, window in enumerate(clip.windows)
            if (clip.number, first) in keep
        ]
        return np.stack(found) if found else np.zeros((0, spec.mel_bands, spec.clip_frames), np.float32)

    def _windows_of(self, number: int) -> int:
        return len(covering_windows(self.shards.entries[number].seconds, self.network.spec.clip_seconds))

    def _truth(self, name: str, owners: np.ndarray) -> np.ndarray:
        """Give what is true of each window; of the training data, each label must be true of one."""
        truth = np.zeros((len(owners), self.network.labels), np.float32)
        for row, number in enumerate(owners):
            truth[row, list(self.shards.entries[number].labels)] = 1.0
        if name == TRAIN and not truth.any(axis=0).all():
            missing = np.flatnonzero(~truth.any(axis=0)).tolist()
            raise JobFault("nothing can be heard of the labels number {}".format(missing))
        return truth

    def _heard(self, numbers: Sequence[int]) -> Iterator[_Clip]:
        """Listen to clips on all cores, in order, a few at a time; what is silent is left out, saying so."""
        with ThreadPoolExecutor(available_cores()) as pool:
            for first in range(0, len(numbers), TOGETHER):
                for clip in pool.map(self._listen, numbers[first : first + TOGETHER]):
                    if clip.level >= SILENCE_DBFS:
                        yield clip
                    elif self.shards.entries[clip.number].part != BACKGROUND:
                        print("clip {} is silent throughout, and left out".format(clip.number), flush=True)

    def _listen(self, number: int) -> _Clip:
        waveform, spec = self.shards.waveform(number), self.network.spec
        windows = spectrograms(waveform, spec, self.shards.entries[number].seconds)
        return _Clip(number, windows, loudest_dbfs(waveform, spec.sample_rate))

    def _embedded(self, numbers: Sequence[int]) -> Tuple[np.ndarray, List[int]]:
        """Hear clips through the body, holding only the embeddings."""
        embeddings = [np.zeros((0, self.network.module.EMBEDDING), np.float32)]
        owners, waiting = [], []  # type: List[int], List[np.ndarray]

        def flush() -> None:
            if waiting:
                embeddings.append(self.network.embed(np.concatenate(waiting), self.batch_size))
                del waiting[:]

        for clip in self._heard(numbers):
            waiting.append(clip.windows)
            owners.extend([clip.number] * len(clip.windows))
            if len(waiting) >= TOGETHER:
                flush()
        flush()
        return np.concatenate(embeddings), owners


def spectrograms(waveform: np.ndarray, spec: Spec, seconds: Optional[float] = None) -> np.ndarray:
    """Cut samples at the spectrogram's rate into windows that cover them: float32 [windows, mel_bands, clip_frames]."""
    duration = len(waveform) / spec.sample_rate if seconds is None else seconds
    starts = [int(round(start * spec.sample_rate)) for start, _ in covering_windows(duration, spec.clip_seconds)]
    heard = [start for start in starts if start < len(waveform)] or [0]
    return np.stack([log_mel(fit_length(waveform[start:], spec.clip_samples), spec) for start in heard])
