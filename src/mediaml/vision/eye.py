"""EfficientNet-Lite0 at work: squares in, embeddings out, as fast as MXNet can."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from mediaml.runtime import _mx
from mediaml.vision.efficientnet import EMBEDDING, SIDE, Floats, backbone
from mediaml.vision.views import Pixels, as_input

LARGEST_BATCH = 32


class AnyEye(Protocol):
    """A network as those see it who look through it, whatever runs it: the package ``RUNTIME``."""

    RUNTIME: str
    arrays: Mapping[str, Floats]

    @property
    def digest(self) -> str:
        """Name the network by its weights."""
        ...

    def embed(self, views: Pixels) -> Floats:
        """Look at squares uint8 [n, SIDE, SIDE, 3]: embeddings float32 [n, EMBEDDING]."""
        ...


class Eye:
    """A network with its weights, which do not change.

    Parameters
    ----------
    weights
        float32 by the names of `efficientnet.pretrained`; what the network has no use for is left out.
    """

    RUNTIME = "mxnet"

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        mx = _mx.load()
        self._net = backbone()
        self._net.initialize(mx.init.Zero())
        parameters = dict(self._net.collect_params().items())
        self.arrays: Mapping[str, Floats] = {name: np.asarray(weights[name], np.float32) for name in parameters}
        for name, parameter in parameters.items():
            parameter.set_data(_mx.array(self.arrays[name]))
        # joins convolutions with what follows them: three times as fast as the network as it stands
        shape = (LARGEST_BATCH, 3, SIDE, SIDE)
        self._net.optimize_for(mx.nd.zeros(shape), backend="MKLDNN", static_alloc=True, static_shape=True)

    @property
    def digest(self) -> str:
        """Name the network by its weights."""
        return digest_of(self.arrays)

    def embed(self, views: Pixels) -> Floats:
        """Look at squares uint8 [n, SIDE, SIDE, 3]: embeddings float32 [n, EMBEDDING].

        They are looked at in batches of one shape, the last one filled up: MXNet plans its memory once a shape.
        """
        out = np.empty((len(views), EMBEDDING), np.float32)
        for first in range(0, len(views), LARGEST_BATCH):
            chunk = views[first : first + LARGEST_BATCH]
            batch = np.zeros((_batch(len(views)), *chunk.shape[1:]), np.uint8)
            batch[: len(chunk)] = chunk
            out[first : first + len(chunk)] = self._net(_mx.array(as_input(batch))).asnumpy()[: len(chunk)]
        return out


def digest_of(arrays: Mapping[str, Floats]) -> str:
    """Name weights by their content."""
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]


def _batch(count: int) -> int:
    """Give the next power of two, up to the largest batch."""
    return min(LARGEST_BATCH, 1 << max(0, count - 1).bit_length())
