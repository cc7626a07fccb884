"""What a fitted sound model is: a network with a recogniser on top; and how it listens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.embedding import Heard, embed, embed_clips
from mediaml.backends.identity import digest_of
from mediaml.backends.tracing import Embedder
from mediaml.backends.verdict import as_prediction
from mediaml.errors import AudioError
from mediaml.features.items import Item, is_single
from mediaml.runtime.learned import Learned
from mediaml.runtime.recogniser import Recogniser
from mediaml.runtime.verdict import Impression, judge
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction


class Fitted(Learned):
    """A model that has learned, and how it listens."""

    __slots__ = ()

    @property
    def identity(self) -> str:
        """Name the model by all that its verdicts depend on."""
        arrays = mxnet_thread.run(self.network.arrays)
        facts = (self.network.name, self.spec.digest, self.labels, self.recogniser.temperature, self.recogniser.doubt)
        return digest_of((*facts, self.recogniser.typical), {**arrays, **self.recogniser.arrays()})

    @property
    def embedder(self) -> Embedder:
        """What makes its embeddings."""
        weights = mxnet_thread.run(self.network.body_digest)
        return Embedder("sound", self.network.name, weights, json.dumps(self.spec.to_dict(), sort_keys=True))

    def listen(self, items: Iterable[Item], batch_size: int) -> Iterator[AudioPrediction | AudioError]:
        """Give the verdict on each item, or the error, in order, with a memory that does not grow."""
        gathered = _Sum()
        for heard in embed(self.network, items, batch_size):
            gathered.add(heard, self.recogniser)
            if heard.last:
                yield self._verdict(gathered)
                gathered = _Sum()

    def listen_to_clips(
        self, clips: Sequence[Clip], batch_size: int, on_clip: Callable[[], object]
    ) -> Iterator[AudioPrediction | AudioError]:
        """Give the verdict on each clip of a dataset, or the error; what a pretrained body heard before is known."""
        for heard in embed_clips(self.network, clips, batch_size, self.known_as, on_clip):
            gathered = _Sum()
            gathered.add(heard, self.recogniser)
            yield self._verdict(gathered)

    def _verdict(self, gathered: _Sum) -> AudioPrediction | AudioError:
        if gathered.error is not None:
            return gathered.error
        heard, segment = gathered.result()
        verdict = judge(heard, self.recogniser.rule, self.spec)
        return as_prediction(verdict, heard, self.labels, segment, gathered.name)

    def predict(
        self, items: Item | Iterable[Item], on_error: str, batch_size: int
    ) -> AudioPrediction | list[AudioPrediction]:
        """Give the verdict on one item, or a list of verdicts on several; see `models.base.Predictor.predict`."""
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is 'raise' or 'skip', not {on_error!r}")
        single = is_single(items)
        predictions = []
        for heard in self.listen([items] if single else items, batch_size):  # type: ignore[list-item, arg-type]
            if not isinstance(heard, AudioError):
                predictions.append(heard)
            elif on_error == "skip":
                predictions.append(AudioPrediction(error=str(heard), source=heard.source))
            else:
                raise heard
        return predictions[0] if single else predictions


class _Sum:
    """The windows of one item, summed up as they come."""

    def __init__(self) -> None:
        self.name = ""
        self.error: AudioError | None = None
        self.level = -np.inf
        self.segment: Segment | None = None
        self.probabilities: npt.NDArray[np.float64] | float = 0.0
        self.familiarity = 0.0
        self.count = 0

    def add(self, heard: Heard, recogniser: Recogniser) -> None:
        self.name = heard.name
        self.error = self.error or heard.error
        self.level = max(self.level, heard.level)
        self.segment = heard.segment or self.segment
        if len(heard.embeddings):
            with mxnet_thread.translated():
                probabilities, familiarity = recogniser.hear(heard.embeddings)
            self.probabilities = self.probabilities + probabilities.sum(axis=0)
            self.familiarity += float(familiarity.sum())
            self.count += len(familiarity)

    def result(self) -> tuple[Impression, Segment]:
        if self.segment is None or isinstance(self.probabilities, float):
            raise RuntimeError(f"{self.name}: nothing was heard, and there was no error")  # hearing.py promises one
        heard = Impression(
            self.segment.duration, self.level, self.probabilities / self.count, self.familiarity / self.count
        )
        return heard, self.segment
