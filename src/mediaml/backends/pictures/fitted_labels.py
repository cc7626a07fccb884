"""A model of labels of pictures that has learned: how it looks, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mediaml.backends import mxnet_thread
from mediaml.backends.pictures.items import PictureItem
from mediaml.backends.pictures.looking import Looked, look, look_at_files
from mediaml.backends.tracing import Embedder, Quality, Trace
from mediaml.errors import ImageError
from mediaml.runtime.familiarity import score
from mediaml.runtime.recogniser import Recogniser
from mediaml.runtime.thresholds import HeldOut
from mediaml.values.prediction import ImagePrediction, Score
from mediaml.vision.eye import AnyEye

if TYPE_CHECKING:
    import pandas as pd

    from mediaml.backends.pictures.watchers import LabelWatcher


class FittedLabels(NamedTuple):
    """A network that looks, with all that turns what it sees into verdicts.

    Parameters
    ----------
    eye
        The network, without a head.
    view
        What it looks at: ``"crop"``, ``"squash"`` or ``"both"``.
    recogniser
        From embeddings to verdicts.
    labels
        In the order of the recogniser's outputs.
    held_out
        What the thresholds were chosen on.
    known_as
        The digest of the weights where they came pretrained and were not changed: what they see is cached.
    history
        What each epoch measured; empty where only a head was fitted.
    training
        With which data, split, seed and versions it was trained.
    learned_from
        Hashes of the files that it learned from, or that anything was chosen on.
    """

    eye: AnyEye
    view: str
    recogniser: Recogniser
    labels: tuple[str, ...]
    held_out: HeldOut
    known_as: str | None
    history: tuple[Mapping[str, float], ...]
    training: Mapping[str, Any]
    learned_from: frozenset[str]

    @property
    def embedder(self) -> Embedder:
        """What makes its embeddings."""
        return Embedder("picture", "efficientnet-lite0", self.eye.digest, self.view)

    @property
    def multi_label(self) -> bool:
        """Whether several labels can be given at once."""
        return self.recogniser.objective == "multi_label"

    def predictions(self, items: Iterable[PictureItem]) -> Iterator[ImagePrediction | ImageError]:
        """Give the verdict on each item, or the error, in order, with a memory that does not grow."""
        return map(self._verdict, look(self.eye, items, self.view))

    def traced(self, items: Iterable[PictureItem]) -> Iterator[tuple[ImagePrediction | ImageError, Trace]]:
        """Give the verdict on each item with what it is like, in order."""
        for seen in look(self.eye, items, self.view, measure=True):
            shown = seen.error is None and seen.nothing is None
            quality = Quality(sharpness=seen.sharpness, side=min(seen.width, seen.height))
            yield self._verdict(seen), Trace(seen.embedding if shown else None, quality)

    def looks(self, items: Iterable[PictureItem]) -> Iterator[Looked]:
        """Give what the network sees of each item, in order, without a verdict."""
        return look(self.eye, items, self.view)

    def watcher(self) -> LabelWatcher:
        """Give what looks at the pictures of videos."""
        from mediaml.backends.pictures.watchers import LabelWatcher

        return LabelWatcher(self)

    def of_files(
        self, paths: Sequence[str], on_picture: Callable[[], object]
    ) -> Iterator[ImagePrediction | ImageError]:
        """Give the verdict on each file; what a pretrained network saw before is known."""
        return map(self._verdict, look_at_files(self.eye, paths, self.view, self.known_as, on_picture))

    def threshold_table(self) -> pd.DataFrame:
        """Give a row a label: its threshold, and how it does there on what was held out."""
        from mediaml.backends.operating_points import table_of

        return table_of(self).rename(columns={"clips": "pictures"}).drop(columns="false_alarms_per_hour")

    def with_thresholds(self, table: pd.DataFrame | Mapping[str, float]) -> FittedLabels:
        """Give the model with other thresholds."""
        from mediaml.backends.operating_points import changed_thresholds

        thresholds = changed_thresholds(table, self.labels, self.recogniser.thresholds)
        return self._replace(recogniser=self.recogniser._replace(thresholds=thresholds))

    def _verdict(self, seen: Looked) -> ImagePrediction | ImageError:
        if seen.error is not None:
            return seen.error
        with mxnet_thread.translated():
            probabilities, familiarities = self.recogniser.hear(seen.embedding[None])
        probability, familiarity = probabilities[0], float(familiarities[0])
        order = np.argsort(-probability, kind="stable")
        given, reason = self._decide(seen, probability, familiarity)
        scores = score(probability, np.asarray(familiarity))
        names = tuple(self.labels[number] for number in given)
        confidence = [min(1.0, float(probability[number])) for number in order]
        return ImagePrediction(
            label=names[0] if names else None,
            labels=names,
            confidence=confidence[0],
            alternatives=tuple(
                Score(label=self.labels[n], confidence=sure) for n, sure in zip(order, confidence, strict=True)
            ),
            score=float(scores[given[0] if given else order[0]]),
            familiarity=min(1.0, familiarity),
            reason=reason,
            source=seen.name,
            width=seen.width,
            height=seen.height,
        )

    def _decide(self, seen: Looked, probability: Any, familiarity: float) -> tuple[tuple[int, ...], Any]:
        """Look at size and contrast first: no network knows nothing, and a confident answer to it is wrong."""
        if seen.nothing is not None:
            return (), seen.nothing
        return self.recogniser.rule.decide(probability, familiarity)
