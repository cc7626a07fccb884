"""The detector at work: squares in, boxes out, as fast as MXNet can."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from mediaml.runtime import _mx
from mediaml.vision.anchors import Anchors
from mediaml.vision.box_augment import BOTH, HORIZONTAL, NEVER
from mediaml.vision.detector import made
from mediaml.vision.efficientnet import Floats
from mediaml.vision.fusion import flipped_back, fused
from mediaml.vision.nms import Boxes, boxes_of
from mediaml.vision.optimiser import set_arrays
from mediaml.vision.views import Pixels, as_input

LARGEST_BATCH = 8
VIEWS = {
    NEVER: ((False, False),),
    HORIZONTAL: ((False, False), (True, False)),
    BOTH: ((False, False), (True, False), (False, True), (True, True)),
}
"""Which sides are swapped, left and right, top and bottom, in each look."""


class AnyFinder(ABC):
    """A detector, whatever runs it: the package ``RUNTIME``.

    Parameters
    ----------
    anchors
        That it was trained with.
    side
        Pixels of the square that it looks at.
    flips
        One of `box_augment.FLIPS`: it looks at mirrored pictures, too.
    """

    RUNTIME: str
    arrays: Mapping[str, Floats]

    def __init__(self, anchors: Anchors, side: int, flips: str) -> None:
        self.anchors, self.side, self.flips = anchors, side, flips
        self._corners = anchors.corners(side)

    def find(self, squares: Pixels) -> list[Boxes]:
        """Find boxes in squares uint8 [n, side, side, 3]; see `fusion.fused` for what becomes of mirrored ones."""
        seen = []
        for across, down in VIEWS[self.flips]:
            turned = squares[:, :: -1 if down else 1, :: -1 if across else 1]
            seen.append([flipped_back(one, across, down) for one in self._find(turned)])
        return [fused(views) for views in zip(*seen, strict=True)]

    def _find(self, squares: Pixels) -> list[Boxes]:
        found: list[Boxes] = []
        for first in range(0, len(squares), LARGEST_BATCH):
            pairs = zip(*self.look(squares[first : first + LARGEST_BATCH]), strict=True)
            found += [boxes_of(*pair, self._corners) for pair in pairs]
        return found

    @abstractmethod
    def look(self, squares: Pixels) -> tuple[Floats, Floats]:
        """Give scores [n, anchors, labels] and shifts [n, anchors, 4] of up to LARGEST_BATCH squares."""


class Finder(AnyFinder):
    """A detector in MXNet with its weights, which do not change.

    Parameters
    ----------
    weights
        float32 by name.
    labels
        How many it tells apart.
    anchors, side, flips
        As of `AnyFinder`.
    """

    RUNTIME = "mxnet"

    def __init__(
        self, weights: Mapping[str, Floats], labels: int, anchors: Anchors, side: int, flips: str = HORIZONTAL
    ) -> None:
        mx = _mx.load()
        super().__init__(anchors, side, flips)
        self._net = made(labels, anchors)
        self._net.initialize(mx.init.Zero())
        parameters = dict(self._net.collect_params().items())
        self.arrays: Mapping[str, Floats] = {name: np.asarray(weights[name], np.float32) for name in parameters}
        set_arrays(parameters, self.arrays)
        shape = (LARGEST_BATCH, 3, side, side)
        self._net.optimize_for(mx.nd.zeros(shape), backend="MKLDNN", static_alloc=True, static_shape=True)

    def look(self, squares: Pixels) -> tuple[Floats, Floats]:
        """Look at squares in one of two shapes, filled up: MXNet plans its memory once a shape."""
        batch = np.zeros((1 if len(squares) == 1 else LARGEST_BATCH, *squares.shape[1:]), np.uint8)
        batch[: len(squares)] = squares
        scores, shifts = self._net(_mx.array(as_input(batch)))
        return scores.asnumpy()[: len(squares)], shifts.asnumpy()[: len(squares)]
