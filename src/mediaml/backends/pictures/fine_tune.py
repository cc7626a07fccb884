"""All layers of EfficientNet-Lite0 trained on a dataset; the epoch that is best on validation is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import decode
from mediaml.data.progress import bar
from mediaml.errors import ImageError
from mediaml.features.examples import truth_of
from mediaml.runtime.cores import available_cores
from mediaml.runtime.objective import OBJECTIVES, fit_temperature
from mediaml.values.picture import Picture
from mediaml.vision.changed import changed_picture
from mediaml.vision.detector_training import batches
from mediaml.vision.fine_tuning import FineTuner, FineTuning
from mediaml.vision.views import AROUND, as_input, crop, squash

Floats = npt.NDArray[np.float32]


def fine_tuned(
    train: ImageDataset, validation: ImageDataset, settings: FineTuning, objective: str, progress: bool
) -> tuple[Mapping[str, Any], tuple[dict[str, float], ...]]:
    """Train, and give the weights of the epoch with the lowest validation loss, and what each epoch measured.

    What cannot be read is left out here; the head's training, which comes next, says so.
    """
    labels = train.labels
    pictures, held_out = _readable(train), _readable(validation)
    truth, true = truth_of(pictures, labels), truth_of(held_out, labels)
    targets = OBJECTIVES[objective].targets(truth)
    steps = -(-len(pictures) // settings.batch_size) * settings.epochs
    tuner = mxnet_thread.run(lambda: FineTuner(len(labels), objective, settings, steps))
    history: list[dict[str, float]] = []
    best: Mapping[str, Any] = {}
    with bar(settings.epochs, "training", "epoch", progress) as trained:
        for epoch in range(settings.epochs):
            loss = float(np.mean(list(_steps(tuner, pictures, targets, settings, epoch))))
            measured = _measured(tuner, held_out, true, objective)
            if not history or measured["validation_loss"] < min(one["validation_loss"] for one in history):
                best = mxnet_thread.run(tuner.weights)
            history.append({"epoch": epoch + 1, "training_loss": loss, **measured})
            told = f"validation {100 * measured['validation_accuracy']:.0f} %"
            trained(told, line=f"epoch {epoch + 1} of {settings.epochs}, {told}")
    return best, tuple(history)


def _readable(dataset: ImageDataset) -> list[Picture]:
    with ThreadPoolExecutor(available_cores()) as pool:
        opens = pool.map(_opens, [one.path for one in dataset])
        return [one for one, good in zip(dataset, opens, strict=True) if good]


def _opens(path: str) -> bool:
    try:
        decode.read(path, AROUND)
    except ImageError:
        return False
    return True


def _steps(tuner: FineTuner, pictures: Sequence[Picture], targets: Floats, settings: FineTuning, epoch: int) -> Any:
    """Take the steps of an epoch; the next batch is prepared while the network learns."""
    order = batches(len(pictures), settings.batch_size, [settings.seed, epoch])

    def prepare(number: int) -> tuple[Floats, Floats]:
        rows = order[number]
        squares = [
            squash(changed_picture(decode.read(pictures[row].path, AROUND), np.random.RandomState(seed)))
            for row, seed in zip(rows, _seeds(settings.seed, epoch, number, len(rows)), strict=True)
        ]
        return as_input(np.stack(squares)), targets[rows]

    with ThreadPoolExecutor(1, "mediaml-batches") as pool:
        coming = pool.submit(prepare, 0)
        for number in range(len(order)):
            batch = coming.result()
            if number + 1 < len(order):
                coming = pool.submit(prepare, number + 1)
            yield mxnet_thread.run(partial(tuner.step, *batch))


def _seeds(seed: int, epoch: int, step: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.RandomState([seed, epoch, step]).randint(1 << 30, size=count)


def _measured(tuner: FineTuner, pictures: Sequence[Picture], truth: Floats, objective: str) -> dict[str, float]:
    """Loss once calibrated, and accuracy, on what was held out."""
    parts = []
    size = tuner.settings.batch_size
    for first in range(0, len(pictures), size):
        some = [crop(decode.read(one.path, AROUND)) for one in pictures[first : first + size]]
        batch = as_input(np.stack(some + [some[0]] * (size - len(some))))  # one shape: MXNet plans its memory once
        parts.append(mxnet_thread.run(partial(tuner.logits, batch))[: len(some)])
    logits, how = np.concatenate(parts), OBJECTIVES[objective]
    loss = -float(how.log_likelihood(logits, truth, fit_temperature(how, logits, truth)).mean())
    return {"validation_loss": loss, "validation_accuracy": how.accuracy(logits, truth)}
