"""A model on this machine, once it has learned: what can be read, changed and put to work."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from mediaml.backends.fitted import Fitted
from mediaml.backends.listener import Listener
from mediaml.backends.local_deployment import LocalDeployment
from mediaml.backends.operating_points import changed_thresholds, table_of
from mediaml.errors import NotFittedError
from mediaml.models.base import AudioModel

if TYPE_CHECKING:
    import pandas as pd


class FittedModel(Listener, AudioModel):
    """A model that has learned, or says that it has not."""

    _fitted: Fitted | None = None

    def deploy(self) -> LocalDeployment:
        """Put the model to work in this process; it costs nothing.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        return LocalDeployment(self._ready(), self.batch_size)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._ready().labels

    @property
    def thresholds(self) -> pd.DataFrame:
        """The table that decides between a label and nothing: a row a label.

        Columns: threshold (of the score), and how the label does there on the sounds that were held out: precision,
        recall, clips, false_alarms_per_hour (NaN without background). Change it, and give it back:
        ``table.loc["rain", "threshold"] = 0.4; model.thresholds = table``. A mapping from labels to thresholds does
        too; labels that it does not name keep theirs.
        """
        return table_of(self._ready())

    @thresholds.setter
    def thresholds(self, table: pd.DataFrame | Mapping[str, float]) -> None:
        fitted = self._ready()
        thresholds = changed_thresholds(table, fitted.labels, fitted.recogniser.thresholds)
        self._fitted = fitted._replace(recogniser=fitted.recogniser._replace(thresholds=thresholds))

    @property
    def history(self) -> tuple[Mapping[str, float], ...]:
        """What each epoch measured."""
        return self._ready().history

    @property
    def training(self) -> Mapping[str, Any]:
        """With which data (content hash), split, settings, seed and versions the model was trained."""
        return deepcopy(dict(self._ready().training))

    def _ready(self) -> Fitted:
        if self._fitted is None:
            raise NotFittedError("this model has learned nothing yet: fit(train) it, or load one with mm.load(folder)")
        return self._fitted

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a model is not pickled: save(folder) it, and mm.load(folder) it in the other process")
