"""Models of pictures as ONNX: out of MXNet into a folder, and back to life without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mediaml.backends.onnx import agreement, files
from mediaml.backends.onnx.eye import OnnxEye
from mediaml.backends.onnx.finder import OnnxFinder
from mediaml.backends.onnx.graphs import lite0, ssd
from mediaml.backends.pictures.fitted_boxes import FittedBoxes
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.store_boxes import NETWORK as BOXES
from mediaml.backends.pictures.store_boxes import WEIGHTS
from mediaml.backends.pictures.store_labels import EYE
from mediaml.models.load import ONNX_PICTURES
from mediaml.runtime.learned import FORMAT
from mediaml.vision.efficientnet import SIDE
from mediaml.vision.eye import AnyEye
from mediaml.vision.finder import AnyFinder
from mediaml.vision.views import Pixels


def write(
    fitted: object, folder: str, facts: Mapping[str, Any], arrays: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """Write a model, its network as an ONNX graph. To be called on MXNet's thread.

    Parameters
    ----------
    fitted
        The model.
    folder
        Made where missing.
    facts, arrays
        What a saved model holds of it.
    settings
        What it can be made and fitted again with.

    Raises
    ------
    BackendError
        The graph does not compute what MXNet does.
    """
    if not isinstance(fitted, FittedLabels | FittedBoxes):
        raise TypeError(f"a fitted model of pictures is exported, not {type(fitted).__name__}")
    graph = _graph_of_boxes(fitted) if isinstance(fitted, FittedBoxes) else _graph_of_labels(fitted)
    document = {"format": FORMAT, "kind": ONNX_PICTURES, **facts, "settings": dict(settings)}
    rest = {name: array for name, array in arrays.items() if not name.startswith((EYE, WEIGHTS))}
    files.write(folder, document, rest, graph)


def is_onnx(fitted: object) -> bool:
    """Tell whether ONNX Runtime runs a model's network."""
    network = fitted.finder if isinstance(fitted, FittedBoxes) else getattr(fitted, "eye", None)
    return isinstance(network, OnnxFinder | OnnxEye)


def maker(boxes: bool) -> Callable[..., OnnxFinder | OnnxEye]:
    """Give what makes a network of weights."""
    return OnnxFinder if boxes else OnnxEye


def contents(folder: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Read facts and arrays that `write` wrote, the network's weights among them as in a saved model.

    Raises
    ------
    StoreFault
        It is missing, damaged, or not understood.
    """
    facts, arrays, weights = files.read(folder)
    prefix = WEIGHTS if facts["network"] == BOXES else EYE
    rest = {name: array for name, array in arrays.items() if not name.startswith((EYE, WEIGHTS))}
    return facts, {**rest, **{prefix + name: array for name, array in weights.items()}}


def _graph_of_labels(fitted: FittedLabels) -> Any:
    eye: AnyEye = fitted.eye
    if not isinstance(eye, OnnxEye):
        views = pictures(SIDE)
        agreement.check({"embedding": eye.embed(views)}, {"embedding": OnnxEye(eye.arrays).embed(views)})
    return lite0.whole(eye.arrays)


def _graph_of_boxes(fitted: FittedBoxes) -> Any:
    finder: AnyFinder = fitted.finder
    labels = len(fitted.labels)
    if not isinstance(finder, OnnxFinder):
        squares = pictures(finder.side)
        same = OnnxFinder(finder.arrays, labels, finder.anchors, finder.side, finder.flips)
        theirs, ours = (dict(zip((ssd.SCORES, ssd.SHIFTS), one.look(squares), strict=True)) for one in (finder, same))
        agreement.check(theirs, ours)
    return ssd.whole(labels, finder.anchors, finder.side, finder.arrays)


def pictures(side: int) -> Pixels:
    """Draw points of any colour, fine in the first and coarse in the last."""
    random = np.random.RandomState(agreement.SEED)
    found = []
    for number in range(agreement.EXAMPLES):
        coarse = random.randint(0, 256, (-(-side // 4**number),) * 2 + (3,)).astype(np.uint8)
        found.append(coarse.repeat(4**number, axis=0).repeat(4**number, axis=1)[:side, :side])
    return np.stack(found)
