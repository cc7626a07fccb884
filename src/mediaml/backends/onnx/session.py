"""ONNX Runtime: the one place that calls it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml._extras import require
from mediaml.backends.onnx.graph import Floats
from mediaml.errors import BackendError
from mediaml.runtime.cores import available_cores

QUIET = 3  # errors only: warnings go to stderr, past Python's


class Session:
    """A graph, ready to run on the processor.

    Parameters
    ----------
    model
        An ONNX model.

    Raises
    ------
    MissingExtraError
        ONNX Runtime is not installed.
    BackendError
        It does not take the graph.
    """

    def __init__(self, model: Any) -> None:
        runtime = require("onnxruntime", "onnx", "running a model without MXNet")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = available_cores()
        options.log_severity_level = QUIET
        with _translated():
            self._session = runtime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        self._taken = self._session.get_inputs()[0].name

    def run(self, batch: npt.NDArray[Any], wanted: Sequence[str]) -> list[Floats]:
        """Run it on a batch [n, ...], and give the outputs of these names.

        Raises
        ------
        BackendError
            It failed.
        """
        with _translated():
            found: list[Floats] = self._session.run(list(wanted), {self._taken: batch})
        return found

    def run_all(self, inputs: npt.NDArray[Any], wanted: str, batch_size: int) -> Floats:
        """Run it on more than a batch, in batches, and give one output."""
        firsts = range(0, len(inputs), batch_size)
        return np.concatenate([self.run(inputs[first : first + batch_size], [wanted])[0] for first in firsts])


@contextmanager
def _translated() -> Iterator[None]:
    """Turn ONNX Runtime's own errors, which have no root of their own, into `BackendError`."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.startswith("onnxruntime"):
            raise BackendError(f"ONNX Runtime: {error}") from error
        raise
