"""Google's YAMNet: a MobileNet v1 that learned 521 kinds of sounds from AudioSet (2 million clips of 10 s).

It hears patches of 0.96 s, half of each in the next one, and gives 1024 numbers for each; their mean and their maximum
over a clip are what a head on top of it learns from. Howard et al., "MobileNets", 2017; Plakal & Ellis,
tensorflow/models, research/audioset/yamnet. The weights come from `features.weights`.

Here it works on patches that are turned by half a turn, with kernels that are turned, too. TensorFlow puts the zeros of
a layer that halves an even size behind it; seen from the other end they stand before it, which is all that is used of
MXNet's zeros on both sides. So no layer needs zeros of its own, for which MKL-DNN would have to lay out the memory
anew: 1.7 times faster.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

import numpy as np

from .. import _mx
from ..faults import SpecFault
from ..settings import Settings
from ..spec import YAMNET, Spec

SPEC = Spec(
    sample_rate=16000,
    n_fft=512,
    hop_length=160,
    mel_bands=64,
    fmin=125.0,
    fmax=7500.0,
    clip_seconds=5.0,
    window_length=400,
    recipe=YAMNET,
)
# for training all layers: the weights are good already, so small steps and no blends
SETTINGS = Settings(epochs=12, learning_rate=2e-4, mixup=0.0, patience=6)
PRETRAINED = True
PATCH_FRAMES = 96
PATCH_HOP = 48
PATCH_SAMPLES = (PATCH_FRAMES - 1) * 160 + 400
WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STRIDED = (2, 4, 6, 12)  # pairs, counted from 1, that halve time and frequency
HEARD = WIDTHS[-1]
EMBEDDING = 2 * HEARD
SIMILAR = HEARD  # the means tell better than the maxima whether two sounds are alike (docs/decisions/0006)
SILENT = -4.6  # ln(0.01), 20 dB above the front end's floor: a patch that never rises above it is not heard


def check(spec: Spec) -> None:
    """Refuse another front end: weights that were trained with one are worth nothing with another."""
    own = dict(SPEC.to_dict(), clip_seconds=spec.clip_seconds)
    different = sorted(name for name, value in spec.to_dict().items() if value != own[name])
    if different:
        raise SpecFault(
            "yamnet hears through its own front end; {} must be {}. SpectrogramBuilder.for_network('yamnet', "
            "clip_seconds=...) gives it".format(", ".join(different), ", ".join(repr(own[name]) for name in different))
        )
    if spec.clip_frames < PATCH_FRAMES:
        raise SpecFault("yamnet needs clips of at least 0.975 s, not {:g} s".format(spec.clip_seconds))


def body(spec: Spec) -> Any:
    """Make the network below the head, not yet initialised.

    Returns
    -------
    A HybridBlock from float32 [n, mel_bands, frames] to embeddings [n, EMBEDDING]: the mean and the maximum over the
    patches that are not silent, or over all where all of them are.

    Raises
    ------
    SpecFault
        The front end is not the network's own, or a clip is shorter than a patch.
    """
    check(spec)
    mx = _mx.load()

    class Body(mx.gluon.HybridBlock):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(prefix="yamnet_")
            with self.name_scope():
                self.trunk = _trunk(mx)
            self.starts = patch_starts(spec.clip_frames)

        def hybrid_forward(self, F: Any, x: Any) -> Any:  # noqa: N803
            cut = [F.slice_axis(x, axis=2, begin=start, end=start + PATCH_FRAMES) for start in self.starts]
            patches = F.stack(*cut, axis=1)
            heard = F.reshape(self.trunk(F.reshape(patches, shape=(-3, 0, 0))), shape=(-4, -1, len(cut), 0))
            loud = F.max(patches, axis=(2, 3)) > SILENT
            all_silent = F.broadcast_equal(F.sum(loud, axis=1, keepdims=True), F.zeros((1, 1)))
            counted = F.expand_dims(F.broadcast_add(loud, all_silent), axis=2)
            weighted = F.broadcast_mul(heard, counted)  # rectified, so that 0 is no maximum that a patch had not
            mean = F.broadcast_div(F.sum(weighted, axis=1), F.sum(counted, axis=1))
            return F.concat(mean, F.max(weighted, axis=1), dim=1)

    return Body()


def turned(arrays: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
    """Turn published weights, by name, as the network wants them: each kernel by half a turn."""
    return {
        name: np.ascontiguousarray(array[:, :, ::-1, ::-1]) if array.ndim == 4 else array
        for name, array in arrays.items()
    }


def patch_starts(frames: int) -> List[int]:
    """Give the first frame of each patch; what is left at the end is less than a hop, and not heard."""
    return list(range(0, frames - PATCH_FRAMES + 1, PATCH_HOP))


def _trunk(mx: Any) -> Any:
    """Convolutions with folded batch norm, patches [n, mel_bands, PATCH_FRAMES] to [n, HEARD]."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="")
    with net.name_scope():
        net.add(nn.HybridLambda(_half_turn))
        _add(nn, net, "conv0", 32, 3, 2)
        before = 32
        for number, width in enumerate(WIDTHS, 1):
            _add(nn, net, "depthwise{}".format(number), before, 3, 2 if number in STRIDED else 1, groups=before)
            _add(nn, net, "pointwise{}".format(number), width, 1, 1)
            before = width
        net.add(nn.GlobalAvgPool2D(), nn.Flatten())
    return net


def _half_turn(F: Any, x: Any) -> Any:  # noqa: N803
    """Patches [n, mel_bands, frames] to [n, 1, frames, mel_bands], both from the end to the start."""
    return F.expand_dims(F.flip(F.transpose(x, axes=(0, 2, 1)), axis=(1, 2)), axis=1)


def _add(nn: Any, net: Any, name: str, width: int, kernel: int, stride: int, groups: int = 1) -> None:
    """Add a convolution that keeps the size, or halves it."""
    net.add(
        nn.Conv2D(width, kernel, stride, kernel // 2, groups=groups, prefix=name + "_"),
        nn.Activation("relu"),
    )


# -- long recordings: each patch is heard once, and then belongs to several windows -----------------------------------


def listener(body: Any) -> Any:
    """Give the part of the body that hears one patch, [n, mel_bands, PATCH_FRAMES] to [n, HEARD]."""
    return body.trunk


WINDOW = 2  # patches that are judged together: 1.44 s, chosen on mixtures of training sounds (docs/decisions/0007)
PATCH_STEP = PATCH_HOP * 160  # samples from one of them to the next


def patch_samples(spec: Spec) -> int:
    """Samples that are heard at once."""
    return PATCH_SAMPLES


def pool(heard: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Put what was heard in neighbouring patches together, as the body does.

    Parameters
    ----------
    heard
        float32 [n, patches, HEARD].
    patches
        Their loudest points, float32 [n, patches], as the front end gives them.
    """
    loud = patches > SILENT
    counted = (loud | ~loud.any(axis=1, keepdims=True)).astype(np.float32)[:, :, None]
    weighted = heard * counted
    return np.concatenate([weighted.sum(axis=1) / counted.sum(axis=1), weighted.max(axis=1)], axis=1)
