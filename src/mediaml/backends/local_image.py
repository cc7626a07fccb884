"""Models of pictures on this machine: MXNet, no account, no network."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from mediaml.backends.exporting import Exporting
from mediaml.backends.pictures import fitted, kinds
from mediaml.backends.pictures.detecting import Detecting
from mediaml.backends.pictures.fitted import FittedPictures
from mediaml.backends.pictures.items import PictureItem
from mediaml.backends.pictures.recipe import ImageRecipe
from mediaml.backends.pictures.watching import Watcher
from mediaml.data.image import ImageDataset
from mediaml.errors import NotDeployedError, NotFittedError, SavedModelError
from mediaml.models.base import Deployment, Model, OnError, Predictor
from mediaml.models.improvement import Improvable, Learned
from mediaml.values.prediction import ImagePrediction
from mediaml.values.report import Report

if TYPE_CHECKING:
    import pandas as pd


class Looker(Detecting, Predictor[PictureItem, ImagePrediction]):
    """Whatever has a fitted model to look with."""

    @abstractmethod
    def _ready(self) -> FittedPictures:
        """Give the fitted model, or raise what says why there is none."""

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: PictureItem, *, on_error: OnError = "raise"
    ) -> ImagePrediction: ...

    @overload
    def predict(self, items: Iterable[PictureItem], *, on_error: OnError = "raise") -> list[ImagePrediction]: ...

    def predict(
        self, items: PictureItem | Iterable[PictureItem], *, on_error: OnError = "raise"
    ) -> ImagePrediction | list[ImagePrediction]:
        """Tell what is to be seen. May be called from several threads.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, an array (uint8 [height, width, 3]), an image of Pillow's or a
            row of a dataset: one prediction. A list of them or a dataset: a list of predictions, one an item, in
            order.
        on_error
            ``"raise"``: an item that cannot be read raises `ImageError`. ``"skip"``: a prediction with its `error`
            stands in its place.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or the deployment was closed.
        ImageError
            An item cannot be read, and `on_error` is ``"raise"``.
        """
        return fitted.predict(self._ready(), items, on_error)

    def looker(self) -> FittedPictures:
        """Give what looks at pictures.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or the deployment was closed.
        """
        return self._ready()

    def watcher(self) -> Watcher:
        """Give what looks at the pictures of videos; see `Detecting.watcher`."""
        return self._ready().watcher()


class LocalImageDeployment(Looker, Deployment[PictureItem, ImagePrediction]):
    """A local model at work in this process: as it was when it was deployed, whatever the model learns later."""

    def __init__(self, fitted: FittedPictures) -> None:
        self._fitted: FittedPictures | None = fitted

    def _ready(self) -> FittedPictures:
        if self._fitted is None:
            raise NotDeployedError("this deployment was closed: model.deploy() gives a new one")
        return self._fitted

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart.

        Raises
        ------
        NotDeployedError
            It was closed.
        """
        return self._ready().labels

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._fitted is None

    def __repr__(self) -> str:
        state = "closed" if self._fitted is None else f"{len(self._fitted.labels)} labels"
        return f"<LocalImageDeployment {state}>"

    def close(self) -> None:
        """End the deployment; the model stays."""
        self._fitted = None


class LocalImageModel(
    ImageRecipe, Looker, Model[ImageDataset, PictureItem, ImagePrediction], Improvable[ImageDataset], Exporting
):
    """Recognises what is in pictures, or finds where it is, with a network that runs on this machine.

    Parameters
    ----------
    network
        ``"efficientnet-lite0"`` gives labels: a head on what a network sees that knows a million pictures of ImageNet;
        a few pictures of yours a label are enough. ``"ssd"`` finds boxes: a detector on the same network, trained for
        some minutes.
    multi_label
        Labels: several can be true of a picture at once, or none.
    view
        Labels: look at the middle of the picture (``"crop"``), at all of it, squashed to a square (``"squash"``), or at
        both, which takes twice as long. None: chosen by cross-validation inside the training data.
    augment
        Labels: changed copies of every training picture that are learned from, too; 0: none. None: two where there are
        at most a thousand pictures.
    fine_tune
        Labels: train all layers, some minutes; it seldom pays with less than some hundred pictures a label.
    side
        Boxes: pixels of the square that a picture is brought to, a multiple of 64; larger finds smaller things, and
        takes as many times longer as it has more pixels. None: 384.
    flips
        Boxes: learn from mirrored pictures, and look at each picture mirrored, too: ``"horizontal"`` (left and right),
        ``"both"`` (top and bottom, too: for cells, or what is seen from above), ``"never"`` (where a mirrored thing is
        another thing, as with writing and most marks). To look twice or four times takes as many times longer, and
        finds more.
    epochs
        Of a network that is trained (boxes, or `fine_tune`). None: the network's own number.
    accept
        Labels: share of the known things, 0 to 1, that are to be given a label; the thresholds are chosen for it on
        pictures that were held out. With `multi_label`: of each label's pictures.
    target_precision
        Instead: of the pictures or boxes that are given a label, the share that has it, for each label.
        Where nothing is asked for: ``accept=0.95``; with `multi_label` and for boxes the highest F1 of each label.
    seed
        Of everything random: the same seed and data give the same model.

    Raises
    ------
    ValueError
        There is no such network, a number is out of its range, or an argument is given that the network does not have.
    """

    _fitted: FittedPictures | None = None

    def fit(
        self,
        train: ImageDataset,
        validation: ImageDataset | None = None,
        *,
        background: ImageDataset | None = None,
        checkpoint: str | Path | None = None,
        progress: bool = True,
    ) -> Self:
        """Learn from labelled pictures, or from boxes.

        Parameters
        ----------
        train
            Labelled pictures; for boxes, pictures with boxes, and those in which somebody looked and found none.
        validation
            What the calibration and the thresholds are chosen on. None: cross-validation inside `train` for a head on a
            pretrained network; a grouped, stratified tenth of `train` for a network that is trained.
        background
            Pictures of what is none of the things. What is nearer to them than to the training data is nothing
            recognised; a detector learns to find nothing in them. Their labels, if any, do not matter.
        checkpoint
            Boxes: a folder for the state after each epoch. A training that was killed and is called again with the same
            data and settings goes on from there, and ends with the same weights. Labels need none: what the network saw
            is in the cache.
        progress
            Show bars.

        Raises
        ------
        LabelError
            Rows have several labels in a model that gives one, there are fewer than two labels, there are no boxes for
            a model that finds boxes, or `validation` has labels that `train` lacks.
        DataError
            Nothing could be read.
        CheckpointError
            The folder holds the state of another training.
        MissingExtraError
            The extra ``pretrained``, which holds the weights, is not installed.
        """
        self._fitted = kinds.fit(
            self, train, validation, background, None if checkpoint is None else os.fspath(checkpoint), progress
        )
        self._learned = Learned(train, validation, background)
        return self

    def _again(self) -> Self:
        return type(self)(**self.settings)

    def evaluate(self, dataset: ImageDataset, *, progress: bool = True) -> Report:
        """Measure on labelled pictures that nothing was chosen on.

        Parameters
        ----------
        dataset
            Labelled pictures, or pictures with boxes; each label one that the model knows. Rows without are not
            counted, and a warning says so; what cannot be read is listed in the report.
        progress
            Show a bar.

        Returns
        -------
        `ImageReport`; with `multi_label` `ImageMultiLabelReport`, for boxes `DetectionReport`.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        LabelError
            Rows have several labels in a model that gives one, or one that the model does not know.
        DataError
            Nothing could be read.
        """
        return kinds.evaluate(self, self._ready(), dataset, progress)

    def deploy(self) -> LocalImageDeployment:
        """Put the model to work in this process; it costs nothing.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        return LocalImageDeployment(self._ready())

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._ready().labels

    @property
    def thresholds(self) -> pd.DataFrame:
        """The table that decides between a label and nothing: a row a label.

        Change it, and give it back: ``table.loc["cat", "threshold"] = 0.4; model.thresholds = table``. A mapping from
        labels to thresholds does too; labels that it does not name keep theirs.
        """
        return self._ready().threshold_table()

    @thresholds.setter
    def thresholds(self, table: pd.DataFrame | Mapping[str, float]) -> None:
        self._fitted = self._ready().with_thresholds(table)

    @property
    def history(self) -> tuple[Mapping[str, float], ...]:
        """What each epoch measured."""
        return self._ready().history

    @property
    def training(self) -> Mapping[str, Any]:
        """With which data (content hash), split, settings, seed and versions the model was trained."""
        return deepcopy(dict(self._ready().training))

    # -- keeping --------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write the model as JSON and ``.params`` into a folder; `mediaml.load` brings it back.

        The folder is all that is needed. What stands there already is replaced in one step.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        kinds.save(self._ready(), os.fspath(folder), self.settings)
        return Path(folder)

    def _export(self, folder: str) -> None:
        kinds.export_onnx(self._ready(), folder, self.settings)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load what `save` or `export_onnx` wrote; `mediaml.load` does it for every kind of model.

        Raises
        ------
        SavedModelError
            The folder holds no model of pictures, or a damaged one.
        """
        found, settings = kinds.load(os.fspath(folder))
        try:
            model = cls(**settings)
        except (TypeError, ValueError) as error:
            raise SavedModelError(f"{folder}: model.json holds settings that are not understood ({error})") from error
        model._fitted = found
        return model

    def _ready(self) -> FittedPictures:
        if self._fitted is None:
            raise NotFittedError("this model has learned nothing yet: fit(train) it, or load one with mm.load(folder)")
        return self._fitted

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a model is not pickled: save(folder) it, and mm.load(folder) it in the other process")

    def __repr__(self) -> str:
        state = "not fitted" if self._fitted is None else f"{len(self._fitted.labels)} labels"
        return f"<LocalImageModel network={self.network!r} seed={self.seed}, {state}>"
