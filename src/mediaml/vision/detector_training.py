"""Training of the detector: changed pictures in, focal and smooth L1 losses, Adam along a cosine, averaged weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.runtime import _mx
from mediaml.vision.anchors import VARIANCES, Anchors
from mediaml.vision.box_augment import HORIZONTAL, Example
from mediaml.vision.detector import FROZEN, SIDE, first_weights, made
from mediaml.vision.efficientnet import Floats
from mediaml.vision.optimiser import Optimiser, rate, set_arrays
from mediaml.vision.views import squash

GAMMA, ALPHA = 2.0, 0.25  # of the focal loss (Lin et al. 2017)
MATCH = 0.5  # IoU from which on an anchor is a box's


@dataclass(frozen=True)
class DetectorSettings:
    """How to train.

    Parameters
    ----------
    side
        Pixels of the square that is looked at.
    epochs
        Rounds through all pictures; in a small set as many as `least_steps` take.
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
        One of `box_augment.FLIPS`.
    seed
        Of everything random.
    """

    side: int = SIDE
    epochs: int = 25
    batch_size: int = 8
    least_steps: int = 300
    learning_rate: float = 1e-3
    body_rate: float = 0.3
    warmup: int = 30
    weight_decay: float = 1e-4
    average: float = 0.99
    flips: str = HORIZONTAL
    seed: int = 7


class DetectorTrainer:
    """The state of a training, and its steps. To be used on MXNet's thread."""

    def __init__(self, labels: int, anchors: Anchors, settings: DetectorSettings, pictures: int) -> None:
        self.mx = _mx.load()
        self.settings = settings
        self.net = made(labels, anchors)
        self.net.initialize(self.mx.init.Zero())
        self.parameters = dict(self.net.collect_params().items())
        set_arrays(self.parameters, first_weights(self.net, settings.seed))
        for name, parameter in self.parameters.items():
            if name.startswith(FROZEN):
                parameter.grad_req = "null"
        self.optimiser = Optimiser(self.parameters, settings.weight_decay, settings.average)
        self.net.hybridize(static_alloc=True, static_shape=True)
        self.anchors = _mx.array(anchors.corners(settings.side)[None])
        self.steps_an_epoch = -(-pictures // settings.batch_size)
        self.epochs = max(settings.epochs, -(-settings.least_steps // self.steps_an_epoch))

    def step(self, inputs: Floats, truth: Floats) -> float:
        """Learn from a batch: inputs [n, 3, side, side], truth [n, most boxes, 5] (label, corners; -1: no box)."""
        mx = self.mx
        x, boxes = _mx.array(inputs), _mx.array(truth)
        with mx.autograd.record():
            scores, shifts = self.net(x)
            with mx.autograd.pause():
                targets = self._targets(boxes, scores)
            loss = _loss(mx, scores, shifts, *targets)
        loss.backward()
        self.optimiser.step(self._rate)
        return float(loss.asscalar())

    def weights(self) -> dict[str, Floats]:
        """Give the averaged weights by name."""
        return dict(self.optimiser.average)

    def state(self) -> dict[str, dict[str, Floats]]:
        """Give all arrays that the next step depends on."""
        optimiser = self.optimiser
        return {
            "weights": {name: one.data().asnumpy() for name, one in self.parameters.items()},
            "average": dict(optimiser.average),
            "means": {name: mean.asnumpy() for name, (mean, _) in optimiser.moments.items()},
            "squares": {name: square.asnumpy() for name, (_, square) in optimiser.moments.items()},
        }

    def restore(self, steps: int, state: Mapping[str, Mapping[str, Floats]]) -> None:
        """Take up what `state` gave after so many steps."""
        set_arrays(self.parameters, state["weights"])
        self.optimiser.steps, self.optimiser.average = steps, dict(state["average"])
        for name, (mean, square) in self.optimiser.moments.items():
            mean[:] = state["means"][name]
            square[:] = state["squares"][name]

    def _rate(self, name: str) -> float:
        settings = self.settings
        total = self.epochs * self.steps_an_epoch
        now = rate(self.optimiser.steps, total, settings.learning_rate, settings.warmup)
        return now * settings.body_rate if name.startswith("lite0_") else now

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
    return (focal.sum() + places.sum()) / positives


def batches(pictures: int, size: int, seed: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    """Draw the pictures of each step of an epoch; the last step is filled up from the first."""
    order = np.random.RandomState(list(seed)).permutation(pictures)
    steps = -(-pictures // size)
    return np.split(np.resize(order, steps * size), steps)


def square(example: Example, side: int) -> tuple[npt.NDArray[np.uint8], Floats]:
    """Give a picture as the network takes it, and its boxes [n, 5]: label, corners."""
    truth = np.concatenate([example.labels[:, None].astype(np.float32), example.corners], axis=1)
    return squash(example.pixels, side), truth


def padded(truths: Sequence[Floats]) -> Floats:
    """Stack boxes [n, 5] of several pictures, filled up with -1."""
    out = np.full((len(truths), max(1, *(len(one) for one in truths), 1), 5), -1, np.float32)
    for number, truth in enumerate(truths):
        out[number, : len(truth)] = truth
    return out
