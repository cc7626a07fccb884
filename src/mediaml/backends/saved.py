"""Saved sound models back to life in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.backends.onnx import files, sounds
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.errors import SavedModelError
from mediaml.models.load import ONNX_SOUNDS, kind_of
from mediaml.runtime import _mx, learned
from mediaml.runtime.learned import KIND
from mediaml.runtime.network import Network


def save(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model into a folder, in place of one that may be there; an exported one stays one."""
    if isinstance(fitted.network, OnnxNetwork):
        export_onnx(fitted, folder, settings)
    else:
        mxnet_thread.run(partial(learned.write, fitted, folder, settings))
        files.tidy(folder)


def export_onnx(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model with its network as an ONNX graph.

    Raises
    ------
    BackendError
        The graph does not compute what MXNet does.
    MissingExtraError
        ONNX Runtime, which this is measured with, is not installed.
    """
    mxnet_thread.run(partial(sounds.write, fitted, folder, settings))


def load(folder: str) -> tuple[Fitted, Mapping[str, Any]]:
    """Read what `save` or `export_onnx` wrote: the model, and the settings that it was saved with.

    ONNX Runtime runs what was exported, and where there is no MXNet, what was saved, too.

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """
    if (kind := kind_of(folder)) not in (KIND, ONNX_SOUNDS):
        raise SavedModelError(f"{folder}: a model of the kind {kind!r}; mm.load(folder) loads every kind")
    found, settings = mxnet_thread.run(partial(sounds.read if kind == ONNX_SOUNDS else _read, folder))
    return Fitted(*found), settings


def _read(folder: str) -> tuple[learned.Learned, Mapping[str, Any]]:
    return learned.read(folder, Network if _mx.available() else OnnxNetwork)
