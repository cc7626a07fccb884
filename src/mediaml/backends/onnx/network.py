"""A network of sounds in ONNX Runtime: what `runtime.network.Network` is in MXNet, but for training."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from mediaml.backends.onnx.graph import Floats
from mediaml.backends.onnx.graphs import sounds
from mediaml.backends.onnx.session import Session
from mediaml.runtime.head import Head
from mediaml.runtime.networks import named
from mediaml.runtime.spec import Spec

HEAD = "head_"


class OnnxNetwork:
    """A network by name, for a front end and a number of labels.

    Parameters
    ----------
    name
        One of `networks.NETWORKS`.
    spec
        The front end.
    labels
        How many labels it tells apart.

    Raises
    ------
    SpecFault
        There is no such network, or it cannot hear through this front end.
    """

    RUNTIME = "onnxruntime"

    def __init__(self, name: str, spec: Spec, labels: int) -> None:
        spec.check_size()
        self.name = name
        self.spec = spec
        self.labels = labels
        self.module = named(name)
        self.module.check(spec)
        self._arrays: dict[str, Floats] = {}
        self._whole: Session | None = None
        self._listener: tuple[int, Session] | None = None

    def set_arrays(self, arrays: Mapping[str, Floats]) -> None:
        """Put weights in place.

        Raises
        ------
        StoreFault
            The names or shapes are those of another network.
        """
        self._whole = Session(sounds.whole(self.name, self.spec, self.labels, arrays))
        self._arrays, self._listener = dict(arrays), None

    def arrays(self) -> dict[str, Floats]:
        """Copy all weights, statistics and constants, float32, by name."""
        return {name: array.copy() for name, array in self._arrays.items()}

    def body_digest(self) -> str:
        """Name the body by its weights, as `Network.body_digest` does: it hears the same."""
        digest = hashlib.sha256()
        for name, array in sorted(self._arrays.items()):
            if not name.startswith(HEAD):
                digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:32]

    def get_head(self) -> Head:
        """Copy the last layer."""
        return Head(self._arrays["head_weight"].copy(), self._arrays["head_bias"].copy())

    def logits(self, inputs: Floats, batch_size: int = 32) -> Floats:
        """Run all of the network: float32 [n, mel_bands, frames] to float32 [n, labels]."""
        return self._run(inputs, sounds.LOGITS, batch_size)

    def embed(self, inputs: Floats, batch_size: int = 32) -> Floats:
        """Run the body: float32 [n, mel_bands, frames] to embeddings float32 [n, module.EMBEDDING]."""
        return self._run(inputs, sounds.EMBEDDING, batch_size)

    def hear(self, patches: Floats, batch_size: int = 32) -> Floats:
        """Run the part of the body that hears single patches: float32 [n, mel_bands, frames] to [n, numbers]."""
        frames = patches.shape[2]
        if self._listener is None or self._listener[0] != frames:
            self._listener = frames, Session(sounds.patches(self.name, self.spec, frames, self._arrays))
        return self._listener[1].run_all(patches, sounds.HEARD, batch_size)

    def _run(self, inputs: Floats, wanted: str, batch_size: int) -> Floats:
        if self._whole is None:
            raise RuntimeError(f"{self.name} has no weights: set_arrays gives it some")
        return self._whole.run_all(inputs, wanted, batch_size)
