"""From examples to a fitted model: train a network, calibrate it, choose its threshold."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.features.examples import Heard
from mediaml.runtime import loop
from mediaml.runtime.calibration import fit_temperature, softmax, threshold_keeping
from mediaml.runtime.network import Network
from mediaml.runtime.settings import Settings
from mediaml.runtime.spec import Spec


@dataclass(frozen=True)
class Training:
    """All that a training depends on, but for the examples.

    Parameters
    ----------
    network
        Its name.
    spec
        The front end.
    labels
        In the order of the network's outputs.
    settings
        How to train.
    data
        Which data the examples are, for the record; their content hashes tell one training from another.
    checkpoint
        A folder for the state after each epoch; None: nothing is kept.
    """

    network: str
    spec: Spec
    labels: tuple[str, ...]
    settings: Settings
    data: Mapping[str, Mapping[str, Any]]
    checkpoint: str | None = None

    def run(self, training: Heard, validation: Heard, accept: float, on_epoch: Callable[[str], object]) -> Fitted:
        """Train, calibrate and choose the threshold; `on_epoch` is told how each epoch went."""

        network = mxnet_thread.run(lambda: Network(self.network, self.spec, len(self.labels), self.settings.seed))
        surroundings = loop.Surroundings(
            self.checkpoint,
            self._fingerprint(),
            lambda measured: on_epoch(f"validation {100 * measured['validation_accuracy']:.0f} %"),
            mxnet_thread.run,
        )
        with mxnet_thread.translated():
            result = loop.train(network, training.examples, validation.examples, self.settings, surroundings)
        held_out = validation.examples.inputs
        logits = mxnet_thread.run(lambda: network.logits(held_out, self.settings.batch_size))
        temperature = fit_temperature(logits, validation.examples.labels)
        confidence = _by_clip(softmax(logits, temperature), validation.clips).max(axis=1)
        return Fitted(
            network,
            self.labels,
            temperature,
            threshold_keeping(confidence, accept),
            tuple(result.history),
            {
                "data": self.data,
                "best_epoch": result.best_epoch,
                "versions": _versions(),
                "settings": asdict(self.settings),
            },
        )

    def _fingerprint(self) -> str:
        contents = [str(described["content"]) for described in self.data.values()]
        return "-".join([*contents, *self.labels])


def _by_clip(probabilities: npt.NDArray[np.float64], clips: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Mean over the windows of each clip, as in prediction: [windows, labels] to [clips, labels]."""
    numbers, owners = np.unique(clips, return_inverse=True)
    sums = np.zeros((len(numbers), probabilities.shape[1]))
    np.add.at(sums, owners, probabilities)
    means: npt.NDArray[np.float64] = sums / np.bincount(owners)[:, None]
    return means


def _versions() -> dict[str, str]:
    """Tell what this was made with, and when."""
    packages = {name: version(name) for name in ("mediaml", "mxnet", "numpy", "scipy", "soundfile")}
    return {"python": platform.python_version(), **packages, "date": datetime.now(UTC).isoformat(timespec="seconds")}
