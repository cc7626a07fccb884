"""The contract of all models, on this machine and in the cloud."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeAlias, TypeVar, overload

from mediaml.data.audio import AudioDataset
from mediaml.data.base import Dataset
from mediaml.features.items import Item
from mediaml.values.prediction import AudioPrediction, Prediction
from mediaml.values.report import Report

if TYPE_CHECKING:
    import pandas as pd

OnError = Literal["raise", "skip"]
ItemT = TypeVar("ItemT")
PredictionT = TypeVar("PredictionT", bound=Prediction)
DataT = TypeVar("DataT", bound=Dataset)


class Predictor(ABC, Generic[ItemT, PredictionT]):
    """Whatever predicts: a model, or a deployment of one."""

    @overload
    def predict(self, items: ItemT, *, on_error: OnError = "raise") -> PredictionT: ...

    @overload
    def predict(self, items: Iterable[ItemT], *, on_error: OnError = "raise") -> list[PredictionT]: ...

    @abstractmethod
    def predict(
        self, items: ItemT | Iterable[ItemT], *, on_error: OnError = "raise"
    ) -> PredictionT | list[PredictionT]:
        """Tell what is to be heard or seen.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, an array (of sounds: ``(array, sample_rate)``) or a row of a
            dataset: one prediction. A list of them or a dataset: a list of predictions, one an item, in order.
        on_error
            What happens to an item that cannot be read. ``"raise"``: a `DataError` that names it. ``"skip"``: a
            prediction with its `error` stands in its place, and the others go on.
        """


class Deployment(Predictor[ItemT, PredictionT]):
    """A model at work; a context manager that ends with the block. Closing twice does no harm."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether it was closed here; what ended it elsewhere is not known."""

    @abstractmethod
    def close(self) -> None:
        """End the deployment, and whatever it costs. Predicting afterwards raises `NotDeployedError`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Model(Predictor[ItemT, PredictionT], Generic[DataT, ItemT, PredictionT]):
    """The four verbs. The constructor keeps its arguments, `fit` computes and gives the model back.

    Attributes
    ----------
    selection
        The table of `mediaml.select`, where this model came out of it; else None.
    """

    selection: pd.DataFrame | None = None

    @abstractmethod
    def fit(self, train: DataT, validation: DataT | None = None, *, background: DataT | None = None) -> Self:
        """Learn from labelled data.

        Parameters
        ----------
        train
            To learn from.
        validation
            To choose on: epoch, calibration and thresholds. None: a part of `train`, or cross-validation inside it.
        background
            Examples of what is none of the labels.
        """

    @abstractmethod
    def evaluate(self, dataset: DataT) -> Report:
        """Measure on labelled data that nothing was chosen on."""

    @abstractmethod
    def deploy(self) -> Deployment[ItemT, PredictionT]:
        """Put the model to work."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""

    @abstractmethod
    def save(self, folder: str | Path) -> Path:
        """Write the model into a folder; `mediaml.load` brings it back."""


AnyModel: TypeAlias = Model[Any, Any, Any]
"""A model of sounds or of pictures."""
AudioModel: TypeAlias = Model[AudioDataset, Item, AudioPrediction]
"""Any model of sounds."""
