"""A local sound model at work."""

from __future__ import annotations

from mediaml.backends.fitted import Fitted
from mediaml.backends.listener import Listener
from mediaml.errors import NotDeployedError
from mediaml.features.items import Item
from mediaml.models.base import Deployment
from mediaml.values.prediction import AudioPrediction


class LocalDeployment(Listener, Deployment[Item, AudioPrediction]):
    """A local model at work in this process: as it was when it was deployed, whatever the model learns later."""

    def __init__(self, fitted: Fitted, batch_size: int) -> None:
        self._fitted: Fitted | None = fitted
        self.batch_size = batch_size

    def _ready(self) -> Fitted:
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
        return f"<LocalDeployment {state}>"

    def close(self) -> None:
        """End the deployment; the model stays."""
        self._fitted = None
