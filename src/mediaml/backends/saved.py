"""Saved sound models back to life in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.errors import SavedModelError
from mediaml.models.load import kind_of
from mediaml.runtime import learned
from mediaml.runtime.learned import KIND


def save(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write the model into a folder, in place of one that may be there."""
    mxnet_thread.run(partial(learned.write, fitted, folder, settings))


def load(folder: str) -> tuple[Fitted, Mapping[str, Any]]:
    """Read what `save` wrote: the model, and the settings that it was saved with.

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """
    if (kind := kind_of(folder)) != KIND:
        raise SavedModelError(f"{folder}: a model of the kind {kind!r}; mm.load(folder) loads every kind")
    found, settings = mxnet_thread.run(partial(learned.read, folder))
    return Fitted(*found), settings
