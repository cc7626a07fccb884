"""A local sound model at work."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import overload

from mediaml.backends.detection import Options, detect
from mediaml.backends.fitted import Fitted
from mediaml.errors import NotDeployedError
from mediaml.features.items import Item
from mediaml.models.base import Deployment, OnError
from mediaml.values.prediction import AudioPrediction
from mediaml.values.timeline import Timeline


class LocalDeployment(Deployment):
    """A local model at work in this process: as it was when it was deployed, whatever the model learns later."""

    def __init__(self, fitted: Fitted, batch_size: int) -> None:
        self._fitted: Fitted | None = fitted
        self._batch_size = batch_size

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: Item, *, on_error: OnError = "raise"
    ) -> AudioPrediction: ...

    @overload
    def predict(self, items: Iterable[Item], *, on_error: OnError = "raise") -> list[AudioPrediction]: ...

    def predict(
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Tell what is to be heard, as `LocalAudioModel.predict` does.

        Raises
        ------
        NotDeployedError
            The deployment was closed.
        """
        return self._ready().predict(items, on_error, self._batch_size)

    def detect(
        self,
        recording: str | Path,
        hop: float | None = None,
        *,
        minimum_seconds: float | None = None,
        gap_seconds: float | None = None,
        progress: bool = True,
    ) -> Timeline:
        """Find the sounds in a long recording, as `LocalAudioModel.detect` does.

        Raises
        ------
        NotDeployedError
            The deployment was closed.
        """
        return detect(self._ready(), recording, Options(hop, minimum_seconds, gap_seconds), self._batch_size, progress)

    def _ready(self) -> Fitted:
        if self._fitted is None:
            raise NotDeployedError("this deployment was closed: model.deploy() gives a new one")
        return self._fitted

    def __repr__(self) -> str:
        state = "closed" if self._fitted is None else f"{len(self._fitted.labels)} labels"
        return f"<LocalDeployment {state}>"

    def close(self) -> None:
        """End the deployment; the model stays."""
        self._fitted = None
