"""Training of the detector: changed pictures in, focal and smooth L1 losses, Adam along a cosine, averaged weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.runtime import _mx
from mediaml.runtime.cores import available_cores
from mediaml.vision.anchors import VARIANCES, Anchors
from mediaml.vision.box_augment import Example, changed
from mediaml.vision.detector import FROZEN, SIDE, first_weights, made
from mediaml.vision.efficientnet import Floats
from mediaml.vision.views import as_input, squash

GAMMA, ALPHA = 2.0, 0.25  # of the focal loss (Lin et al. 2017)
MATCH = 0.5  # IoU from which on an anchor is a box's
SIDE_OF_BOX = 1.0  # weight of the shifts in the loss
LARGEST_GRADIENT = 10.0


@dataclass(frozen=True)
class DetectorSettings:
    """How to train.

    Parameters
    ----------
    epochs
        Rounds through all pictures; in a small set at least `least_steps` steps are taken.
    batch_size
        Pictures a step.
    least_steps
        Of the whole training.
    learning_rate, body_rate
        The highest of the new layers, and the share of it that the pretrained ones learn with.
    warmup
        Steps in which it rises.
    weight_decay
        Decoupled (Loshchilov & Hutter 2019).
    average
        The weights are kept as their moving average; this is the share of the past a step keeps.
    flips
        Mirror pictures; not where a mirrored thing is another thing, as with writing.
    seed
        Of everything random.
    """

    epochs: int = 30
    batch_size: int = 8
    least_steps: int = 400
    learning_rate: float = 1e-3
    body_rate: float = 0.3
    warmup: int = 30
    weight_decay: float = 1e-4
    average: float = 0.99
    flips: bool = True
    seed: int = 7


class DetectorTrainer:
    """The state of a training between two epochs, and the step from one to the next. Runs on MXNet's thread."""

    def __init__(self, labels: int, anchors: Anchors, settings: DetectorSettings, pictures: int) -> None:
        self.mx = _mx.load()
        self.settings = settings
        self.net = made(labels, anchors)
        self.net.initialize(self.mx.init.Zero())
        self.parameters = dict(self.net.collect_params().items())
        self.set_arrays(first_weights(self.net, settings.seed))
        for name, parameter in self.parameters.items():
            if name.startswith(FROZEN):
                parameter.grad_req = "null"
        self.learnable = {name: one for name, one in self.parameters.items() if one.grad_req != "null"}
        self.moments = {
            name: (self.mx.nd.zeros(one.shape), self.mx.nd.zeros(one.shape)) for name, one in self.learnable.items()
        }
        self.net.hybridize(static_alloc=True, static_shape=True)
        self.anchors = _mx.array(anchors.corners(SIDE)[None])
        self.average = self.arrays()
        self.steps_an_epoch = -(-pictures // settings.batch_size)
        self.epochs = max(settings.epochs, -(-settings.least_steps // self.steps_an_epoch))
        self.steps = 0
        self.done = 0

    def arrays(self) -> dict[str, Floats]:
        """Copy all weights by name."""
        return {name: parameter.data().asnumpy() for name, parameter in self.parameters.items()}

    def set_arrays(self, arrays: Mapping[str, Floats]) -> None:
        """Put weights in place."""
        for name, parameter in self.parameters.items():
            parameter.set_data(_mx.array(np.ascontiguousarray(arrays[name])))

    def batches(self, count: int) -> list[npt.NDArray[np.int64]]:
        """Draw the pictures of each step of the next epoch; the last step is filled up from the first."""
        random = np.random.RandomState([self.settings.seed, self.done + 1])
        order = random.permutation(count)
        wanted = self.steps_an_epoch * self.settings.batch_size
        return np.split(np.resize(order, wanted), self.steps_an_epoch)

    def step(self, inputs: Floats, truth: Floats) -> float:
        """Learn from a batch: inputs [n, 3, SIDE, SIDE], truth [n, most boxes, 5] (label, corners; -1: no box)."""
        mx = self.mx
        x, boxes = _mx.array(inputs), _mx.array(truth)
        with mx.autograd.record():
            scores, shifts = self.net(x)
            with mx.autograd.pause():
                targets = self._targets(boxes, scores)
            loss = _loss(mx, scores, shifts, *targets)
        loss.backward()
        self.steps += 1
        self._adam()
        self._follow()
        return float(loss.asscalar())

    def _targets(self, boxes: Any, scores: Any) -> tuple[Any, Any, Any]:
        """Give each anchor the box that it should become, and its label, counted from 1; 0 is background."""
        mx = self.mx
        dummy = mx.nd.zeros((scores.shape[0], scores.shape[2] + 1, scores.shape[1]))
        shift, mask, label = mx.nd.contrib.MultiBoxTarget(
            self.anchors, boxes, dummy,
            overlap_threshold=MATCH, ignore_label=-1, negative_mining_ratio=-1, variances=VARIANCES,
        )  # fmt: skip
        shape = (scores.shape[0], scores.shape[1], 4)
        return shift.reshape(shape), mask.reshape(shape), label

    def _adam(self, beta1: float = 0.9, beta2: float = 0.999) -> None:
        mx, settings = self.mx, self.settings
        correction = np.sqrt(1 - beta2**self.steps) / (1 - beta1**self.steps)
        one = mx.nd.ones(1)
        gradients = [parameter.grad() for parameter in self.learnable.values()]
        mx.gluon.utils.clip_global_norm(gradients, LARGEST_GRADIENT)
        rate = self._rate()
        for name, parameter in self.learnable.items():
            mean, square = self.moments[name]
            weight = parameter.data()
            mx.nd.contrib.adamw_update(
                weight, parameter.grad(), mean, square, one,
                lr=correction, eta=rate * (settings.body_rate if name.startswith("lite0_") else 1.0),
                wd=settings.weight_decay if len(parameter.shape) > 1 else 0.0, beta1=beta1, beta2=beta2, out=weight,
            )  # fmt: skip

    def _rate(self) -> float:
        settings, total = self.settings, self.epochs * self.steps_an_epoch
        if self.steps < settings.warmup:
            return settings.learning_rate * self.steps / settings.warmup
        along = (self.steps - settings.warmup) / max(1, total - settings.warmup)
        return settings.learning_rate * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(1.0, along)))))

    def _follow(self) -> None:
        """Let the average follow the weights; young averages keep less of the past."""
        keep = np.float32(min(self.settings.average, self.steps / (self.steps + 10.0)))
        for name, parameter in self.learnable.items():
            self.average[name] = keep * self.average[name] + (1 - keep) * parameter.data().asnumpy()


def _loss(mx: Any, scores: Any, shifts: Any, shift: Any, mask: Any, label: Any) -> Any:
    """Sum of the focal loss over all anchors and labels, and of smooth L1 over the anchors that have a box."""
    positives = mx.nd.maximum((label > 0).sum(), 1)
    wanted = mx.nd.one_hot(label, scores.shape[2] + 1)
    wanted = mx.nd.slice_axis(wanted, axis=2, begin=1, end=None)
    sure = mx.nd.sigmoid(scores)
    # log(sigmoid(x)) and log(1 - sigmoid(x)) without rounding to minus infinity
    log_true, log_false = -mx.nd.Activation(-scores, "softrelu"), -mx.nd.Activation(scores, "softrelu")
    focal = -ALPHA * wanted * (1 - sure) ** GAMMA * log_true - (1 - ALPHA) * (1 - wanted) * sure**GAMMA * log_false
    places = mx.nd.smooth_l1((shifts - shift) * mask, scalar=1.0)
    return (focal.sum() + SIDE_OF_BOX * places.sum()) / positives


def prepared(
    examples: Sequence[Callable[[], Example]], rows: npt.NDArray[np.int64], seeds: Sequence[int], flips: bool
) -> tuple[Floats, Floats]:
    """Change the pictures of a step, in threads: inputs [n, 3, SIDE, SIDE] and truth [n, most boxes, 5]."""
    with ThreadPoolExecutor(available_cores()) as pool:
        found = list(
            pool.map(lambda row, seed: _one(changed(examples[row](), np.random.RandomState(seed), flips)), rows, seeds)
        )
    return as_input(np.stack([pixels for pixels, _ in found])), padded([truth for _, truth in found])


def _one(example: Example) -> tuple[npt.NDArray[np.uint8], Floats]:
    truth = np.concatenate([example.labels[:, None].astype(np.float32), example.corners], axis=1)
    return squash(example.pixels, SIDE), truth


def padded(truths: Sequence[Floats]) -> Floats:
    """Stack boxes [n, 5] of several pictures, filled up with -1."""
    most = max(1, *(len(one) for one in truths)) if truths else 1
    out = np.full((len(truths), most, 5), -1, np.float32)
    for number, truth in enumerate(truths):
        out[number, : len(truth)] = truth
    return out
