"""The networks of sounds by name, as whole graphs."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from mediaml.backends.onnx.graph import Floats, Graph
from mediaml.backends.onnx.graphs import cnn, yamnet
from mediaml.runtime.faults import StoreFault
from mediaml.runtime.networks import named
from mediaml.runtime.spec import Spec

GRAPHS: Mapping[str, ModuleType] = {"cnn": cnn, "yamnet": yamnet}
SPECTROGRAM, EMBEDDING, LOGITS, HEARD = "spectrogram", "embedding", "logits", "heard"


def whole(name: str, spec: Spec, labels: int, weights: Mapping[str, Floats]) -> Any:
    """Make the graph from spectrograms [n, mel_bands, frames] to embeddings and logits.

    Raises
    ------
    StoreFault
        The weights are not those of the network.
    """
    numbers, graph = named(name).EMBEDDING, Graph(weights)
    embedding = GRAPHS[name].body(graph, SPECTROGRAM, spec)
    logits = graph.dense(embedding, "head", numbers, labels)
    if graph.unused:
        raise StoreFault(f"these weights are not of the network {name!r} ({', '.join(sorted(graph.unused)[:5])} ...)")
    taken = (SPECTROGRAM, np.float32, (spec.mel_bands, spec.clip_frames))
    return graph.model(taken, {EMBEDDING: (embedding, (numbers,)), LOGITS: (logits, (labels,))})


def patches(name: str, spec: Spec, frames: int, weights: Mapping[str, Floats]) -> Any:
    """Make the graph from single patches [n, mel_bands, frames] to what is heard in each."""
    graph = Graph(weights)
    heard = GRAPHS[name].listener(graph, SPECTROGRAM, spec)
    taken = (SPECTROGRAM, np.float32, (spec.mel_bands, frames))
    return graph.model(taken, {HEARD: (heard, (named(name).HEARD,))})
