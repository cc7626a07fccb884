"""A recording that several models hear at once: each stretch of it is decoded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from mediaml.data import decode
from mediaml.data.waveform import Waveform
from mediaml.features.items import Sound

CHUNK = 30.0  # seconds
KEPT = 24  # chunks: more than two listeners that read ahead are ever apart


@dataclass(frozen=True, slots=True)
class SharedSound(Sound):
    """As a `Sound` of a file; what was decoded for one model is still there for the next.

    Models that hear it should go through it side by side: the memory holds some minutes of it.
    """

    _chunks: OrderedDict[int, tuple[Waveform, int]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self, start: float, end: float, sample_rate: int) -> Waveform:
        """Give the stretch from `start` to `end` seconds, mono, at a rate.

        Raises
        ------
        AudioError
            It cannot be read.
        """
        first = int(start // CHUNK)
        pieces = [self._chunk(number) for number in range(first, max(first + 1, int(np.ceil(end / CHUNK))))]
        rate = pieces[0][1]
        begin = round(first * CHUNK * rate)
        waveform = np.concatenate([samples for samples, _ in pieces])
        return decode.resample(waveform[round(start * rate) - begin : round(end * rate) - begin], rate, sample_rate)

    def _chunk(self, number: int) -> tuple[Waveform, int]:
        with self._lock:
            if number not in self._chunks:
                end = (number + 1) * CHUNK
                self._chunks[number] = decode.read(str(self.source), number * CHUNK, end)
                while len(self._chunks) > KEPT:
                    self._chunks.popitem(last=False)
            self._chunks.move_to_end(number)
            return self._chunks[number]
