"""The small network of sounds; see `runtime.networks.cnn`."""

from __future__ import annotations

from mediaml.backends.onnx.graph import Graph, Layer
from mediaml.runtime.networks.cnn import WIDTHS
from mediaml.runtime.spec import Spec

EPSILON = 1e-5  # of MXNet's batch norms


def body(graph: Graph, x: str, spec: Spec) -> str:
    """Add spectrograms [n, mel_bands, frames] to embeddings [n, EMBEDDING]."""
    bands = (1, spec.mel_bands, 1)
    x = graph.add("Sub", [x, graph.weight("cnn_standardise0_mean", bands)])
    x = graph.add("Div", [x, graph.weight("cnn_standardise0_spread", bands)])
    x = graph.add("Unsqueeze", [x, graph.constant([1])])
    before = 1
    for number, width in enumerate(WIDTHS):
        x = graph.convolution(x, f"cnn_conv{number}", Layer(before, width, 3, zeros=(1, 1)), bias=False)
        norms = [
            graph.weight(f"cnn_batchnorm{number}_{name}", (width,))
            for name in ("gamma", "beta", "running_mean", "running_var")
        ]
        x = graph.add("Relu", [graph.add("BatchNormalization", [x, *norms], {"epsilon": EPSILON})])
        x = graph.add("MaxPool", [x], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1})
        before = width
    over_time = graph.add("ReduceMean", [x], {"axes": [2], "keepdims": 0})
    mean = graph.add("ReduceMean", [over_time], {"axes": [2], "keepdims": 0})
    return graph.add("Add", [mean, graph.add("ReduceMax", [over_time], {"axes": [2], "keepdims": 0})])


def listener(graph: Graph, x: str, spec: Spec) -> str:
    """Add the part that hears one patch: all of it."""
    return body(graph, x, spec)
