"""Training of all layers of EfficientNet-Lite0 for other labels, from its ImageNet weights on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mediaml.runtime import _mx
from mediaml.runtime.objective import OBJECTIVES
from mediaml.vision.detector import FROZEN
from mediaml.vision.efficientnet import EMBEDDING, Floats, backbone, pretrained
from mediaml.vision.optimiser import Optimiser, rate, set_arrays


@dataclass(frozen=True)
class FineTuning:
    """How to train.

    Parameters
    ----------
    epochs
        Rounds through all pictures.
    batch_size
        Pictures a step.
    learning_rate, body_rate
        The highest of the head, and the share of it that the pretrained layers learn with.
    warmup
        Steps in which it rises.
    weight_decay
        Decoupled (Loshchilov & Hutter 2019).
    average
        The weights are kept as their moving average; this is the share of the past a step keeps.
    seed
        Of everything random.
    """

    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 1e-3
    body_rate: float = 0.1
    warmup: int = 20
    weight_decay: float = 1e-4
    average: float = 0.98
    seed: int = 7


class FineTuner:
    """The state of a training, and its steps. To be used on MXNet's thread.

    Parameters
    ----------
    labels
        How many.
    objective
        ``"single_label"`` or ``"multi_label"``.
    settings
        How.
    steps
        Of the whole training.
    """

    def __init__(self, labels: int, objective: str, settings: FineTuning, steps: int) -> None:
        mx = _mx.load()
        self.mx, self.settings, self.total = mx, settings, steps
        self.objective = OBJECTIVES[objective]
        self.net = mx.gluon.nn.HybridSequential(prefix="")
        self.net.add(backbone(), mx.gluon.nn.Dense(labels, in_units=EMBEDDING, prefix="head_"))
        self.net.initialize(mx.init.Zero())
        self.parameters = dict(self.net.collect_params().items())
        random = np.random.RandomState(settings.seed)
        head = {
            "head_weight": (random.standard_normal((labels, EMBEDDING)) * 0.01).astype(np.float32),
            "head_bias": np.zeros(labels, np.float32),
        }
        set_arrays(self.parameters, {**pretrained(), **head})
        for name, parameter in self.parameters.items():
            if name.startswith(FROZEN):
                parameter.grad_req = "null"
        self.optimiser = Optimiser(self.parameters, settings.weight_decay, settings.average)
        self.net.hybridize(static_alloc=True, static_shape=True)

    def step(self, inputs: Floats, targets: Floats) -> float:
        """Learn from a batch: inputs [n, 3, SIDE, SIDE], targets [n, labels]."""
        mx = self.mx
        with mx.autograd.record():
            loss = self.objective.recorded_loss(mx, self.net(_mx.array(inputs)), _mx.array(targets))
        loss.backward()
        self.optimiser.step(self._rate)
        return float(loss.asscalar())

    def logits(self, inputs: Floats) -> Floats:
        """Ask the averaged weights: float32 [n, labels]."""
        current = {name: parameter.data().asnumpy() for name, parameter in self.parameters.items()}
        set_arrays(self.parameters, self.optimiser.average)
        out: Floats = self.net(_mx.array(inputs)).asnumpy()
        set_arrays(self.parameters, current)
        return out

    def weights(self) -> Mapping[str, Any]:
        """Give the averaged weights by name."""
        return dict(self.optimiser.average)

    def _rate(self, name: str) -> float:
        settings = self.settings
        now = rate(self.optimiser.steps, self.total, settings.learning_rate, settings.warmup)
        return now * settings.body_rate if name.startswith("lite0_") else now
