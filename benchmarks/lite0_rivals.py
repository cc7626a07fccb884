"""One rival's forward pass of EfficientNet-Lite0, timed in its own environment; called by lite0.py."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCHES, SECONDS = (1, 32), 3.0
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def mediaml(path: str) -> Callable[[Any], Any]:
    from mediaml.vision.efficientnet import pretrained
    from mediaml.vision.eye import Eye

    eye = Eye(pretrained())
    return eye.embed


def torch(path: str) -> Callable[[Any], Any]:  # noqa: C901  a whole network, as short as it can be said
    import torch as package

    state = package.load(path, weights_only=True)
    functional = package.nn.functional

    def folded(conv: str, norm: str) -> tuple[Any, Any]:
        scale = state[norm + ".weight"] / package.sqrt(state[norm + ".running_var"] + 1e-3)
        weight = (state[conv + ".weight"] * scale[:, None, None, None]).contiguous(memory_format=package.channels_last)
        return weight, state[norm + ".bias"] - state[norm + ".running_mean"] * scale

    layers: dict[str, tuple[Any, Any]] = {"stem": folded("_conv_stem", "_bn0"), "top": folded("_conv_head", "_bn1")}
    for number in range(sum(stage[0] for stage in STAGES)):
        place = f"_blocks.{number}."
        for conv, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
            if place + conv + ".weight" in state:
                layers[place + conv] = folded(place + conv, place + norm)

    def conv(x: Any, name: str, stride: int = 1, groups: int = 1) -> Any:
        weight, bias = layers[name]
        kernel = weight.shape[2]
        around = max((math.ceil(x.shape[2] / stride) - 1) * stride + kernel - x.shape[2], 0)
        if stride == 1:
            return functional.conv2d(x, weight, bias, 1, kernel // 2, 1, groups)
        x = functional.pad(x, (around // 2, around - around // 2) * 2)
        return functional.conv2d(x, weight, bias, stride, 0, 1, groups)

    def forward(x: Any) -> Any:
        x, number, before = conv(x, "stem", 2).clamp_(0, 6), 0, 32
        for blocks, _, stride, expand, width in STAGES:
            for repeat in range(blocks):
                place, step, seen = f"_blocks.{number}.", stride if repeat == 0 else 1, x
                if expand > 1:
                    seen = conv(seen, place + "_expand_conv").clamp_(0, 6)
                seen = conv(seen, place + "_depthwise_conv", step, seen.shape[1]).clamp_(0, 6)
                seen = conv(seen, place + "_project_conv")
                x = x + seen if step == 1 and before == width else seen
                before, number = width, number + 1
        return conv(x, "top").clamp_(0, 6).mean((2, 3))

    def run(squares: Any) -> Any:
        with package.inference_mode():
            x = package.from_numpy((squares.astype(np.float32).transpose(0, 3, 1, 2) - 127) / 128)
            return forward(x.contiguous(memory_format=package.channels_last)).numpy()

    return run


def main() -> None:
    run = {"mediaml": mediaml, "torch": torch}[sys.argv[1]](sys.argv[2])
    random = np.random.RandomState(0)
    found: dict[str, float] = {}
    for batch in BATCHES:
        squares = random.randint(0, 256, (batch, 224, 224, 3)).astype(np.uint8)
        for _ in range(3):
            answer = run(squares)
        if batch == 1:
            found["checksum"] = float(np.mean(answer))
        times = []
        while sum(times) < SECONDS:
            began = time.perf_counter()
            run(squares)
            times.append(time.perf_counter() - began)
        found[str(batch)] = batch / sorted(times)[len(times) // 2]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
