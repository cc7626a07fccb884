"""Saved sound models back to life in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.backends.onnx import sounds
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.errors import SavedModelError
from mediaml.models.load import ONNX_SOUNDS, kind_of
from mediaml.runtime import learned
from mediaml.runtime.learned import KIND


def save(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model into a folder, in place of one that may be there; an exported one stays one."""
    write = sounds.write if isinstance(fitted.network, OnnxNetwork) else learned.write
    mxnet_thread.run(partial(write, fitted, folder, settings))


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

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """
    if (kind := kind_of(folder)) not in (KIND, ONNX_SOUNDS):
        raise SavedModelError(f"{folder}: a model of the kind {kind!r}; mm.load(folder) loads every kind")
    read = sounds.read if kind == ONNX_SOUNDS else learned.read
    found, settings = mxnet_thread.run(partial(read, folder))
    return Fitted(*found), settings
