"""Each network in MXNet and in ONNX Runtime: embeddings a second, in turn, in one process, with the same batches.

    python benchmarks/onnx_runtime.py

Both have the same weights and both cores. A detector's figure is of pictures, one look each.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from data import head, row, say_machine
from mediaml.backends.onnx.eye import OnnxEye
from mediaml.backends.onnx.finder import OnnxFinder
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.errors import WeightsError
from mediaml.features import weights
from mediaml.runtime import _mx
from mediaml.runtime.network import Network
from mediaml.runtime.networks import default_spec
from mediaml.vision.anchors import Anchors
from mediaml.vision.detector import SIDE, first_weights, made
from mediaml.vision.efficientnet import pretrained
from mediaml.vision.eye import Eye
from mediaml.vision.finder import Finder

ROUNDS = 7
SECONDS = 1.0  # of each in a round
LABELS = 3


def per_second(run: Callable[[Any], Any], batch: Any) -> float:
    """How many of a batch go through in a second."""
    begin, done = time.perf_counter(), 0
    while time.perf_counter() - begin < SECONDS:
        run(batch)
        done += len(batch)
    return done / (time.perf_counter() - begin)


def compare(name: str, theirs: Callable[[Any], Any], ours: Callable[[Any], Any], batch: Any) -> None:
    """Take turns, and print the medians and the ratio of each round."""
    first = [np.asarray(one(batch)) for one in (theirs, ours)]
    difference = np.abs(first[1] - first[0]).max() / np.abs(first[0]).max()
    rounds = [(per_second(theirs, batch), per_second(ours, batch)) for _ in range(ROUNDS)]
    ratios = sorted(onnx / mxnet for mxnet, onnx in rounds)
    mxnet, onnx = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    row(f"{name}, batch {len(batch)}", f"{mxnet:.0f}", f"{onnx:.0f}", ratio, f"{difference:.1e}")


def sounds(name: str) -> None:
    spec = default_spec(name)
    network, same = Network(name, spec, LABELS), OnnxNetwork(name, spec, LABELS)
    if name == "yamnet":
        network.set_body(weights.load(name).arrays)
    same.set_arrays(network.arrays())
    heard = np.random.RandomState(7).uniform(-7, 3, (32, spec.mel_bands, spec.clip_frames)).astype(np.float32)
    for count in (1, 32):
        compare(f"{name}, clips of {spec.clip_seconds:g} s", network.embed, same.embed, heard[:count])
    frames = getattr(network.module, "PATCH_FRAMES", spec.clip_frames)
    compare(f"{name}, patches of detect", network.hear, same.hear, heard[:, :, :frames])


def pictures() -> None:
    views = np.random.RandomState(7).randint(0, 256, (32, 224, 224, 3)).astype(np.uint8)
    eye = Eye(pretrained())
    same = OnnxEye(eye.arrays)
    for count in (1, 32):
        compare("efficientnet-lite0", eye.embed, same.embed, views[:count])


def boxes() -> None:
    anchors = Anchors(np.linspace(0.1, 0.6, 12, dtype=np.float32).reshape(-1, 2), np.array([0, 1, 1, 2, 2, 3]))
    net = made(LABELS, anchors)
    net.initialize(_mx.load().init.Zero())
    finder = Finder(first_weights(net, 7), LABELS, anchors, SIDE)
    same = OnnxFinder(finder.arrays, LABELS, anchors, SIDE)
    squares = np.random.RandomState(7).randint(0, 256, (8, SIDE, SIDE, 3)).astype(np.uint8)
    for count in (1, 8):
        compare("ssd", lambda batch: finder.look(batch)[0], lambda batch: same.look(batch)[0], squares[:count])


def main() -> None:
    say_machine()
    head("a second", "MXNet", "ONNX Runtime", "ratio", "largest difference")
    sounds("cnn")
    try:
        sounds("yamnet")
    except WeightsError as error:
        print(f"yamnet was left out: {error}", file=sys.stderr)
    pictures()
    boxes()


if __name__ == "__main__":
    main()
