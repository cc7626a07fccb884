"""Datasets as a training job takes them: samples in shards, and what is to be done with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mediaml.backends.background import held_back
from mediaml.backends.examination import report_left_out
from mediaml.backends.local_sounds import Parts
from mediaml.backends.provenance import described, file_hashes, versions
from mediaml.backends.training import Training
from mediaml.data.hold_back import folds, hold_back
from mediaml.data.progress import bar
from mediaml.data.waveform import Waveform
from mediaml.features import weights
from mediaml.features.hearing import as_audio_error, ordered
from mediaml.features.items import open_sound
from mediaml.runtime import shards
from mediaml.runtime.cores import available_cores
from mediaml.runtime.networks import named
from mediaml.runtime.shard_sounds import BACKGROUND
from mediaml.runtime.shards import Entry
from mediaml.runtime.train import FORMAT
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

PIECE_SECONDS = 60.0
AHEAD = 8  # clips decoded before they are asked for, for each thread


@dataclass(frozen=True)
class JobData:
    """What a job is given.

    Parameters
    ----------
    training
        How to train.
    parts
        With what; validation is there where the network is trained.
    model
        What the model is made again with.
    given
        Whether validation was given, or held back from the training part.
    """

    training: Training
    parts: Parts
    model: Mapping[str, Any]
    given: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order of the network's outputs."""
        return self.parts[0].labels

    @property
    def digest(self) -> str:
        """A name for exactly this data, heard through this front end."""
        told = [
            self.training.spec.to_dict(),
            [None if part is None else [part.content_hash(), len(part)] for part in self.parts],
            self.training.settings.seed,
            self.training.trains_body,
            # which rows belong together decides folds, and what false alarms are counted on
            [[*entry[:5], str(clip.segment)] for entry, clip in self._rows()],
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def document(self) -> dict[str, Any]:
        """Give ``job.json``; see `mediaml.runtime.train`."""
        training, digest = self.training, self._weights()
        whole = training.trains_body
        return {
            "format": FORMAT,
            "network": training.network,
            "spectrogram": training.spec.to_dict(),
            "labels": list(self.labels),
            "settings": asdict(training.settings),
            "criterion": list(training.criterion),
            "trains_body": whole,
            "model": dict(self.model),
            "fingerprint": self.digest,
            "weights": digest,
            "training": {
                "data": described(self.parts),
                "validation_given": self.given,
                **({} if digest is None else {"weights": digest}),
                "versions": versions(),
                "settings": asdict(training.settings) if whole else {"seed": training.settings.seed},
            },
            "learned_from": sorted(
                frozenset().union(*(file_hashes(part) for part in self.parts[:2] if part is not None))
            ),
        }

    def _weights(self) -> str | None:
        """Name the pretrained weights."""
        if not named(self.training.network).PRETRAINED:
            return None
        return weights.load(self.training.network, self.training.weights_from).digest

    def write(self, folder: Path) -> int:
        """Decode everything into shards; gives the bytes. What cannot be read is left out, saying so.

        Raises
        ------
        DataError
            Nothing of a part can be read.
        """
        rows = list(self._rows())
        with bar(len(rows), "preparing", "clip", self.training.progress) as listened:
            heard = _Heard(rows, self.training.spec.sample_rate, listened)
            size = shards.write(str(folder), heard)
        for part, (clips, reasons) in heard.left_out.items():
            report_left_out(clips, len(reasons) < clips or part == BACKGROUND, reasons)
        return size

    def _rows(self) -> Iterator[tuple[Entry, Clip]]:
        train, validation, background = self.parts
        numbers = {label: number for number, label in enumerate(self.labels)}
        of_row = None if validation is not None else folds(train, self.training.settings.seed)
        for name, part in (("train", train), ("validation", validation)):
            if part is not None:
                groups, _ = part.groups()
                for row, (clip, group) in enumerate(zip(part, groups, strict=True)):
                    fold = int(of_row[row]) if of_row is not None and name == "train" else None
                    labels = tuple(numbers[label] for label in clip.labels)
                    yield Entry(name, labels, group, fold, False, 0.0), clip
        first = 0
        for counted, part in zip((False, True), held_back(background), strict=True):
            if part is not None:
                groups, found = part.groups()
                for clip, group in zip(part, groups, strict=True):
                    for piece in _pieces(clip):
                        yield Entry(BACKGROUND, (), first + group, None, counted, 0.0), piece
                first += len(found)


def _pieces(clip: Clip) -> list[Clip]:
    """Cut a recording of hours to pieces that fit into memory."""
    if clip.segment is None:
        return [clip]
    whole = clip.segment
    count = max(1, int(whole.duration // PIECE_SECONDS))  # the last one takes the rest
    bounds = [whole.start + number * PIECE_SECONDS for number in range(count)] + [whole.end]
    return [Clip(path=clip.path, segment=Segment(start=a, end=b)) for a, b in pairwise(bounds)]


class _Heard:
    """Clips as they are decoded, in order, on all cores; it can be gone through once."""

    def __init__(self, rows: Sequence[tuple[Entry, Clip]], rate: int, listened: Callable[..., None]) -> None:
        self.rows = rows
        self.rate = rate
        self.listened = listened
        self.left_out: dict[str, tuple[int, list[str]]] = {}

    def __iter__(self) -> Iterator[tuple[Entry, Waveform]]:
        for part in {entry.part for entry, _ in self.rows}:
            self.left_out[part] = (sum(entry.part == part for entry, _ in self.rows), [])
        threads = available_cores()
        with ThreadPoolExecutor(threads, "mediaml-decode") as pool:
            for entry, waveform, reason in ordered(pool, self._decode, self.rows, AHEAD * threads):
                self.listened()
                if waveform is None:
                    self.left_out[entry.part][1].append(reason)
                else:
                    yield entry, waveform

    def _decode(self, row: tuple[Entry, Clip]) -> tuple[Entry, Waveform | None, str]:
        entry, clip = row
        try:
            sound = open_sound(clip)
            waveform = sound.read(0.0, sound.duration, self.rate)
        except Exception as error:  # whatever a foreign file raises: the others go on
            return entry, None, str(as_audio_error(error, str(clip.path)))
        return entry._replace(seconds=sound.duration), np.asarray(waveform, np.float32), ""


def prepared(training: Training, parts: Parts, model: Mapping[str, Any]) -> JobData:
    """Hold back what a network is chosen on, where none is given."""
    given = parts[1] is not None
    if training.trains_body and not given:
        parts = (*hold_back(parts[0], training.settings.seed), parts[2])
    return JobData(training, parts, model, given)
