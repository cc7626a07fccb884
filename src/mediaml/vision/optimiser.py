"""Adam with decoupled weight decay, and weights kept as their moving average."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mediaml.runtime import _mx
from mediaml.vision.efficientnet import Floats

BETA1, BETA2 = 0.9, 0.999
LARGEST_GRADIENT = 10.0  # norm of all together; what is above is shortened


class Optimiser:
    """Changes the parameters of a network by their gradients (Loshchilov & Hutter 2019).

    Parameters
    ----------
    parameters
        MXNet's, by name; those without a gradient are left as they are.
    weight_decay
        Of matrices and filters, relative to the learning rate.
    average
        The share of the past that a step keeps in the average.
    """

    def __init__(self, parameters: Mapping[str, Any], weight_decay: float, average: float) -> None:
        self.mx = _mx.load()
        self.learnable = {name: one for name, one in parameters.items() if one.grad_req != "null"}
        self.weight_decay, self.keep = weight_decay, average
        self.moments = {
            name: (self.mx.nd.zeros(one.shape), self.mx.nd.zeros(one.shape)) for name, one in self.learnable.items()
        }
        self.average: dict[str, Floats] = {name: one.data().asnumpy() for name, one in parameters.items()}
        self.steps = 0

    def step(self, rate_of: Callable[[str], float]) -> None:
        """Take a step against the gradients; `rate_of` gives the learning rate by the parameter's name."""
        mx = self.mx
        self.steps += 1
        correction = np.sqrt(1 - BETA2**self.steps) / (1 - BETA1**self.steps)
        one = mx.nd.ones(1)
        mx.gluon.utils.clip_global_norm([parameter.grad() for parameter in self.learnable.values()], LARGEST_GRADIENT)
        for name, parameter in self.learnable.items():
            mean, square = self.moments[name]
            weight = parameter.data()
            mx.nd.contrib.adamw_update(
                weight, parameter.grad(), mean, square, one,
                lr=correction, eta=rate_of(name), wd=self.weight_decay if len(parameter.shape) > 1 else 0.0,
                beta1=BETA1, beta2=BETA2, out=weight,
            )  # fmt: skip
        self._follow()

    def _follow(self) -> None:
        """Let the average follow the weights; young averages keep less of the past (as 1 / steps)."""
        keep = np.float32(min(self.keep, self.steps / (self.steps + 10.0)))
        for name, parameter in self.learnable.items():
            self.average[name] = keep * self.average[name] + (1 - keep) * parameter.data().asnumpy()


def rate(step: int, total: int, highest: float, warmup: int) -> float:
    """Learning rate: a linear rise, then half a cosine down to a hundredth (Loshchilov & Hutter 2017)."""
    if step < warmup:
        return highest * (step + 1) / warmup
    along = min(1.0, (step - warmup) / max(1, total - warmup))
    return highest * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * along))))


def set_arrays(parameters: Mapping[str, Any], arrays: Mapping[str, Floats]) -> None:
    """Put weights in place."""
    for name, parameter in parameters.items():
        parameter.set_data(_mx.array(np.ascontiguousarray(arrays[name])))
