"""Models of pictures as folders: ``model.json`` beside its arrays, whatever the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mediaml.backends import mxnet_thread
from mediaml.errors import SavedModelError
from mediaml.runtime import store
from mediaml.runtime.faults import Fault, StoreFault
from mediaml.runtime.learned import FORMAT, MODEL

KIND = "local-image"
FittedT = TypeVar("FittedT")
Contents = tuple[Mapping[str, Any], Mapping[str, Any]]


def named(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Put a prefix before the names."""
    return {prefix + name: array for name, array in arrays.items()}


def under(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Take the arrays whose names begin so, without the prefix."""
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}


def write(folder: str, facts: Mapping[str, Any], arrays: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Write a model into a folder, in place of one that may be there."""
    document = {"format": FORMAT, "kind": KIND, **facts, "settings": dict(settings)}
    mxnet_thread.run(lambda: store.write(folder, MODEL, document, arrays))


def read_facts(folder: str) -> Mapping[str, Any]:
    """Read what JSON holds of a model.

    Raises
    ------
    SavedModelError
        It is missing or damaged.
    """
    with mxnet_thread.translated():
        return store.read_facts(folder, MODEL)


def contents(folder: str) -> Contents:
    """Read facts and arrays of a folder."""
    return store.read(folder, MODEL)


def read(
    folder: str,
    build: Callable[[Mapping[str, Any], Mapping[str, Any]], FittedT],
    contents: Callable[[str], Contents] = contents,
) -> FittedT:
    """Read a model and build it again.

    Parameters
    ----------
    folder
        The folder.
    build
        From its facts and arrays to the model.
    contents
        From the folder to these.

    Raises
    ------
    SavedModelError
        It is missing, damaged, or not understood.
    """

    def load() -> FittedT:
        try:
            return build(*contents(folder))
        except Fault:
            raise
        except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
            raise StoreFault(f"{folder}: model.json is not what mediaml writes ({error!r})") from error

    try:
        return mxnet_thread.run(load)
    except StoreFault as fault:
        raise SavedModelError(str(fault)) from fault
