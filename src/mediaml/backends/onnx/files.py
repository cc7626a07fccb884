"""Exported models as folders: what ``save`` writes, but for the network, whose weights lie in an ONNX file.

The graph in the file is for other programs. mediaml takes only the weights out of it and builds the graph again:
whatever else stands in a file that came from anyone is not run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mediaml.backends.onnx.graph import GRAPH_ONLY, OPSET, Floats
from mediaml.runtime import store
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.learned import MODEL

FORMAT = 1
ONNX = "onnx"
NETWORK = "network"
LARGEST = 1 << 28  # bytes; the largest of ours are 20 MB


def write(folder: str, facts: Mapping[str, Any], arrays: Mapping[str, Any], model: Any) -> None:
    """Write a model into a folder, in place of one that may be there.

    Parameters
    ----------
    folder
        Made where missing.
    facts
        What JSON holds of it.
    arrays
        By name, but for the network's weights.
    model
        The network's graph, with its weights.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    content = model.SerializeToString(deterministic=True)
    digest = hashlib.sha256(content).hexdigest()
    name = f"{NETWORK}-{digest[:16]}.onnx"
    write_whole(place / name, content)
    store.write(
        folder, MODEL, {**facts, ONNX: {"format": FORMAT, "opset": OPSET, "file": name, "sha256": digest}}, arrays
    )
    tidy(folder, name)


def tidy(folder: str, keep: str = "") -> None:
    """Take networks out of a folder that its model no longer names: those of a model that stood there before."""
    for other in Path(folder).iterdir():
        if re.fullmatch(NETWORK + r"-[0-9a-f]{16}\.onnx", other.name) and other.name != keep:
            other.unlink()


def read(folder: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Floats]]:
    """Read what `write` wrote: facts, arrays, and the network's weights.

    Raises
    ------
    StoreFault
        It is missing, damaged, or not understood.
    """
    facts, arrays = store.read(folder, MODEL)
    try:
        return facts, arrays, _weights(folder, facts)
    except FileNotFoundError as error:
        again, arrays = store.read(folder, MODEL)
        if again == facts:
            raise StoreFault(f"{folder}: cannot be read ({error})") from error
        return again, arrays, _weights(folder, again)  # a writer overtook us and took the old network away


def _weights(folder: str, facts: Mapping[str, Any]) -> dict[str, Floats]:
    described = facts.get(ONNX)
    if not isinstance(described, dict) or not isinstance(described.get("file"), str):
        raise StoreFault(f"{folder}: {MODEL}.json does not name its network")
    name, written = described["file"], described.get("format")
    if written != FORMAT:
        raise StoreFault(f"{folder}: exported in format {written!r}, this mediaml reads {FORMAT}. Install a newer one.")
    if Path(name).name != name:
        raise StoreFault(f"{folder}: {name!r} points out of the folder")
    path = Path(folder) / name
    try:
        content = store.content_of(path, LARGEST)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreFault(f"{folder}: cannot be read ({error})") from error
    if hashlib.sha256(content).hexdigest() != described.get("sha256"):
        raise StoreFault(f"{path}: the file is damaged or is not the one that {MODEL}.json names")
    return weights_of(content, path)


def weights_of(content: bytes, path: Path) -> dict[str, Floats]:
    """Take the weights out of an ONNX file: float32, by name. What the graph itself counts on is left out.

    Raises
    ------
    StoreFault
        It is no ONNX file, or its weights lie elsewhere.
    """
    import onnx
    from onnx import numpy_helper

    try:
        stored = onnx.ModelProto.FromString(content).graph.initializer
    except Exception as error:  # protobuf's own, which have no types that it promises
        raise StoreFault(f"{path}: no ONNX file ({error})") from error
    found: dict[str, Floats] = {}
    for one in stored:
        if one.data_location != onnx.TensorProto.DEFAULT or one.external_data:
            raise StoreFault(f"{path}: {one.name} lies in another file")
        if GRAPH_ONLY in one.name:
            continue
        if one.data_type != onnx.TensorProto.FLOAT or one.name in found:
            raise StoreFault(f"{path}: {one.name} is stored twice, or not as mediaml stores weights")
        try:
            found[one.name] = np.array(numpy_helper.to_array(one), np.float32)
        except Exception as error:  # onnx and numpy: fewer bytes than the shape asks for, a negative length
            raise StoreFault(f"{path}: {one.name} cannot be read ({error})") from error
    return found
