"""Whatever can be exported to ONNX."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path


class Exporting(ABC):
    """A local model whose network can be written as an ONNX graph."""

    @abstractmethod
    def _export(self, folder: str) -> None:
        """Write the model, or raise what says why not."""

    def export_onnx(self, folder: str | Path) -> Path:
        """Write the model with its network as ONNX; `mediaml.load` brings it back where there is no MXNet.

        ONNX Runtime then predicts, evaluates, detects and serves; to learn, MXNet is needed. Before anything is
        written, ONNX Runtime's outputs are held against MXNet's: they are the same but for 1e-4 of the largest.
        Any program can run ``network-*.onnx`` in the folder: docs/onnx.md says what it takes and gives.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        MissingExtraError
            ONNX Runtime is not installed.
        BackendError
            The outputs are not the same.
        """
        self._export(os.fspath(folder))
        return Path(folder)
