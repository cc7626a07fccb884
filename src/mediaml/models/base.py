"""The contract of all models, on this machine and in the cloud."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, overload

from mediaml.data.audio import AudioDataset
from mediaml.features.items import Item
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport

if TYPE_CHECKING:
    import pandas as pd

OnError = Literal["raise", "skip"]


class Predictor(ABC):
    """Whatever predicts: a model, or a deployment of one."""

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: Item, *, on_error: OnError = "raise"
    ) -> AudioPrediction: ...

    @overload
    def predict(self, items: Iterable[Item], *, on_error: OnError = "raise") -> list[AudioPrediction]: ...

    @abstractmethod
    def predict(
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Tell what is to be heard.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, ``(array, sample_rate)`` or a clip: one prediction. A list of
            them or a dataset: a list of predictions, one an item, in order.
        on_error
            What happens to an item that cannot be read. ``"raise"``: an `AudioError` that names it. ``"skip"``: a
            prediction with its `error` stands in its place, and the others go on.
        """


class Deployment(Predictor):
    """A model at work; a context manager that ends with the block. Closing twice does no harm."""

    @abstractmethod
    def close(self) -> None:
        """End the deployment, and whatever it costs. Predicting afterwards raises `NotDeployedError`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Model(Predictor):
    """The four verbs. The constructor keeps its arguments, `fit` computes and gives the model back.

    Attributes
    ----------
    selection
        The table of `mediaml.select`, where this model came out of it; else None.
    """

    selection: pd.DataFrame | None = None

    @abstractmethod
    def fit(
        self, train: AudioDataset, validation: AudioDataset | None = None, *, background: AudioDataset | None = None
    ) -> Self:
        """Learn from labelled data; what is best is chosen on `validation`; `background` is none of the sounds."""

    @abstractmethod
    def evaluate(self, dataset: AudioDataset) -> AudioReport | MultiLabelReport:
        """Measure on labelled data that nothing was chosen on."""

    @abstractmethod
    def deploy(self) -> Deployment:
        """Put the model to work."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""

    @abstractmethod
    def save(self, folder: str | Path) -> Path:
        """Write the model into a folder; `mediaml.load` brings it back."""
