"""Hearing with what was learned: the same for a model and for its deployment."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import overload

from mediaml.backends.detection import Options, detect
from mediaml.backends.fitted import Fitted
from mediaml.backends.mistaken import no_every
from mediaml.features.items import Item
from mediaml.models.base import OnError, Predictor
from mediaml.values.prediction import AudioPrediction
from mediaml.values.timeline import Timeline


class Listener(Predictor[Item, AudioPrediction]):
    """Whatever has a fitted model to hear with."""

    batch_size: int

    @abstractmethod
    def _ready(self) -> Fitted:
        """Give the fitted model, or raise what says why there is none."""

    def hearer(self) -> Fitted:
        """Give what hears recordings.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or the deployment was closed.
        """
        return self._ready()

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: Item, *, on_error: OnError = "raise"
    ) -> AudioPrediction: ...

    @overload
    def predict(self, items: Iterable[Item], *, on_error: OnError = "raise") -> list[AudioPrediction]: ...

    def predict(
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Tell what is to be heard. May be called from several threads.

        A sound longer than the builder's `clip_seconds` is heard in windows at half a clip, and the mean of their
        calibrated probabilities counts; a shorter one is repeated until it is as long as a clip.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, ``(array, sample_rate)`` or a clip of a dataset: one
            prediction. A list of them or a dataset: a list of predictions, one an item, in order.
        on_error
            ``"raise"``: an item that cannot be read raises `AudioError`. ``"skip"``: a prediction with its `error`
            stands in its place.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or the deployment was closed.
        AudioError
            An item cannot be read, and `on_error` is ``"raise"``.
        ForkedProcessError
            The model was loaded before this process was forked.
        """
        return self._ready().predict(items, on_error, self.batch_size)

    @no_every
    def detect(
        self,
        recording: str | Path,
        hop: float | None = None,
        *,
        minimum_seconds: float | None = None,
        gap_seconds: float | None = None,
        progress: bool = True,
    ) -> Timeline:
        """Find the sounds in a long recording, and where they begin and end; the memory does not grow with its length.

        Parameters
        ----------
        recording
            The file.
        hop
            Seconds from one window to the next; None: a quarter of what the network hears at once.
        minimum_seconds
            What is shorter is no event; None: half of what the network hears at once.
        gap_seconds
            Events of one label that are closer than this are one; None: what the network hears at once.
        progress
            Show a bar for recordings of more than a minute.

        Returns
        -------
        The events. One begins where its label's score reaches the threshold, and lasts, to both sides, while the score
        is at least 0.35 of it. A stretch that cannot be read is among the timeline's `problems`.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or the deployment was closed.
        AudioError
            The file cannot be read at all.
        ValueError
            An option is out of its range.
        """
        return detect(self._ready(), recording, Options(hop, minimum_seconds, gap_seconds), self.batch_size, progress)
