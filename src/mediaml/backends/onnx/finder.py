"""The detector in ONNX Runtime: what `vision.finder.Finder` is in MXNet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mediaml.backends.onnx.graph import Floats
from mediaml.backends.onnx.graphs import ssd
from mediaml.backends.onnx.session import Session
from mediaml.vision.anchors import Anchors
from mediaml.vision.box_augment import HORIZONTAL
from mediaml.vision.finder import AnyFinder
from mediaml.vision.views import Pixels


class OnnxFinder(AnyFinder):
    """A detector with its weights, which do not change; see `vision.finder.Finder`.

    Raises
    ------
    StoreFault
        The weights are not those of the network.
    """

    RUNTIME = "onnxruntime"

    def __init__(
        self, weights: Mapping[str, Floats], labels: int, anchors: Anchors, side: int, flips: str = HORIZONTAL
    ) -> None:
        super().__init__(anchors, side, flips)
        self._session = Session(ssd.whole(labels, anchors, side, weights))
        self.arrays: Mapping[str, Floats] = dict(weights)

    def look(self, squares: Pixels) -> tuple[Floats, Floats]:
        """Give scores and shifts; see `AnyFinder.look`."""
        scores, shifts = self._session.run(np.ascontiguousarray(squares), [ssd.SCORES, ssd.SHIFTS])
        return scores, shifts
