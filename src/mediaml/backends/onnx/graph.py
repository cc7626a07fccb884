"""An ONNX graph as it is built, node by node, out of a network's weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.runtime.faults import StoreFault

OPSET = 17  # what tools of 2022 read already
IR_VERSION = 8
PRODUCER = "mediaml"
BATCH = "n"
GRAPH_ONLY = ":"  # in the names of what is no weight
Floats = npt.NDArray[np.float32]
NOTHING: Mapping[str, Any] = {}


class Layer(NamedTuple):
    """A convolution: channels before and after it, kernel, stride, groups, and zeros before and after each side."""

    before: int
    width: int
    kernel: int
    stride: int = 1
    groups: int = 1
    zeros: tuple[int, int] = (0, 0)


class Graph:
    """Nodes in the order in which they are added.

    Parameters
    ----------
    weights
        float32 by name.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = weights
        self._stored: dict[str, Any] = {}
        self._nodes: list[Any] = []

    @property
    def unused(self) -> frozenset[str]:
        """The names of weights that no node asked for."""
        return frozenset(self._weights) - frozenset(self._stored)

    def weight(self, name: str, shape: Sequence[int]) -> str:
        """Take a weight.

        Raises
        ------
        StoreFault
            There is none of this name, or it has another shape.
        """
        array = self._weights.get(name)
        if array is None or array.shape != tuple(shape) or array.dtype != np.float32:
            found = "there is none" if array is None else f"it is {array.dtype} {array.shape}"
            raise StoreFault(f"{name}: weights float32 {tuple(shape)} were expected, {found}")
        return self._store(name, array)

    def constant(self, values: Any, kind: Any = np.int64) -> str:
        """Take numbers that belong to the network, and not to its weights."""
        return self._store(f"constant{GRAPH_ONLY}{len(self._stored)}", np.asarray(values, kind))

    def add(self, kind: str, inputs: Sequence[str], attributes: Mapping[str, Any] = NOTHING) -> str:
        """Add a node with one output, and give the output's name."""
        from onnx import helper

        name = f"{kind.lower()}{GRAPH_ONLY}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def convolution(self, x: str, name: str, layer: Layer, *, bias: bool = True) -> str:
        """Add a convolution with the weights ``name_weight`` and ``name_bias``."""
        shape = (layer.width, layer.before // layer.groups, layer.kernel, layer.kernel)
        inputs = [x, self.weight(f"{name}_weight", shape)]
        if bias:
            inputs.append(self.weight(f"{name}_bias", (layer.width,)))
        first, last = layer.zeros
        attributes = {
            "kernel_shape": [layer.kernel] * 2,
            "strides": [layer.stride] * 2,
            "group": layer.groups,
            "pads": [first, first, last, last],
        }
        return self.add("Conv", inputs, attributes)

    def dense(self, x: str, name: str, before: int, width: int) -> str:
        """Add a linear layer with the weights ``name_weight`` and ``name_bias``."""
        inputs = [x, self.weight(f"{name}_weight", (width, before)), self.weight(f"{name}_bias", (width,))]
        return self.add("Gemm", inputs, {"transB": 1})

    def model(self, taken: tuple[str, Any, Sequence[int]], given: Mapping[str, tuple[str, Sequence[int]]]) -> Any:
        """Make the whole, looked over by ONNX's own checker.

        Parameters
        ----------
        taken
            Name, numpy type and shape of what goes in, without the batch, which is of any size.
        given
            By the name that it has outside: the name inside of what comes out, and its shape, also without the batch.
        """
        import onnx
        from onnx import helper

        name, kind, shape = taken
        for outside, (inside, _) in given.items():
            self._nodes.append(helper.make_node("Identity", [inside], [outside], name=outside))
        put = helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), [BATCH, *shape])
        got = [
            helper.make_tensor_value_info(outside, onnx.TensorProto.FLOAT, [BATCH, *size])
            for outside, (_, size) in given.items()
        ]
        graph = helper.make_graph(self._nodes, PRODUCER, [put], got, list(self._stored.values()))
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name=PRODUCER)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _store(self, name: str, array: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._stored:
            self._stored[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name
