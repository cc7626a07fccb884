"""One network with its weights: what training changes and serving reads. The only place that runs MXNet blocks."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Mapping, Tuple

import numpy as np

from . import _mx, networks
from .faults import StoreFault
from .head import Head
from .spec import Spec

DROPOUT = 0.3
FUSED_BATCH = 64


class Network:
    """A network by name, for a front end and a number of labels: a body that makes embeddings, and a linear head.

    Parameters
    ----------
    name
        One of `networks.NETWORKS`.
    spec
        The front end.
    labels
        How many labels it tells apart.
    seed
        Of the first weights; the same seed gives the same weights on every machine.
    """

    RUNTIME = "mxnet"

    def __init__(self, name: str, spec: Spec, labels: int, seed: int = 0) -> None:
        spec.check_size()
        self.mx = _mx.load()
        nn = self.mx.gluon.nn
        self.name = name
        self.spec = spec
        self.labels = labels
        self.module = networks.named(name)
        self.body = self.module.body(spec)
        self._listener: Any = None
        self.head = nn.Dense(labels, prefix="head_")
        self.block = nn.HybridSequential(prefix="")
        self.block.add(self.body, nn.Dropout(DROPOUT), self.head)
        self.block.initialize(self.mx.init.Zero())
        # the first pass tells MXNet the shapes; the weights come from numpy, whose numbers are the same everywhere
        self.block(self.mx.nd.zeros((1, spec.mel_bands, spec.clip_frames))).wait_to_read()
        self.block.hybridize(static_alloc=True, static_shape=True)
        self.set_arrays(_first_weights(self.parameters(), seed))

    def parameters(self) -> Dict[str, Any]:
        """Give MXNet's parameters by name, in the network's order."""
        _mx.load()  # refuses to go on in a forked process, where MXNet would hang
        return dict(self.block.collect_params().items())

    def learnable(self) -> List[Any]:
        """Give the parameters that training changes by their gradient."""
        return [parameter for parameter in self.parameters().values() if parameter.grad_req != "null"]

    def arrays(self) -> Dict[str, np.ndarray]:
        """Copy all weights, statistics and constants, float32, by name."""
        return {name: parameter.data().asnumpy() for name, parameter in self.parameters().items()}

    def set_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put weights in place.

        Raises
        ------
        StoreFault
            The names or shapes are those of another network.
        """
        self._listener = None  # it has copies of them
        parameters = self.parameters()
        if set(parameters) != set(arrays):
            different = ", ".join(sorted(set(parameters) ^ set(arrays))[:5])
            raise StoreFault("these weights are not of the network {!r} ({} ...)".format(self.name, different))
        for name, parameter in parameters.items():
            if tuple(parameter.shape) != tuple(arrays[name].shape):
                raise StoreFault(
                    "{}: the weights are {}, the network wants {}".format(name, arrays[name].shape, parameter.shape)
                )
            parameter.set_data(_mx.array(arrays[name]))

    def set_body(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put published weights in place of the body's, under their names without the network's prefix.

        Raises
        ------
        StoreFault
            Some are missing or of another shape; those that the body does not have are left out.
        """
        own, wanted = self.arrays(), self.body.collect_params().keys()
        names = {name: name[len(self.body.prefix) :] for name in wanted}
        missing = sorted(short for short in names.values() if short not in arrays)
        if missing:
            raise StoreFault(
                "these are no weights of the network {!r}: no {}".format(self.name, ", ".join(missing[:5]))
            )
        turned = self.module.turned(arrays)
        own.update({name: np.asarray(turned[short], np.float32) for name, short in names.items()})
        self.set_arrays(own)

    def body_digest(self) -> str:
        """Name the body by its weights: what it hears depends on nothing else, but for the front end."""
        digest = hashlib.sha256()
        for name, parameter in sorted(self.body.collect_params().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(parameter.data().asnumpy()).tobytes())
        return digest.hexdigest()[:32]

    def get_head(self) -> Head:
        """Copy the last layer."""
        return Head(self.head.weight.data().asnumpy(), self.head.bias.data().asnumpy())

    def set_head(self, head: Head) -> None:
        """Put a last layer in place."""
        self.head.weight.set_data(_mx.array(head.weight))
        self.head.bias.set_data(_mx.array(head.bias))

    def standardise_by(self, inputs: np.ndarray) -> None:
        """Measure the mean and the spread of each band of the training data [n, mel_bands, frames]."""
        mean = inputs.mean(axis=(0, 2), keepdims=True, dtype=np.float64)
        spread = np.sqrt(inputs.var(axis=(0, 2), keepdims=True, dtype=np.float64))
        for name, parameter in self.parameters().items():
            if name.endswith("_mean") and parameter.grad_req == "null" and "standardise" in name:
                parameter.set_data(_mx.array(mean.astype(np.float32)))
            if name.endswith("_spread"):
                parameter.set_data(_mx.array(np.maximum(spread, 1.0).astype(np.float32)))

    def logits(self, inputs: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run all of the network: float32 [n, mel_bands, frames] to float32 [n, labels]."""
        return self._run(self.block, inputs, self.labels, batch_size)

    def embed(self, inputs: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run the body: float32 [n, mel_bands, frames] to embeddings float32 [n, module.EMBEDDING]."""
        return self._run(self.body, inputs, self.module.EMBEDDING, batch_size)

    def hear(self, patches: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run the part of the body that hears single patches: float32 [n, mel_bands, frames] to [n, numbers]."""
        if self._listener is None:
            self._listener = self._fused_listener(patches.shape[1:])
        return self._run(self._listener, patches, self.module.HEARD, batch_size)

    def _fused_listener(self, shape: Tuple[int, ...]) -> Any:
        """Copy the part that hears patches, each convolution joined with what follows it: a tenth faster."""
        body = self.module.body(self.spec)
        body.initialize(self.mx.init.Zero())
        body(self.mx.nd.zeros((1, self.spec.mel_bands, self.spec.clip_frames))).wait_to_read()
        own, copied = self.body.collect_params(), body.collect_params()
        for name, parameter in copied.items():
            parameter.set_data(own[self.body.prefix + name[len(body.prefix) :]].data())
        listener = self.module.listener(body)
        listener.optimize_for(
            self.mx.nd.zeros((FUSED_BATCH,) + tuple(shape)), backend="MKLDNN", static_alloc=True, static_shape=True
        )
        return listener

    def _run(self, block: Any, inputs: np.ndarray, numbers: int, batch_size: int) -> np.ndarray:
        """Run a block in batches of one shape, the last one filled up: MXNet plans its memory once a shape."""
        out = np.empty((len(inputs), numbers), np.float32)
        for first in range(0, len(inputs), batch_size):
            chunk = inputs[first : first + batch_size]
            batch = _filled_up(chunk, min(batch_size, _next_power_of_two(len(inputs))))
            out[first : first + len(chunk)] = block(_mx.array(batch)).asnumpy()[: len(chunk)]
        return out


def _filled_up(chunk: np.ndarray, size: int) -> np.ndarray:
    if len(chunk) == size:
        return np.asarray(chunk, np.float32)
    batch = np.zeros((size,) + chunk.shape[1:], np.float32)
    batch[: len(chunk)] = chunk
    return batch


def _next_power_of_two(count: int) -> int:
    return 1 << max(0, count - 1).bit_length()


def _first_weights(parameters: Mapping[str, Any], seed: int) -> Dict[str, np.ndarray]:
    """Draw weights for rectifiers (He et al. 2015): normal, variance 2 / inputs; the rest starts neutral."""
    random = np.random.RandomState(seed)
    arrays = {}
    for name, parameter in parameters.items():
        if name.endswith("_weight"):
            inputs = int(np.prod(parameter.shape[1:]))
            arrays[name] = (random.standard_normal(parameter.shape) * np.sqrt(2.0 / inputs)).astype(np.float32)
        else:
            neutral = np.ones if name.endswith(("_gamma", "_running_var", "_spread")) else np.zeros
            arrays[name] = neutral(parameter.shape, np.float32)
    return arrays
