"""A single-shot detector on EfficientNet-Lite0: a pyramid of four levels, and a score and a shift for every anchor.

Liu et al. 2016, "SSD"; Lin et al. 2017, "Feature pyramid networks" and "Focal loss".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediaml.runtime import _mx
from mediaml.vision.anchors import STRIDES, Anchors
from mediaml.vision.efficientnet import STAGES, Floats, backbone, pretrained

SIDE = 384  # pixels of the square that it looks at, where nothing else is said
LARGEST_SIDE = 1024
STEP = STRIDES[-1]  # that the side is a multiple of
TAPS = (4, 10, 15)  # blocks that end strides 8, 16 and 32
WIDTH = 96
LAST = len(STRIDES) - 1
PRIOR = 0.01  # the probability that every anchor starts with: most of a picture is background (Lin et al.)
FROZEN = ("lite0_stem", "lite0_block0_", "lite0_block1_", "lite0_block2_")  # edges and colours are the same everywhere


def detector(labels: int, counts: Sequence[int]) -> Any:
    """Make the network, not yet initialised.

    Parameters
    ----------
    labels
        How many labels it tells apart.
    counts
        How many anchors a cell of each level has.

    Returns
    -------
    A HybridBlock from float32 [n, 3, side, side] to scores (logits) [n, anchors, labels] and shifts [n, anchors, 4].
    """
    mx = _mx.load()
    nn = mx.gluon.nn
    widths = (STAGES[2].width, STAGES[4].width, STAGES[6].width)
    used = [level for level, count in enumerate(counts) if count]
    lowest = min(*used, LAST - 1)  # finer levels than that have no anchors

    class Detector(mx.gluon.HybridBlock):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(prefix="")
            self.body = backbone(TAPS)
            with self.name_scope():
                self.across = [
                    nn.Conv2D(WIDTH, 1, in_channels=width, prefix=f"across{level}_")
                    for level, width in enumerate(widths)
                    if level >= lowest
                ]
                self.further = nn.Conv2D(WIDTH, 3, 2, 1, in_channels=WIDTH, prefix="further_") if LAST in used else None
                self.smooth = [_smooth(nn, level) for level in used]
                self.scores = [_head(nn, f"scores{n}_", counts[n] * labels) for n in used]
                self.shifts = [_head(nn, f"shifts{n}_", counts[n] * 4) for n in used]
            for block in (*self.across, *self.smooth, *self.scores, *self.shifts):
                self.register_child(block)

        def hybrid_forward(self, F: Any, x: Any) -> Any:  # noqa: N803
            tapped = self.body(x)[lowest:] if lowest < len(TAPS) - 1 else [self.body(x)[-1]]
            levels = [block(one) for block, one in zip(self.across, tapped, strict=True)]
            for finer in range(len(levels) - 2, -1, -1):
                levels[finer] = levels[finer] + F.UpSampling(levels[finer + 1], scale=2, sample_type="nearest")
            if self.further:
                levels.append(self.further(levels[-1]))
            smooth = [block(levels[level - lowest]) for block, level in zip(self.smooth, used, strict=True)]
            scores = [_listed(F, head(one), labels) for head, one in zip(self.scores, smooth, strict=True)]
            shifts = [_listed(F, head(one), 4) for head, one in zip(self.shifts, smooth, strict=True)]
            return F.concat(*scores, dim=1), F.concat(*shifts, dim=1)

    return Detector()


def _smooth(nn: Any, level: int) -> Any:
    """Look at the neighbours of every cell, in every channel by itself, and mix the channels."""
    net = nn.HybridSequential(prefix=f"smooth{level}_")
    with net.name_scope():
        net.add(
            nn.HybridLambda(lambda F, x: F.clip(x, 0, 6)),  # noqa: N803
            nn.Conv2D(WIDTH, 3, 1, 1, groups=WIDTH, in_channels=WIDTH, prefix="depthwise_"),
            nn.Conv2D(WIDTH, 1, in_channels=WIDTH, prefix="pointwise_"),
            nn.HybridLambda(lambda F, x: F.clip(x, 0, 6)),  # noqa: N803
        )
    return net


def _head(nn: Any, prefix: str, width: int) -> Any:
    return nn.Conv2D(width, 3, 1, 1, in_channels=WIDTH, prefix=prefix)


def _listed(F: Any, x: Any, numbers: int) -> Any:  # noqa: N803
    """Bring a map [n, sizes * numbers, rows, columns] into the anchors' order, [n, anchors, numbers]."""
    return F.reshape(F.transpose(x, axes=(0, 2, 3, 1)), shape=(0, -1, numbers))


def first_weights(net: Any, seed: int, weights: Mapping[str, Floats] | None = None) -> dict[str, Floats]:
    """Draw what was not learned before (He et al. 2015), and take the backbone from ImageNet."""
    random = np.random.RandomState(seed)
    known = pretrained() if weights is None else weights
    arrays: dict[str, Floats] = {}
    for name, parameter in net.collect_params().items():
        if name in known:
            arrays[name] = np.array(known[name])
        elif name.endswith("_weight"):
            spread = 0.01 if name.startswith(("scores", "shifts")) else np.sqrt(2.0 / np.prod(parameter.shape[1:]))
            arrays[name] = (random.standard_normal(parameter.shape) * spread).astype(np.float32)
        else:
            level = -np.log((1 - PRIOR) / PRIOR) if name.startswith("scores") else 0.0
            arrays[name] = np.full(parameter.shape, level, np.float32)
    return arrays


def made(labels: int, anchors: Anchors) -> Any:
    """Make the network for some labels and anchors."""
    return detector(labels, anchors.counts)
