"""EfficientNet-Lite0 in ONNX Runtime: what `vision.eye.Eye` is in MXNet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mediaml.backends.onnx.graph import Floats
from mediaml.backends.onnx.graphs import lite0
from mediaml.backends.onnx.session import Session
from mediaml.vision.efficientnet import EMBEDDING
from mediaml.vision.eye import LARGEST_BATCH, digest_of
from mediaml.vision.views import Pixels


class OnnxEye:
    """A network with its weights, which do not change.

    Parameters
    ----------
    weights
        float32 by the names of `efficientnet.pretrained`, and no others.

    Raises
    ------
    StoreFault
        The weights are not those of the network.
    """

    RUNTIME = "onnxruntime"

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._session = Session(lite0.whole(weights))
        self.arrays: Mapping[str, Floats] = dict(weights)

    @property
    def digest(self) -> str:
        """Name the network by its weights, as `Eye.digest` does: it sees the same."""
        return digest_of(self.arrays)

    def embed(self, views: Pixels) -> Floats:
        """Look at squares uint8 [n, SIDE, SIDE, 3]: embeddings float32 [n, EMBEDDING]."""
        if not len(views):
            return np.zeros((0, EMBEDDING), np.float32)
        return self._session.run_all(views, lite0.SEEN, LARGEST_BATCH)
