"""What a fitted sound model is: a network, its calibration and its threshold; and how it is kept in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.verdict import Impression, judge
from mediaml.data.audio import AudioDataset
from mediaml.errors import AudioError, SavedModelError
from mediaml.features.hearing import hear
from mediaml.features.items import Item, is_single
from mediaml.models.load import FORMAT, MODEL
from mediaml.runtime import store
from mediaml.runtime.calibration import softmax
from mediaml.runtime.network import Network
from mediaml.runtime.spec import Spec
from mediaml.values.prediction import AudioPrediction

KIND = "local-audio"
CALIBRATION_FORMAT = 1


@dataclass(frozen=True)
class Fitted:
    """A network with all that turns its logits into verdicts.

    Parameters
    ----------
    network
        With the weights of the best epoch.
    labels
        In the order of the network's outputs.
    temperature
        The logits are divided by it (calibration).
    threshold
        A label is given where the calibrated probability reaches it.
    history
        What each epoch measured.
    training
        With which data, split, seed and versions it was trained.
    """

    network: Network
    labels: tuple[str, ...]
    temperature: float
    threshold: float
    history: tuple[Mapping[str, float], ...]
    training: Mapping[str, Any]

    @property
    def spec(self) -> Spec:
        """The front end."""
        return self.network.spec

    def probabilities(self, spectrograms: npt.NDArray[np.float32], batch_size: int) -> npt.NDArray[np.float64]:
        """Calibrated probabilities float64 [n, labels] of spectrograms [n, mel_bands, clip_frames]."""
        logits = mxnet_thread.run(lambda: self.network.logits(spectrograms, batch_size))
        calibrated: npt.NDArray[np.float64] = softmax(logits, self.temperature)
        return calibrated

    def listen(self, items: Iterable[Item], batch_size: int) -> Iterator[AudioPrediction | AudioError]:
        """Give the verdict on each item, or the error, in order; the network hears full batches across items."""
        for impression in _impressions(self, items, batch_size):
            if isinstance(impression, AudioError):
                yield impression
            else:
                yield judge(impression, self.labels, self.threshold, self.spec)

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

    def save(self, folder: str, settings: Mapping[str, Any]) -> None:
        """Write the model into a folder, in place of one that may be there."""
        facts = {
            "format": FORMAT,
            "kind": KIND,
            "network": self.network.name,
            "spectrogram": self.spec.to_dict(),
            "labels": list(self.labels),
            "calibration": {
                "format": CALIBRATION_FORMAT,
                "method": "temperature",
                "temperature": self.temperature,
                "threshold": self.threshold,
            },
            "settings": dict(settings),
            "history": [dict(measured) for measured in self.history],
            "training": dict(self.training),
        }
        mxnet_thread.run(lambda: store.write(folder, MODEL, facts, self.network.arrays()))


def load_fitted(folder: str) -> tuple[Fitted, Mapping[str, Any]]:
    """Read what `Fitted.save` wrote: the model, and the settings that it was saved with.

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """

    def read() -> tuple[Fitted, Mapping[str, Any]]:
        facts, arrays = store.read(folder, MODEL)
        labels = tuple(str(label) for label in facts["labels"])
        network = Network(facts["network"], Spec.from_dict(facts["spectrogram"]), len(labels))
        network.set_arrays(arrays)
        calibration = facts["calibration"]
        fitted = Fitted(
            network,
            labels,
            float(calibration["temperature"]),
            float(calibration["threshold"]),
            tuple(facts["history"]),
            facts["training"],
        )
        return fitted, facts["settings"]

    try:
        return mxnet_thread.run(read)
    except (KeyError, TypeError, AttributeError) as error:
        raise SavedModelError(f"{folder}: model.json is not what mediaml writes ({error!r})") from error


def _impressions(fitted: Fitted, items: Iterable[Item], batch_size: int) -> Iterator[Impression | AudioError]:
    """Gather pieces to batches, run the network, and put the windows of each item together again."""
    waiting: list[_Sum] = []
    windows = 0
    for piece in hear(items, fitted.spec):
        if not waiting or waiting[-1].complete:
            waiting.append(_Sum(piece.name))
        waiting[-1].add(piece)
        windows += len(piece.spectrograms)
        if windows >= batch_size or len(waiting) > batch_size:
            yield from _flush(fitted, waiting, batch_size)
            windows = 0
    yield from _flush(fitted, waiting, batch_size)


class _Sum:
    """The windows of one item, summed up as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.error: AudioError | None = None
        self.level = -np.inf
        self.segment: Any = None
        self.unheard: list[npt.NDArray[np.float32]] = []
        self.total: Any = 0.0
        self.count = 0
        self.complete = False

    def add(self, piece: Any) -> None:
        self.error = self.error or piece.error
        self.level = max(self.level, piece.level)
        self.segment = piece.segment or self.segment
        self.unheard.extend(piece.spectrograms)
        self.complete = piece.last

    def result(self) -> Impression | AudioError:
        return self.error or Impression(self.name, self.segment, self.level, self.total / self.count)


def _flush(fitted: Fitted, waiting: list[_Sum], batch_size: int) -> Iterator[Impression | AudioError]:
    """Let the network hear what waits, and give away the items that are complete."""
    spectrograms = [window for one in waiting for window in one.unheard]
    if spectrograms:
        rows = iter(fitted.probabilities(np.stack(spectrograms), batch_size))
        for one in waiting:
            for _ in one.unheard:
                one.total = one.total + next(rows)
                one.count += 1
            one.unheard = []
    complete = [one for one in waiting if one.complete]  # all but, perhaps, the last
    del waiting[: len(complete)]
    for one in complete:
        yield one.result()


def describe(dataset: AudioDataset) -> dict[str, Any]:
    """Tell which data this is: content, size, and the split it came from."""
    frame = dataset.frame
    return {
        "content": dataset.content_hash(),
        "clips": len(frame),
        "recordings": int(frame["path"].nunique()),
        "labels": list(dataset.labels),
        "origin": [dict(step) for step in dataset.origin],
    }
