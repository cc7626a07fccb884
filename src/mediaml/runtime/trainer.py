"""One epoch after another: steps of Adam on changed examples, averaged weights, the best of them kept."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Tuple

import numpy as np

from . import _mx, augment
from .network import Network
from .objective import OBJECTIVES, fit_temperature
from .settings import Examples, Settings

AS_GOOD = 1.02  # of epochs whose losses are this close, the later is kept: a few validation clips are soon all right
Execute = Callable[[Callable[[], Any]], Any]
"""Runs a function where MXNet may be used, and gives what it gives."""


class Trainer:
    """The state of a training between two epochs, and the step from one to the next.

    Whatever runs MXNet is handed to `execute`, one step at a time: where one thread serves all of MXNet's work, others
    get their turn in between.
    """

    def __init__(self, network: Network, training: Examples, settings: Settings, execute: Execute) -> None:
        self.network = network
        self.settings = settings
        self.execute = execute
        network.standardise_by(training.inputs)
        self.fill = training.inputs.mean(axis=(0, 2), dtype=np.float64).astype(np.float32)
        self.objective = OBJECTIVES[settings.objective]
        self.targets = self.objective.targets(training.truth)
        self.moments = [
            (network.mx.nd.zeros(parameter.shape), network.mx.nd.zeros(parameter.shape))
            for parameter in network.learnable()
        ]
        self.average = network.arrays()
        self.best = network.arrays()
        self.best_epoch = 0
        self.steps = 0
        self.history: List[Dict[str, float]] = []

    def is_stale(self) -> bool:
        """Tell whether the validation loss has not fallen for `patience` epochs."""
        return len(self.history) - self.best_epoch >= self.settings.patience

    def state(self) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
        """Give all that the next epoch depends on."""
        arrays = {"weight/" + name: array for name, array in self.network.arrays().items()}
        arrays.update({"average/" + name: array for name, array in self.average.items()})
        arrays.update({"best/" + name: array for name, array in self.best.items()})
        for number, (mean, square) in enumerate(self.moments):
            arrays["mean/{}".format(number)] = mean.asnumpy()
            arrays["square/{}".format(number)] = square.asnumpy()
        return {"history": self.history, "best_epoch": self.best_epoch, "steps": self.steps}, arrays

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Take up what `state` gave."""
        self.history, self.best_epoch, self.steps = list(facts["history"]), facts["best_epoch"], facts["steps"]
        self.network.set_arrays(_under("weight/", arrays))
        self.average, self.best = _under("average/", arrays), _under("best/", arrays)
        for number, (mean, square) in enumerate(self.moments):
            mean[:] = arrays["mean/{}".format(number)]
            square[:] = arrays["square/{}".format(number)]

    def epoch(self, training: Examples, validation: Examples) -> None:
        """Train for one epoch and measure the averaged weights on validation."""
        number = len(self.history) + 1
        random = np.random.RandomState([self.settings.seed, number])
        total = self.settings.epochs * _steps(len(training.inputs), self.settings)
        losses = []
        for rows in _batches(len(training.inputs), self.settings, random):
            inputs, targets = self._augmented(training.inputs[rows], self.targets[rows], random)
            seed = int(random.randint(1 << 30))  # for dropout: others may draw from MXNet's numbers between two steps
            losses.append(self.execute(partial(self._step, inputs, targets, total, seed)))
        loss, accuracy = self.execute(partial(self._judge, validation))
        lowest = min([loss] + [measured["validation_loss"] for measured in self.history])
        if loss <= AS_GOOD * lowest:
            self.best, self.best_epoch = dict(self.average), number
        self.history.append(
            {
                "epoch": number,
                "training_loss": float(np.mean(losses)),
                "validation_loss": loss,
                "validation_accuracy": accuracy,
            }
        )

    def _augmented(
        self, inputs: np.ndarray, targets: np.ndarray, random: np.random.RandomState
    ) -> Tuple[np.ndarray, np.ndarray]:
        settings = self.settings
        inputs = augment.gain(
            augment.time_shift(inputs, random), random, settings.gain_decibels * self.network.spec.decibel
        )
        if settings.mixup > 0:
            inputs, targets = augment.mixup(inputs, targets, random, settings.mixup)
        bands, frames = (
            int(round(share * length)) + 1
            for share, length in zip((settings.mask_bands, settings.mask_frames), inputs.shape[1:])
        )
        return augment.mask(inputs, random, self.fill, bands, frames), targets

    def _step(self, inputs: np.ndarray, targets: np.ndarray, total: int, seed: int) -> float:
        mx = self.network.mx
        mx.random.seed(seed)
        with mx.autograd.record():
            loss = self.objective.recorded_loss(mx, self.network.block(_mx.array(inputs)), _mx.array(targets))
        loss.backward()
        self.steps += 1
        self._adam(_rate(self.steps, total, self.settings))
        self._follow()
        return float(loss.asscalar())

    def _adam(self, rate: float, beta1: float = 0.9, beta2: float = 0.999) -> None:
        """Adam with decoupled weight decay; matrices and filters decay, scales and shifts do not."""
        mx = self.network.mx
        correction = np.sqrt(1 - beta2**self.steps) / (1 - beta1**self.steps)
        one = mx.nd.ones(1)
        for parameter, (mean, square) in zip(self.network.learnable(), self.moments):
            weight = parameter.data()
            decay = self.settings.weight_decay if len(parameter.shape) > 1 else 0.0
            mx.nd.contrib.adamw_update(
                weight, parameter.grad(), mean, square, one,
                lr=correction, eta=rate, wd=decay, beta1=beta1, beta2=beta2, out=weight,
            )  # fmt: skip

    def _follow(self) -> None:
        """Let the average follow the weights; young averages keep less of the past (as 1 / steps)."""
        keep = np.float32(min(self.settings.average, self.steps / (self.steps + 10.0)))
        for name, array in self.network.arrays().items():
            self.average[name] = keep * self.average[name] + (1 - keep) * array

    def _judge(self, validation: Examples) -> Tuple[float, float]:
        """Measure the averaged weights."""
        current = self.network.arrays()
        self.network.set_arrays(self.average)
        measured = _measure(self.network, validation, self.settings)
        self.network.set_arrays(current)
        return measured


def _under(prefix: str, arrays: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}


def _steps(examples: int, settings: Settings) -> int:
    """Count the steps of an epoch."""
    return max(settings.least_steps, -(-examples // settings.batch_size))


def _batches(examples: int, settings: Settings, random: np.random.RandomState) -> List[np.ndarray]:
    """Draw the rows of each step of an epoch: as many rounds through all examples as its steps take, in new order."""
    steps = _steps(examples, settings)
    wanted = steps * settings.batch_size
    rounds = [random.permutation(examples) for _ in range(-(-wanted // examples))]
    return np.split(np.concatenate(rounds)[:wanted], steps)


def _rate(step: int, total: int, settings: Settings) -> float:
    """Learning rate: a linear rise, then half a cosine (Loshchilov & Hutter 2017)."""
    rise = max(1.0, settings.warmup * total)
    if step < rise:
        return settings.learning_rate * step / rise
    return settings.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (step - rise) / max(1.0, total - rise))))


def _measure(network: Network, examples: Examples, settings: Settings) -> Tuple[float, float]:
    """Negative log-likelihood once calibrated, and accuracy.

    Calibration comes after training anyway: an epoch is not worse for being too sure or too timid.
    """
    objective = OBJECTIVES[settings.objective]
    logits = network.logits(examples.inputs, settings.batch_size)
    temperature = fit_temperature(objective, logits, examples.truth)
    loss = -float(objective.log_likelihood(logits, examples.truth, temperature).mean())
    return loss, objective.accuracy(logits, examples.truth)
