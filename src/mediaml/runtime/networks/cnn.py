"""A small convolutional network that learns sounds from scratch.

Four blocks of convolutions on a log-mel spectrogram, then the mean and the maximum over time, after the CNN6 and CNN10
of Kong et al., "PANNs", 2020, at a fraction of their width.
"""

from __future__ import annotations

from typing import Any

from .. import _mx
from ..faults import SpecFault
from ..spec import Spec

SPEC = Spec()  # its defaults were chosen for this network
SMALLEST = 9  # bands and frames: four times halved and rounded up, one is left
WIDTHS = (16, 32, 64, 128)


def build(labels: int, spec: Spec) -> Any:
    """Make the network, not yet initialised.

    Parameters
    ----------
    labels
        How many to tell apart.
    spec
        The front end; the network takes any number of bands and frames from 9 upwards.

    Returns
    -------
    A HybridBlock from float32 [n, mel_bands, frames] in dB to logits [n, labels].
    """
    if min(spec.mel_bands, spec.clip_frames) < SMALLEST:
        raise SpecFault(
            "clip_seconds={:g} at hop_length={} gives {} frames of {} bands; the cnn needs {} of each".format(
                spec.clip_seconds, spec.hop_length, spec.clip_frames, spec.mel_bands, SMALLEST
            )
        )
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
        net.add(MeanAndMax(), nn.Dropout(0.3), nn.Dense(labels))
    return net
