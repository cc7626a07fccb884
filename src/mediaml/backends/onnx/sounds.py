"""Models of sounds as ONNX: out of MXNet into a folder, and back to life without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediaml.backends.fitted import Fitted
from mediaml.backends.onnx import agreement, files
from mediaml.backends.onnx.graph import Floats
from mediaml.backends.onnx.graphs import sounds
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.models.load import ONNX_SOUNDS
from mediaml.runtime import learned
from mediaml.runtime.dsp import log_mel
from mediaml.runtime.hearer import Hearer
from mediaml.runtime.learned import NETWORK
from mediaml.runtime.spec import Spec


def write(fitted: Fitted, folder: str, settings: Mapping[str, Any]) -> None:
    """Write a model, its network as an ONNX graph. To be called on MXNet's thread.

    Raises
    ------
    BackendError
        The graph does not compute what MXNet does.
    """
    network = fitted.network
    weights = network.arrays()
    if not isinstance(network, OnnxNetwork):
        _check(network, weights)
    facts = {**learned.facts_of(fitted, settings), "kind": ONNX_SOUNDS}
    arrays = {name: array for name, array in learned.arrays_of(fitted).items() if not name.startswith(NETWORK)}
    files.write(folder, facts, arrays, sounds.whole(network.name, network.spec, network.labels, weights))


def read(folder: str) -> tuple[learned.Learned, Mapping[str, Any]]:
    """Read what `write` wrote: the model, and the settings that it was saved with.

    Raises
    ------
    StoreFault
        It is missing, damaged, or not understood.
    """
    return learned.rebuilt(folder, lambda: _contents(folder), OnnxNetwork)


def _contents(folder: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Read facts and arrays, the network's weights among them as in a saved model."""
    facts, arrays, weights = files.read(folder)
    rest = {name: array for name, array in arrays.items() if not name.startswith(NETWORK)}
    return facts, {**rest, **{NETWORK + name: array for name, array in weights.items()}}


def _check(network: Hearer, weights: Mapping[str, Floats]) -> None:
    ours = OnnxNetwork(network.name, network.spec, network.labels)
    ours.set_arrays(weights)
    heard = noises(network.spec)
    patches = heard[:, :, : getattr(network.module, "PATCH_FRAMES", network.spec.clip_frames)]

    def outputs(one: Hearer) -> dict[str, Floats]:
        return {"embedding": one.embed(heard), "logits": one.logits(heard), "heard patch": one.hear(patches)}

    agreement.check(outputs(network), outputs(ours))


def noises(spec: Spec) -> Floats:
    """Make noise, the first of it loud, the last hardly to be heard, and let it through the front end."""
    random = np.random.RandomState(agreement.SEED)
    waveforms = random.standard_normal((agreement.EXAMPLES, spec.clip_samples)).astype(np.float32)
    loudness = np.float32(0.3) * np.float32(0.05) ** np.arange(agreement.EXAMPLES, dtype=np.float32)
    return np.stack([log_mel(one * level, spec) for one, level in zip(waveforms, loudness, strict=True)])
