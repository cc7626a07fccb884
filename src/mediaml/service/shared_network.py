"""A network that several threads ask at once: what they ask meanwhile is run together."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.runtime.hearer import Hearer

Floats = npt.NDArray[np.float32]


class SharedNetwork:
    """What serving asks of a network, from any thread: on MXNet's thread, and one batch for all who wait.

    While a batch runs, whoever else asks leaves what it has; the next to come to MXNet's thread takes all of it.

    Parameters
    ----------
    network
        With its weights.
    batch_size
        Spectrograms at once.
    """

    def __init__(self, network: Hearer, batch_size: int) -> None:
        self.name, self.spec, self.labels, self.module = network.name, network.spec, network.labels, network.module
        self._network, self._batch_size = network, batch_size
        self._left: deque[tuple[Floats, Future[Floats]]] = deque()

    def embed(self, inputs: Floats, batch_size: int = 0) -> Floats:
        """Run the body, as `Network.embed` does; `batch_size` is this network's own, since several share it."""
        answer: Future[Floats] = Future()
        self._left.append((inputs, answer))
        mxnet_thread.run(self._run_all)
        return answer.result()

    def hear(self, patches: Floats, batch_size: int = 32) -> Floats:
        """Run the part that hears single patches, as `Network.hear` does: these are whole batches already."""
        return mxnet_thread.run(lambda: self._network.hear(patches, batch_size))

    def _run_all(self) -> None:
        left: list[tuple[Floats, Future[Floats]]] = []
        while self._left:
            left.append(self._left.popleft())
        if not left:
            return
        try:
            embeddings: Any = self._network.embed(np.concatenate([inputs for inputs, _ in left]), self._batch_size)
        except Exception as error:
            for _, answer in left:
                answer.set_exception(error)
            return
        first = 0
        for inputs, answer in left:
            answer.set_result(embeddings[first : first + len(inputs)])
            first += len(inputs)
