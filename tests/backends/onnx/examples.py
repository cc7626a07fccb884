"""Models whose networks have weights and have learned nothing, and a process without MXNet."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import mediaml as mm
from mediaml.backends.pictures.fitted_boxes import FittedBoxes, Operating
from mediaml.runtime import _mx
from mediaml.vision.anchors import Anchors
from mediaml.vision.box_calibration import BoxCalibration
from mediaml.vision.detector import first_weights, made
from mediaml.vision.efficientnet import Floats
from mediaml.vision.finder import Finder
from tests.pictures import SHAPES

SIDE = 128
WITHOUT = "import sys\nsys.modules['mxnet'] = None\nimport mediaml as mm\n"


def anchors(*levels: int) -> Anchors:
    """Anchors of rising sizes on these levels."""
    sizes = np.linspace(0.2, 0.6, 2 * len(levels), dtype=np.float32).reshape(-1, 2)
    return Anchors(sizes, np.array(levels))


def detector_weights(found: Anchors, seed: int = 0) -> dict[str, Floats]:
    """Weights that have learned nothing, and are not afraid to say something."""
    net = made(len(SHAPES), found)
    net.initialize(_mx.load().init.Zero())
    weights = first_weights(net, seed)
    return {
        name: np.zeros_like(one) if name.startswith("scores") and one.ndim == 1 else one
        for name, one in weights.items()
    }


def box_model() -> mm.LocalImageModel:
    """A model of boxes that names whatever is a little likelier than not."""
    found = anchors(0, 1, 1, 2, 3)
    finder = Finder(detector_weights(found), len(SHAPES), found, SIDE)
    operating = tuple(Operating(0.5, 0.5, 4) for _ in SHAPES)
    fitted = FittedBoxes(
        finder, SHAPES, BoxCalibration(1.0, 0.0), (0.5,) * 3, operating, (), {"seed": 0}, frozenset({"a" * 64})
    )
    model = mm.LocalImageModel("ssd", side=SIDE)
    model._fitted = fitted
    return model


def noise(seed: int, shape: tuple[int, ...], low: float, high: float) -> npt.NDArray[np.float32]:
    """Random inputs."""
    return np.asarray(np.random.RandomState(seed).uniform(low, high, shape), np.float32)


def told_without_mxnet(program: str, *arguments: object) -> str:
    """Run a program where MXNet cannot be imported, and give what it prints."""
    words = [str(one) for one in arguments]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + program, *words], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def files(folder: Path) -> Mapping[str, bytes]:
    """All that lies in a folder."""
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def agree(ours: Any, theirs: Any, tolerance: float = 1e-4) -> bool:
    """Whether numbers are the same, but for so much of the largest of them."""
    return bool(np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max())
