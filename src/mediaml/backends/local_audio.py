"""Sound models on this machine: MXNet, no account, no network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Self, overload

from mediaml.backends import mxnet_thread
from mediaml.backends.examination import listen_to, parts, single_label
from mediaml.backends.fitted import Fitted, describe, load_fitted
from mediaml.backends.training import Training
from mediaml.data.audio import AudioDataset
from mediaml.data.progress import bar
from mediaml.errors import AudioError, DataError, LabelError, NotDeployedError, NotFittedError, SavedModelError
from mediaml.features.items import Item
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.metrics import audio_report
from mediaml.models.base import Deployment, Model, OnError
from mediaml.runtime.networks import default_spec
from mediaml.runtime.settings import Settings
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport, Outcome

LARGEST_SEED = 2**32 - 1


class LocalAudioModel(Model):
    """Recognises sounds with a network that is trained and run on this machine.

    Parameters
    ----------
    builder
        The spectrograms it hears through; None: the network's own.
    network
        ``"cnn"``: a small convolutional network that learns from scratch.
    epochs
        At most; training ends earlier when the validation loss no longer falls.
    batch_size
        Spectrograms a step, in training and in prediction.
    accept
        Share of the known sounds, 0 to 1, that are to be given a label; the threshold is chosen for it on validation.
        The rest is "nothing recognised", and so is, one hopes, most of what is unknown.
    seed
        Of everything random: the same seed and data give the same model.

    Raises
    ------
    SpecMismatchError
        There is no such network.
    ValueError
        A number is out of its range.
    """

    def __init__(
        self,
        builder: SpectrogramBuilder | None = None,
        *,
        network: str = "cnn",
        epochs: int = 30,
        batch_size: int = 32,
        accept: float = 0.95,
        seed: int = 7,
    ) -> None:
        for name, number, least in (("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)):
            if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= LARGEST_SEED:
                raise ValueError(f"{name} is a whole number from {least} to {LARGEST_SEED}, not {number!r}")
        if not 0 <= accept <= 1:
            raise ValueError(f"accept is a share from 0 to 1, not {accept!r}")
        if builder is not None and not isinstance(builder, SpectrogramBuilder):
            raise TypeError(f"builder is a SpectrogramBuilder or None, not {builder!r}; name the others: network=...")
        with mxnet_thread.translated():
            own = SpectrogramBuilder.from_spec(default_spec(network))
        self.builder = own if builder is None else builder
        self.network = network
        self.epochs = epochs
        self.batch_size = batch_size
        self.accept = accept
        self.seed = seed
        self._fitted: Fitted | None = None

    def fit(
        self,
        train: AudioDataset,
        validation: AudioDataset | None = None,
        *,
        checkpoint: str | Path | None = None,
        progress: bool = True,
    ) -> Self:
        """Learn from labelled sounds.

        Parameters
        ----------
        train
            One label a row. Rows longer than the builder's `clip_seconds` are cut, shorter ones repeated.
        validation
            What the best epoch, the calibration and the threshold are chosen on. None: a grouped, stratified tenth of
            `train`.
        checkpoint
            A folder for the state after each epoch. A training that was killed and is called again with the same data
            and settings goes on from there, and ends with the same weights.
        progress
            Show bars.

        Raises
        ------
        LabelError
            Rows have several labels, there are fewer than two labels, or `validation` has labels that `train` lacks.
        DataError
            Nothing could be read.
        CheckpointError
            The folder holds the state of another training.
        """
        train, validation = parts(train, validation, self.seed)
        labels = train.labels
        with bar(len(train) + len(validation), "listening", "clip", progress) as listened:
            heard, held_out = (listen_to(part, labels, self.builder.spec, listened) for part in (train, validation))
        training = Training(
            self.network,
            self.builder.spec,
            labels,
            Settings(epochs=self.epochs, batch_size=self.batch_size, seed=self.seed),
            {"train": describe(train), "validation": describe(validation)},
            None if checkpoint is None else os.fspath(checkpoint),
        )
        with bar(self.epochs, "training", "epoch", progress) as trained:
            self._fitted = training.run(heard, held_out, self.accept, trained)
        return self

    def evaluate(self, dataset: AudioDataset) -> AudioReport:
        """Measure on labelled sounds that nothing was chosen on.

        Parameters
        ----------
        dataset
            One label a row, each of them one that the model knows. Rows without a label are not counted, and a warning
            says so; what cannot be read is listed in the report.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        LabelError
            Rows have several labels, or one that the model does not know.
        DataError
            Nothing could be read.
        """
        fitted = self._ready()
        dataset = single_label(dataset, "the data")
        unknown = sorted(set(dataset.labels) - set(fitted.labels))
        if unknown:
            raise LabelError(
                f"the model does not know {', '.join(unknown)}; it knows {', '.join(fitted.labels)}. Measure the rest "
                f"with dataset.where(label=list(model.labels))"
            )
        clips = list(dataset)
        outcomes, unreadable = [], []
        for clip, heard in zip(clips, fitted.listen(clips, self.batch_size), strict=True):
            if isinstance(heard, AudioError):
                unreadable.append(str(heard))
            else:
                outcomes.append(Outcome(clip=clip, truth=clip.labels[0], prediction=heard))
        if not outcomes:
            raise DataError(f"none of the {len(clips)} clips could be read; the first: {unreadable[0]}")
        return audio_report(
            outcomes,
            fitted.labels,
            unreadable,
            {"model": "LocalAudioModel", "network": self.network, "accept": self.accept, **fitted.training},
            describe(dataset),
            fitted.history,
            fitted.spec.to_dict(),
        )

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
        NotFittedError
            `fit` has not run.
        AudioError
            An item cannot be read, and `on_error` is ``"raise"``.
        ForkedProcessError
            The model was loaded before this process was forked.
        """
        return self._ready().predict(items, on_error, self.batch_size)

    def deploy(self) -> LocalDeployment:
        """Put the model to work in this process; it costs nothing.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        return LocalDeployment(self._ready(), self.batch_size)

    # -- what was learned -----------------------------------------------------------------------------------------

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._ready().labels

    @property
    def threshold(self) -> float:
        """A label is given where the calibrated probability reaches this."""
        return self._ready().threshold

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

    # -- keeping --------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write the model as JSON and ``.params`` into a folder; `mediaml.load` brings it back.

        What stands there already is replaced in one step: whoever reads meanwhile finds the old model or the new one.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        settings = {
            "network": self.network,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "accept": self.accept,
            "seed": self.seed,
        }
        self._ready().save(os.fspath(folder), settings)
        return Path(folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load what `save` wrote; `mediaml.load` does it for every kind of model.

        Raises
        ------
        SavedModelError
            The folder holds no model, or a damaged one.
        """
        fitted, settings = load_fitted(os.fspath(folder))
        try:
            model = cls(SpectrogramBuilder.from_spec(fitted.spec), **settings)
        except (TypeError, ValueError) as error:
            raise SavedModelError(f"{folder}: model.json holds settings that are not understood ({error})") from error
        model._fitted = fitted
        return model

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a model is not pickled: save(folder) it, and mm.load(folder) it in the other process")

    def __repr__(self) -> str:
        state = "not fitted" if self._fitted is None else f"{len(self._fitted.labels)} labels"
        return f"<LocalAudioModel network={self.network!r} accept={self.accept:g} seed={self.seed}, {state}>"


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
        if self._fitted is None:
            raise NotDeployedError("this deployment was closed: model.deploy() gives a new one")
        return self._fitted.predict(items, on_error, self._batch_size)

    def close(self) -> None:
        """End the deployment; the model stays."""
        self._fitted = None
