"""Saved models back to life, whichever backend wrote them."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mediaml.errors import SavedModelError
from mediaml.runtime import store
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.learned import FORMAT, KIND, MODEL

if TYPE_CHECKING:
    from mediaml.models.base import AnyModel


OLDEST = 2  # earlier ones had no familiarity: nobody keeps such models, version 0.1 was not published
ONNX_SOUNDS, ONNX_PICTURES = "onnx-audio", "onnx-image"  # exported by `export_onnx`
BACKENDS = {
    KIND: ("mediaml.backends.local_audio", "LocalAudioModel"),
    "local-image": ("mediaml.backends.local_image", "LocalImageModel"),
    ONNX_SOUNDS: ("mediaml.backends.local_audio", "LocalAudioModel"),
    ONNX_PICTURES: ("mediaml.backends.local_image", "LocalImageModel"),
    "rekognition": ("mediaml.backends.rekognition.model", "RekognitionModel"),
}


def load(folder: str | Path) -> AnyModel:
    """Load a model that ``model.save(folder)`` or ``model.export_onnx(folder)`` wrote. No code is run from the folder.

    Raises
    ------
    SavedModelError
        The folder holds no model, a damaged one, or one of a newer mediaml.
    MissingExtraError
        It was exported, and ONNX Runtime is not installed.
    """
    path = os.fspath(folder)
    module, name = BACKENDS[kind_of(path)]
    # backends stand above this module: the one that is needed is found by its name, and only then
    model: AnyModel = getattr(import_module(module), name).load(path)
    return model


def kind_of(path: str) -> str:
    """Tell which kind of model a folder holds, after a look at the format that it was written in.

    Raises
    ------
    SavedModelError
        As of `load`.
    """
    try:
        facts = store.read_facts(path, MODEL)
    except StoreFault as fault:
        raise SavedModelError(str(fault)) from fault
    written = facts.get("format")
    if isinstance(written, int) and written < OLDEST:
        raise SavedModelError(f"{path}: written in format {written}, by an early mediaml; fit the model again")
    if not isinstance(written, int) or written > FORMAT:
        raise SavedModelError(
            f"{path}: written in format {written!r}, this mediaml reads up to {FORMAT}. Install a newer mediaml."
        )
    if facts.get("kind") not in BACKENDS:
        raise SavedModelError(f"{path}: a model of an unknown kind, {facts.get('kind')!r}")
    return str(facts["kind"])
