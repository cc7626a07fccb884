"""EfficientNet-Lite0 in MXNet, with the batch norms of its ImageNet weights folded into the convolutions.

Tan & Le 2019, "EfficientNet"; the Lite variant has ReLU6 and no squeeze-and-excite, and its stem and head are not
scaled. Padding is TensorFlow's: where a strided layer needs an odd number of rows, one more stands after the picture
than before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.runtime import _mx
from mediaml.vision import checkpoint

SIDE = 224
EMBEDDING = 1280
CLASSES = 1000
EPSILON = 1e-3  # of the batch norms
MEAN, SCALE = 127.0, 1 / 128.0  # measured right for these weights (docs/decisions/0009)
STEM = 32
Floats = npt.NDArray[np.float32]


class Stage(NamedTuple):
    """Blocks of one width: how many, kernel, stride of the first, growth inside, width."""

    blocks: int
    kernel: int
    stride: int
    expand: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class Plan(NamedTuple):
    """One block: its number, kernel, stride, growth, and channels before and after."""

    number: int
    kernel: int
    stride: int
    expand: int
    before: int
    width: int


def plans() -> list[Plan]:
    """List all 16 blocks."""
    found: list[Plan] = []
    before = STEM
    for stage in STAGES:
        for repeat in range(stage.blocks):
            stride = stage.stride if repeat == 0 else 1
            found.append(Plan(len(found), stage.kernel, stride, stage.expand, before, stage.width))
            before = stage.width
    return found


def backbone(taps: Sequence[int] = ()) -> Any:
    """Make the convolutions, not yet initialised.

    Parameters
    ----------
    taps
        Numbers of blocks, rising.

    Returns
    -------
    A HybridBlock from float32 [n, 3, height, width] to the outputs of these blocks, in order; without taps, to the
    embedding [n, EMBEDDING].
    """
    mx = _mx.load()
    nn = mx.gluon.nn
    last = max(taps, default=len(plans()) - 1)

    class Backbone(mx.gluon.HybridBlock):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(prefix="lite0_")
            with self.name_scope():
                self.stem = nn.HybridSequential(prefix="")
                _add(nn, self.stem, "stem", 3, STEM, 3, 2)
                self.blocks = [_block(nn, plan) for plan in plans()[: last + 1]]
                for block in self.blocks:
                    self.register_child(block)
                self.top = nn.HybridSequential(prefix="")
                if not taps:
                    _add(nn, self.top, "top", STAGES[-1].width, EMBEDDING, 1)
                    self.top.add(nn.GlobalAvgPool2D(), nn.Flatten())

        def hybrid_forward(self, F: Any, x: Any) -> Any:  # noqa: N803
            x, tapped = self.stem(x), []
            for plan, block in zip(plans(), self.blocks, strict=False):
                seen = block(x)
                x = x + seen if plan.stride == 1 and plan.before == plan.width else seen
                if plan.number in taps:
                    tapped.append(x)
            return tapped if taps else self.top(x)

    return Backbone()


def _block(nn: Any, plan: Plan) -> Any:
    """Widen, look around in every channel by itself, narrow."""
    net = nn.HybridSequential(prefix=f"block{plan.number}_")
    inside = plan.before * plan.expand
    with net.name_scope():
        if plan.expand > 1:
            _add(nn, net, "expand", plan.before, inside, 1)
        _add(nn, net, "depthwise", inside, inside, plan.kernel, plan.stride, inside)
        _add(nn, net, "project", inside, plan.width, 1, rectified=False)
    return net


def _add(  # noqa: PLR0913  a convolution has so many sides
    nn: Any,
    net: Any,
    name: str,
    before: int,
    width: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    *,
    rectified: bool = True,
) -> None:
    """Add a convolution; strided ones see one row and column more after the picture than before it."""
    around = kernel // 2
    if stride == 2:
        more = (0, 0, 0, 0, around - 1, around, around - 1, around)
        net.add(nn.HybridLambda(lambda F, x: F.pad(x, mode="constant", pad_width=more)))  # noqa: N803
        around = 0
    net.add(nn.Conv2D(width, kernel, stride, around, groups=groups, in_channels=before, prefix=f"{name}_"))
    if rectified:
        net.add(nn.HybridLambda(lambda F, x: F.clip(x, 0, 6)))  # noqa: N803


@lru_cache(maxsize=1)
def pretrained(path: Path | None = None) -> Mapping[str, Floats]:
    """Give the ImageNet weights by the names of the network's own parameters, and the original's classifier.

    Parameters
    ----------
    path
        Of the checkpoint; None: the one that the extra ``pretrained`` brings.

    Raises
    ------
    MissingExtraError
        The extra is not installed.
    WeightsError
        The file is another one.
    """
    given = checkpoint.read(path or checkpoint.find())
    out = _folded(given, "_conv_stem", "_bn0", "lite0_stem")
    for plan in plans():
        theirs, ours = f"_blocks.{plan.number}.", f"lite0_block{plan.number}_"
        # their batch norms are counted from the first convolution that every kind of block has
        pairs = [("_depthwise_conv", "_bn1", "depthwise"), ("_project_conv", "_bn2", "project")]
        if plan.expand > 1:
            pairs.insert(0, ("_expand_conv", "_bn0", "expand"))
        for conv, norm, name in pairs:
            out.update(_folded(given, theirs + conv, theirs + norm, ours + name))
    out.update(_folded(given, "_conv_head", "_bn1", "lite0_top"))
    out["classifier_weight"] = np.asarray(given["_fc.weight"], np.float32)
    out["classifier_bias"] = np.asarray(given["_fc.bias"], np.float32)
    for array in out.values():
        array.setflags(write=False)
    return out


def _folded(given: Mapping[str, npt.NDArray[Any]], conv: str, norm: str, name: str) -> dict[str, Floats]:
    """Put a batch norm into the convolution before it: the same function of one step less."""
    scale = given[f"{norm}.weight"].astype(np.float64) / np.sqrt(given[f"{norm}.running_var"] + EPSILON)
    weight = given[f"{conv}.weight"] * scale[:, None, None, None]
    bias = given[f"{norm}.bias"] - given[f"{norm}.running_mean"] * scale
    return {f"{name}_weight": weight.astype(np.float32), f"{name}_bias": bias.astype(np.float32)}
