"""YAMNet; see `runtime.networks.yamnet`, also for why patches are turned by half a turn."""

from __future__ import annotations

import numpy as np

from mediaml.backends.onnx.graph import Graph, Layer
from mediaml.runtime.networks.yamnet import HEARD, PATCH_FRAMES, SILENT, STRIDED, WIDTHS, patch_starts
from mediaml.runtime.spec import Spec

FIRST = 32
TO_THE_START = np.iinfo(np.int64).min


def body(graph: Graph, x: str, spec: Spec) -> str:
    """Add spectrograms [n, mel_bands, frames] to embeddings [n, EMBEDDING]: mean and maximum of what is not silent."""
    starts = np.asarray(patch_starts(spec.clip_frames))
    frames = graph.constant(starts[:, None] + np.arange(PATCH_FRAMES))
    cut = graph.add("Gather", [x, frames], {"axis": 2})
    patches = graph.add("Transpose", [cut], {"perm": [0, 2, 1, 3]})
    single = graph.add("Reshape", [patches, graph.constant([-1, spec.mel_bands, PATCH_FRAMES])])
    heard = graph.add("Reshape", [listener(graph, single, spec), graph.constant([-1, len(starts), HEARD])])
    counted = _counted(graph, patches)
    weighted = graph.add("Mul", [heard, counted])
    over = graph.constant([1])
    total = graph.add("ReduceSum", [weighted, over], {"keepdims": 0})
    mean = graph.add("Div", [total, graph.add("ReduceSum", [counted, over], {"keepdims": 0})])
    most = graph.add("ReduceMax", [weighted], {"axes": [1], "keepdims": 0})
    return graph.add("Concat", [mean, most], {"axis": 1})


def _counted(graph: Graph, patches: str) -> str:
    """Give 1 for each patch that is not silent, or for all where all are: [n, patches, 1]."""
    loudest = graph.add("ReduceMax", [patches], {"axes": [2, 3], "keepdims": 0})
    loud = _as_number(graph, graph.add("Greater", [loudest, graph.constant(SILENT, np.float32)]))
    count = graph.add("ReduceSum", [loud, graph.constant([1])], {"keepdims": 1})
    none = _as_number(graph, graph.add("Equal", [count, graph.constant(0, np.float32)]))
    return graph.add("Unsqueeze", [graph.add("Add", [loud, none]), graph.constant([2])])


def _as_number(graph: Graph, condition: str) -> str:
    from onnx import TensorProto

    return graph.add("Cast", [condition], {"to": TensorProto.FLOAT})


def listener(graph: Graph, x: str, spec: Spec) -> str:
    """Add the part that hears one patch, [n, mel_bands, PATCH_FRAMES] to [n, HEARD]."""
    x = graph.add("Transpose", [x], {"perm": [0, 2, 1]})
    both = graph.constant([-1, -1])
    x = graph.add("Slice", [x, both, graph.constant([TO_THE_START] * 2), graph.constant([1, 2]), both])
    x = graph.add("Unsqueeze", [x, graph.constant([1])])
    x = _rectified(graph, x, "conv0", Layer(1, FIRST, 3, 2, zeros=(1, 1)))
    before = FIRST
    for number, width in enumerate(WIDTHS, 1):
        stride = 2 if number in STRIDED else 1
        x = _rectified(graph, x, f"depthwise{number}", Layer(before, before, 3, stride, before, (1, 1)))
        x = _rectified(graph, x, f"pointwise{number}", Layer(before, width, 1))
        before = width
    return graph.add("Flatten", [graph.add("GlobalAveragePool", [x])])


def _rectified(graph: Graph, x: str, name: str, layer: Layer) -> str:
    return graph.add("Relu", [graph.convolution(x, f"yamnet_{name}", layer)])
