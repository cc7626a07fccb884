"""The two kinds of models of pictures, labels and boxes, behind the same verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mediaml.backends import mxnet_thread
from mediaml.backends.onnx import files, pictures
from mediaml.backends.pictures import stored
from mediaml.backends.pictures.fitted import FittedPictures
from mediaml.backends.pictures.recipe import BOXES, LABELS, ImageRecipe
from mediaml.data.image import ImageDataset
from mediaml.errors import SavedModelError
from mediaml.models.load import ONNX_PICTURES, kind_of
from mediaml.runtime import _mx
from mediaml.values.report import Report

if TYPE_CHECKING:
    Parts = tuple[ImageDataset, ImageDataset | None, ImageDataset | None]


class Kind(NamedTuple):
    """What one kind of model does for each verb.

    Parameters
    ----------
    fit
        From a recipe, the parts of the data, a folder for checkpoints and whether to show bars to a fitted model.
    evaluate
        From a fitted model, data, what is known of the model, and whether to show bars to a report.
    facts, arrays
        What a saved model holds.
    build
        From these, and from what makes a network of weights where that is not MXNet, to a fitted model.
    """

    fit: Callable[[ImageRecipe, Parts, str | None, bool], Any]
    evaluate: Callable[[Any, ImageDataset, Mapping[str, Any], bool], Report]
    facts: Callable[[Any], dict[str, Any]]
    arrays: Callable[[Any], dict[str, Any]]
    build: Callable[..., Any]


def _of(network: str) -> Kind:
    """Give the kind that a network belongs to; imported when it is needed."""
    if network == BOXES:
        from mediaml.backends.pictures import boxes

        return Kind(boxes.fit, boxes.evaluate, boxes.facts_of, boxes.arrays_of, boxes.from_facts)
    from mediaml.backends.pictures import labels

    return Kind(labels.fit, labels.evaluate, labels.facts_of, labels.arrays_of, labels.from_facts)


def fit(
    recipe: ImageRecipe,
    train: ImageDataset,
    validation: ImageDataset | None,
    background: ImageDataset | None,
    checkpoint: str | None,
    progress: bool,
) -> FittedPictures:
    """Learn."""
    for name, part in (("train", train), ("validation", validation), ("background", background)):
        if part is None and name != "train":
            continue
        if not isinstance(part, ImageDataset):
            raise TypeError(f"{name} is an ImageDataset (from_folder, from_coco ...), not {type(part).__name__}")
    mxnet_thread.run(_mx.load)  # where there is none, better now than after all pictures were read
    found: FittedPictures = _of(recipe.network).fit(recipe, (train, validation, background), checkpoint, progress)
    return found


def evaluate(recipe: ImageRecipe, fitted: FittedPictures, dataset: ImageDataset, progress: bool) -> Report:
    """Measure."""
    if not isinstance(dataset, ImageDataset):
        raise TypeError(f"an ImageDataset is measured on, not {type(dataset).__name__}")
    return _of(recipe.network).evaluate(fitted, dataset, recipe.about(), progress)


def save(fitted: FittedPictures, folder: str, settings: Mapping[str, Any]) -> None:
    """Write a model into a folder; an exported one stays one."""
    kind = _of(settings["network"])
    if pictures.is_onnx(fitted):
        export_onnx(fitted, folder, settings)
    else:
        stored.write(folder, kind.facts(fitted), kind.arrays(fitted), settings)
        files.tidy(folder)


def export_onnx(fitted: FittedPictures, folder: str, settings: Mapping[str, Any]) -> None:
    """Write a model with its network as an ONNX graph.

    Raises
    ------
    BackendError
        The graph does not compute what MXNet does.
    MissingExtraError
        ONNX Runtime, which this is measured with, is not installed.
    """
    kind = _of(settings["network"])
    mxnet_thread.run(lambda: pictures.write(fitted, folder, kind.facts(fitted), kind.arrays(fitted), settings))


def load(folder: str) -> tuple[FittedPictures, Mapping[str, Any]]:
    """Read what `save` or `export_onnx` wrote: the model, and the settings that it was saved with.

    ONNX Runtime runs what was exported, and where there is no MXNet, what was saved, too.

    Raises
    ------
    SavedModelError
        It is missing, damaged, not understood, or no model of pictures.
    """
    if (kind := kind_of(folder)) not in (stored.KIND, ONNX_PICTURES):
        raise SavedModelError(f"{folder}: a model of the kind {kind!r}; mm.load(folder) loads every kind")
    facts = stored.read_facts(folder)
    network, settings = facts.get("network"), facts.get("settings")
    if network not in (LABELS, BOXES) or not isinstance(settings, Mapping):
        raise SavedModelError(f"{folder}: model.json names no network that this mediaml has, but {network!r}")
    build = _of(network).build
    without_mxnet = partial(build, make=pictures.maker(network == BOXES))
    if kind == ONNX_PICTURES:
        return stored.read(folder, without_mxnet, pictures.contents), settings
    there = mxnet_thread.run(_mx.available)
    return stored.read(folder, build if there else without_mxnet), settings
