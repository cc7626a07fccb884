"""The detector of boxes; see `vision.detector`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediaml.backends.onnx.graph import Floats, Graph, Layer
from mediaml.backends.onnx.graphs.lite0 import PICTURES, as_input, backbone, rectified, refuse_unused
from mediaml.vision.anchors import STRIDES, Anchors
from mediaml.vision.detector import LAST, TAPS, WIDTH
from mediaml.vision.efficientnet import plans

SCORES, SHIFTS = "scores", "shifts"
TWICE = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


def whole(labels: int, anchors: Anchors, side: int, weights: Mapping[str, Floats]) -> Any:
    """Make the graph from pictures uint8 [n, side, side, 3] to scores (logits) and shifts of the anchors.

    Raises
    ------
    StoreFault
        The weights are not those of the network.
    """
    graph = Graph(weights)
    levels = _pyramid(graph, as_input(graph, PICTURES), anchors)
    smooth = {level: _smooth(graph, x, level) for level, x in levels.items()}
    parts: dict[str, str] = {}
    for name, numbers in ((SCORES, labels), (SHIFTS, 4)):
        heads = [_head(graph, x, f"{name}{level}", anchors.counts[level], numbers) for level, x in smooth.items()]
        parts[name] = graph.add("Concat", heads, {"axis": 1})
    refuse_unused(graph, "ssd")
    count = sum(sizes * (side // stride) ** 2 for sizes, stride in zip(anchors.counts, STRIDES, strict=True))
    given = {SCORES: (parts[SCORES], (count, labels)), SHIFTS: (parts[SHIFTS], (count, 4))}
    return graph.model((PICTURES, np.uint8, (side, side, 3)), given)


def _pyramid(graph: Graph, x: str, anchors: Anchors) -> dict[int, str]:
    """Add the levels that have anchors, each with what is seen further up, by their numbers."""
    used = [level for level, count in enumerate(anchors.counts) if count]
    lowest = min(*used, LAST - 1)
    tapped = backbone(graph, x, TAPS)
    levels = {
        level: graph.convolution(tapped[level], f"across{level}", Layer(plans()[TAPS[level]].width, WIDTH, 1))
        for level in range(lowest, LAST)
    }
    double = graph.constant([1, 1, 2, 2], np.float32)
    for finer in range(LAST - 2, lowest - 1, -1):
        levels[finer] = graph.add("Add", [levels[finer], graph.add("Resize", [levels[finer + 1], "", double], TWICE)])
    if LAST in used:
        levels[LAST] = graph.convolution(levels[LAST - 1], "further", Layer(WIDTH, WIDTH, 3, 2, zeros=(1, 1)))
    return {level: levels[level] for level in used}


def _smooth(graph: Graph, x: str, level: int) -> str:
    x = rectified(graph, x)
    x = graph.convolution(x, f"smooth{level}_depthwise", Layer(WIDTH, WIDTH, 3, groups=WIDTH, zeros=(1, 1)))
    return rectified(graph, graph.convolution(x, f"smooth{level}_pointwise", Layer(WIDTH, WIDTH, 1)))


def _head(graph: Graph, x: str, name: str, sizes: int, numbers: int) -> str:
    """Add a map [n, sizes * numbers, rows, columns], brought into the anchors' order, [n, anchors, numbers]."""
    x = graph.convolution(x, name, Layer(WIDTH, sizes * numbers, 3, zeros=(1, 1)))
    x = graph.add("Transpose", [x], {"perm": [0, 2, 3, 1]})
    return graph.add("Reshape", [x, graph.constant([0, -1, numbers])])
