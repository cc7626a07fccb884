"""EfficientNet-Lite0; see `vision.efficientnet`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediaml.backends.onnx.graph import Floats, Graph, Layer
from mediaml.runtime.faults import StoreFault
from mediaml.vision.efficientnet import EMBEDDING, MEAN, SCALE, SIDE, STAGES, STEM, Plan, plans

PICTURES, SEEN = "pictures", "embedding"


def whole(weights: Mapping[str, Floats]) -> Any:
    """Make the graph from pictures uint8 [n, SIDE, SIDE, 3] to embeddings [n, EMBEDDING].

    Raises
    ------
    StoreFault
        The weights are not those of the network.
    """
    graph = Graph(weights)
    (x,) = backbone(graph, as_input(graph, PICTURES), (len(plans()) - 1,))
    x = rectified(graph, graph.convolution(x, "lite0_top", Layer(STAGES[-1].width, EMBEDDING, 1)))
    embedding = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])])
    refuse_unused(graph, "efficientnet-lite0")
    return graph.model((PICTURES, np.uint8, (SIDE, SIDE, 3)), {SEEN: (embedding, (EMBEDDING,))})


def refuse_unused(graph: Graph, network: str) -> None:
    """Raise where there are weights that the network has no use for."""
    if graph.unused:
        raise StoreFault(
            f"these weights are not of the network {network!r} ({', '.join(sorted(graph.unused)[:5])} ...)"
        )


def as_input(graph: Graph, x: str) -> str:
    """Add what `vision.views.as_input` does: pictures [n, side, side, 3] to float32 [n, 3, side, side]."""
    from onnx import TensorProto

    x = graph.add("Cast", [x], {"to": TensorProto.FLOAT})
    x = graph.add("Transpose", [x], {"perm": [0, 3, 1, 2]})
    x = graph.add("Sub", [x, graph.constant(MEAN, np.float32)])
    return graph.add("Mul", [x, graph.constant(SCALE, np.float32)])


def backbone(graph: Graph, x: str, taps: Sequence[int]) -> list[str]:
    """Add the convolutions up to the last of these blocks, and give the outputs of them all, in order."""
    x = rectified(graph, graph.convolution(x, "lite0_stem", Layer(3, STEM, 3, 2, zeros=_around(3, 2))))
    tapped = []
    for plan in plans()[: max(taps) + 1]:
        seen = _block(graph, x, plan)
        x = graph.add("Add", [x, seen]) if plan.stride == 1 and plan.before == plan.width else seen
        if plan.number in taps:
            tapped.append(x)
    return tapped


def rectified(graph: Graph, x: str) -> str:
    """Add ReLU6."""
    return graph.add("Clip", [x, graph.constant(0, np.float32), graph.constant(6, np.float32)])


def _block(graph: Graph, x: str, plan: Plan) -> str:
    """Widen, look around in every channel by itself, narrow."""
    name, inside = f"lite0_block{plan.number}", plan.before * plan.expand
    if plan.expand > 1:
        x = rectified(graph, graph.convolution(x, f"{name}_expand", Layer(plan.before, inside, 1)))
    around = Layer(inside, inside, plan.kernel, plan.stride, inside, _around(plan.kernel, plan.stride))
    x = rectified(graph, graph.convolution(x, f"{name}_depthwise", around))
    return graph.convolution(x, f"{name}_project", Layer(inside, plan.width, 1))


def _around(kernel: int, stride: int) -> tuple[int, int]:
    """Give the zeros before and after: strided layers see one row and column more after the picture than before it."""
    return (kernel // 2 - 1, kernel // 2) if stride == 2 else (kernel // 2, kernel // 2)
