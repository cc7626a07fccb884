"""Training: epochs over spectrograms, chosen on validation, resumable from the last epoch.

An epoch depends on the state it starts from and on (seed, number of the epoch) alone. So a training that was killed and
goes on from its checkpoint ends with the weights of one that was never interrupted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from . import _mx, augment, store
from .calibration import fit_temperature, negative_log_likelihood
from .faults import CheckpointFault, Interrupted
from .network import Network

CHECKPOINT = "checkpoint"


class Examples(NamedTuple):
    """Spectrograms float32 [n, mel_bands, frames] in dB and the number of each one's label, int [n]."""

    inputs: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Settings:
    """How to train.

    Parameters
    ----------
    epochs
        At most.
    batch_size
        Spectrograms a step.
    least_steps
        In an epoch. Few examples are shown more than once in it, each time changed in another way: a network needs a
        number of steps, not of files (docs/decisions/0004-the-cnn.md).
    seed
        Of everything random.
    learning_rate
        The highest, reached after `warmup` of all steps; then it falls along a cosine to zero.
    warmup
        Share of the steps in which the rate rises.
    weight_decay
        Decoupled (Loshchilov & Hutter 2019), relative to the learning rate.
    patience
        Epochs without a better validation loss after which training ends.
    average
        Weights are judged and kept as their exponential moving average; this is the share of the past a step keeps.
    mixup
        Alpha of the Beta distribution of the blend; 0 turns it off.
    mask_bands, mask_frames
        Widest cover as a share of the spectrogram; 0 turns it off.
    gain_decibels
        Largest random change of loudness.
    warp_bands, stretch
        Largest random change of pitch, in bands, and of tempo, as a share.
    """

    epochs: int = 30
    batch_size: int = 32
    least_steps: int = 32
    seed: int = 7
    learning_rate: float = 3e-3
    warmup: float = 0.1
    weight_decay: float = 1e-2
    patience: int = 12
    average: float = 0.95
    mixup: float = 0.3
    mask_bands: float = 0.15
    mask_frames: float = 0.15
    gain_decibels: float = 6.0
    warp_bands: int = 0
    stretch: float = 0.0


class Trained(NamedTuple):
    """The weights of the best epoch and what each epoch measured."""

    arrays: Dict[str, np.ndarray]
    history: List[Dict[str, float]]
    best_epoch: int


OnEpoch = Callable[[Mapping[str, float]], object]
ShouldStop = Callable[[], bool]


def train(
    network: Network,
    training: Examples,
    validation: Examples,
    settings: Settings,
    checkpoint: Optional[str] = None,
    fingerprint: str = "",
    on_epoch: Optional[OnEpoch] = None,
    should_stop: Optional[ShouldStop] = None,
) -> Trained:
    """Train a network and give the weights of the epoch that was best on `validation`.

    Parameters
    ----------
    network
        With its first weights; it is changed.
    training, validation
        The examples. Labels are weighted so that each counts the same, however many examples it has.
    settings
        How.
    checkpoint
        A folder. The state is kept there after every epoch, and a training that finds its own state there goes on.
    fingerprint
        Of the data; a checkpoint of another one is refused.
    on_epoch
        Called after each epoch with what it measured; also for the epochs that a checkpoint brings back.
    should_stop
        Asked before each step.

    Raises
    ------
    CheckpointFault
        The folder holds the state of another training.
    Interrupted
        `should_stop` said so. The last checkpoint stands.
    """
    identity = json.dumps([fingerprint, network.name, network.spec.digest, asdict(settings)], sort_keys=True)
    run = _Run(network, training, settings)
    if store.exists(checkpoint, CHECKPOINT):
        run.restore(*_read_checkpoint(str(checkpoint), identity))
    notify = on_epoch or (lambda measured: None)
    for measured in run.history:
        notify(measured)
    while len(run.history) < settings.epochs and not run.is_stale():
        run.epoch(training, validation, should_stop or (lambda: False))
        if checkpoint is not None:
            facts, arrays = run.state()
            store.write(checkpoint, CHECKPOINT, dict(facts, identity=identity), arrays)
        notify(run.history[-1])
    network.set_arrays(run.best)
    return Trained(run.best, run.history, run.best_epoch)


def _read_checkpoint(folder: str, identity: str) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
    facts, arrays = store.read(folder, CHECKPOINT)
    if facts.get("identity") != identity:
        raise CheckpointFault(
            "{}: this checkpoint belongs to a training with other data, settings or another network. Give another "
            "folder, or delete this one to start anew.".format(folder)
        )
    return facts, arrays


class _Run:
    """The state of a training between two epochs, and the step from one to the next."""

    def __init__(self, network: Network, training: Examples, settings: Settings) -> None:
        self.network = network
        self.settings = settings
        network.standardise_by(training.inputs)
        self.fill = training.inputs.mean(axis=(0, 2), dtype=np.float64).astype(np.float32)
        self.targets = _weighted_targets(training.labels, network.labels)
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

    def epoch(self, training: Examples, validation: Examples, should_stop: ShouldStop) -> None:
        """Train for one epoch and measure the averaged weights on validation."""
        number = len(self.history) + 1
        random = np.random.RandomState([self.settings.seed, number])
        self.network.mx.random.seed(int(random.randint(1 << 30)))  # for dropout
        losses = []
        for rows in _batches(len(training.inputs), self.settings, random):
            if should_stop():
                raise Interrupted("training was stopped in epoch {}".format(number))
            inputs, targets = self._augmented(training.inputs[rows], self.targets[rows], random)
            losses.append(
                self._step(inputs, targets, self.settings.epochs * _steps(len(training.inputs), self.settings))
            )
        current = self.network.arrays()
        self.network.set_arrays(self.average)
        loss, accuracy = _measure(self.network, validation, self.settings.batch_size)
        if number == 1 or loss < self.history[self.best_epoch - 1]["validation_loss"]:
            self.best, self.best_epoch = dict(self.average), number
        self.network.set_arrays(current)
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
        inputs = augment.gain(augment.time_shift(inputs, random), random, settings.gain_decibels)
        if settings.warp_bands or settings.stretch:
            inputs = augment.warp(inputs, random, settings.warp_bands, settings.stretch)
        if settings.mixup > 0:
            inputs, targets = augment.mixup(inputs, targets, random, settings.mixup)
        bands, frames = (
            int(round(share * length)) + 1
            for share, length in zip((settings.mask_bands, settings.mask_frames), inputs.shape[1:])
        )
        return augment.mask(inputs, random, self.fill, bands, frames), targets

    def _step(self, inputs: np.ndarray, targets: np.ndarray, total: int) -> float:
        mx = self.network.mx
        with mx.autograd.record():
            logs = mx.nd.log_softmax(self.network.block(_mx.array(inputs)), axis=-1)
            loss = -(logs * _mx.array(targets)).sum(axis=1).mean()
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


def _weighted_targets(labels: np.ndarray, count: int) -> np.ndarray:
    """Give one-hot rows [n, labels], scaled so that every label has the same weight in the loss."""
    present = np.bincount(labels, minlength=count)
    weights = len(labels) / (max(1, np.count_nonzero(present)) * np.maximum(present, 1))
    targets = np.zeros((len(labels), count), np.float32)
    targets[np.arange(len(labels)), labels] = weights[labels]
    return targets


def _rate(step: int, total: int, settings: Settings) -> float:
    """Learning rate: a linear rise, then half a cosine (Loshchilov & Hutter 2017)."""
    rise = max(1.0, settings.warmup * total)
    if step < rise:
        return settings.learning_rate * step / rise
    return settings.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (step - rise) / max(1.0, total - rise))))


def _measure(network: Network, examples: Examples, batch_size: int) -> Tuple[float, float]:
    """Negative log-likelihood once calibrated, and accuracy.

    Calibration comes after training anyway: an epoch is not worse for being too sure or too timid.
    """
    logits = network.logits(examples.inputs, batch_size)
    temperature = fit_temperature(logits, examples.labels)
    loss = negative_log_likelihood(logits, examples.labels, temperature)
    return loss, float((logits.argmax(axis=1) == examples.labels).mean())
