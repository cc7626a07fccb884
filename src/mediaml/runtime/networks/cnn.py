"""A small convolutional network that learns sounds from scratch.

Four blocks of convolutions on a log-mel spectrogram, then the mean and the maximum over time, after the CNN6 and CNN10
of Kong et al., "PANNs", 2020, at a fraction of their width.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _mx
from ..faults import SpecFault
from ..settings import Settings
from ..spec import Spec

SPEC = Spec()  # its defaults were chosen for this network
SETTINGS = Settings()
PRETRAINED = False
SMALLEST = 9  # bands and frames: four times halved and rounded up, one is left
WIDTHS = (16, 32, 64, 128)
EMBEDDING = WIDTHS[-1]
HEARD = EMBEDDING
SIMILAR = EMBEDDING  # of the embedding's numbers, how many tell whether two sounds are alike


def check(spec: Spec) -> None:
    """Refuse a front end that gives less than the network needs."""
    if min(spec.mel_bands, spec.clip_frames) < SMALLEST:
        raise SpecFault(
            "clip_seconds={:g} at hop_length={} gives {} frames of {} bands; the cnn needs {} of each".format(
                spec.clip_seconds, spec.hop_length, spec.clip_frames, spec.mel_bands, SMALLEST
            )
        )


def body(spec: Spec) -> Any:
    """Make the network below the head, not yet initialised.

    Parameters
    ----------
    spec
        The front end; the network takes any number of bands and frames from 9 upwards.

    Returns
    -------
    A HybridBlock from float32 [n, mel_bands, frames] in dB to embeddings [n, EMBEDDING].
    """
    check(spec)
    mx = _mx.load()
    nn = mx.gluon.nn

    class Standardise(mx.gluon.HybridBlock):  # type: ignore[misc, name-defined]
        """Take away the mean and the spread of each band; both are constants measured on the training data."""

        def __init__(self) -> None:
            super().__init__()
            for name in ("mean", "spread"):
                parameter = self.params.get(name, shape=(1, spec.mel_bands, 1), grad_req="null", init="ones")
                setattr(self, name, parameter)

        def hybrid_forward(self, F: Any, x: Any, mean: Any, spread: Any) -> Any:  # noqa: N803
            return F.expand_dims(F.broadcast_div(F.broadcast_sub(x, mean), spread), axis=1)

    class MeanAndMax(mx.gluon.HybridBlock):  # type: ignore[misc, name-defined]
        """Mean over the bands, then the mean plus the maximum over time: steady sounds and single events."""

        def hybrid_forward(self, F: Any, x: Any) -> Any:  # noqa: N803
            over_time = F.mean(x, axis=2)
            return F.mean(over_time, axis=2) + F.max(over_time, axis=2)

    net = nn.HybridSequential(prefix="cnn_")
    with net.name_scope():
        net.add(Standardise())
        for width in WIDTHS:
            net.add(nn.Conv2D(width, 3, padding=1, use_bias=False), nn.BatchNorm(), nn.Activation("relu"))
            net.add(nn.MaxPool2D(2, ceil_mode=True))
        net.add(MeanAndMax())
    return net


# -- long recordings: the network hears one clip after another --------------------------------------------------------


def listener(body: Any) -> Any:
    """Give the part of the body that hears one patch: a clip."""
    return body


WINDOW = 1  # patches that are judged together
PATCH_STEP = 0  # samples from one of them to the next


def patch_samples(spec: Spec) -> int:
    """Samples that are heard at once."""
    return spec.clip_samples


def pool(heard: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Put what was heard in neighbouring clips together: float32 [n, patches, EMBEDDING] to [n, EMBEDDING]."""
    mean: np.ndarray = heard.mean(axis=1)
    return mean
