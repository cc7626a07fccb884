"""A network as those see it who ask it, whatever runs it: MXNet, or ONNX Runtime."""

from __future__ import annotations

from typing import Any, Dict, Protocol

import numpy as np

from .head import Head
from .spec import Spec


class Hearer(Protocol):
    """A network with its weights, which do not change; see `network.Network` for what each does.

    ``RUNTIME`` is the package that runs it.
    """

    RUNTIME: str
    name: str
    spec: Spec
    labels: int
    module: Any

    def arrays(self) -> Dict[str, np.ndarray]:
        """Copy all weights, statistics and constants, float32, by name."""
        ...

    def body_digest(self) -> str:
        """Name the body by its weights."""
        ...

    def get_head(self) -> Head:
        """Copy the last layer."""
        ...

    def logits(self, inputs: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run all of the network."""
        ...

    def embed(self, inputs: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run the body."""
        ...

    def hear(self, patches: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run the part of the body that hears single patches."""
        ...
