"""Sound models on this machine: MXNet, no account, no network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from mediaml.backends import mxnet_thread, saved
from mediaml.backends.arguments import criterion_of, whole_number
from mediaml.backends.detection import Options, detect
from mediaml.backends.examination import check_labels, in_order, labelled
from mediaml.backends.fitted import Fitted
from mediaml.backends.local_deployment import LocalDeployment
from mediaml.backends.measuring import report_on
from mediaml.backends.operating_points import table_of, thresholds_from
from mediaml.backends.training import Training
from mediaml.data.audio import AudioDataset
from mediaml.errors import NotFittedError, SavedModelError
from mediaml.features.items import Item
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.models.base import Model, OnError
from mediaml.runtime.networks import named
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport
from mediaml.values.timeline import Timeline

if TYPE_CHECKING:
    import pandas as pd


class LocalAudioModel(Model):
    """Recognises sounds with a network that is trained and run on this machine.

    Parameters
    ----------
    builder
        The spectrograms it hears through; None: the network's own.
    network
        ``"cnn"``: a small convolutional network that learns from scratch. ``"yamnet"``: Google's YAMNet, which knows
        2 million sounds of AudioSet already; a few clips of yours are enough. ``mediaml weights fetch yamnet`` gets its
        weights.
    fine_tune
        Train all layers of a pretrained network; False: a head on what it hears, in seconds.
    weights_from
        A file of your own with the pretrained weights; None: those that were fetched.
    multi_label
        Several labels can be true of a clip at once, or none.
    epochs
        At most; training ends earlier when the validation loss no longer falls. None: the network's own number.
    batch_size
        Spectrograms a step, in training and in prediction.
    accept
        Share of the known sounds, 0 to 1, that are to be given a label; the thresholds are chosen for it on sounds that
        were held out. The rest is "nothing recognised", and so is, one hopes, most of what is unknown. With
        `multi_label`: of each label's sounds.
    target_precision
        Instead: of the sounds that are given a label, the share that has it, for each label.
    max_false_alarms_per_hour
        Instead: how many windows of an hour of background, `fit`'s, may be given any label. Where nothing is asked for:
        ``accept=0.95``, with `multi_label` the highest F1 of each label.
    seed
        Of everything random: the same seed and data give the same model.

    Raises
    ------
    SpecMismatchError
        There is no such network, or the builder is none that it can hear through.
    ValueError
        A number is out of its range, or two of `accept`, `target_precision` and `max_false_alarms_per_hour` are given.
    """

    def __init__(  # noqa: PLR0913  the contract: named arguments, each on its own
        self,
        builder: SpectrogramBuilder | None = None,
        *,
        network: str = "cnn",
        fine_tune: bool = False,
        weights_from: str | Path | None = None,
        multi_label: bool = False,
        epochs: int | None = None,
        batch_size: int = 32,
        accept: float | None = None,
        target_precision: float | None = None,
        max_false_alarms_per_hour: float | None = None,
        seed: int = 7,
    ) -> None:
        if builder is not None and not isinstance(builder, SpectrogramBuilder):
            raise TypeError(f"builder is a SpectrogramBuilder or None, not {builder!r}; name the others: network=...")
        self.builder = SpectrogramBuilder.for_network(network) if builder is None else builder
        with mxnet_thread.translated():
            module = named(network)
            module.check(self.builder.spec)
        self.network = network
        self.fine_tune = bool(fine_tune)
        self.weights_from = weights_from
        self.multi_label = bool(multi_label)
        self.epochs = whole_number("epochs", module.SETTINGS.epochs if epochs is None else epochs, 1)
        self.batch_size = whole_number("batch_size", batch_size, 1)
        self.accept = accept
        self.target_precision = target_precision
        self.max_false_alarms_per_hour = max_false_alarms_per_hour
        self._criterion = criterion_of(accept, target_precision, max_false_alarms_per_hour, self.multi_label)
        self.seed = whole_number("seed", seed, 0)
        self._fitted: Fitted | None = None

    def fit(
        self,
        train: AudioDataset,
        validation: AudioDataset | None = None,
        *,
        background: AudioDataset | None = None,
        checkpoint: str | Path | None = None,
        progress: bool = True,
    ) -> Self:
        """Learn from labelled sounds.

        Parameters
        ----------
        train
            Labelled rows. Those longer than the builder's `clip_seconds` are cut, shorter ones repeated.
        validation
            What the best epoch, the calibration and the thresholds are chosen on. None: cross-validation inside `train`
            for a head on a pretrained network; a grouped, stratified tenth of `train` for a network that is trained.
        background
            Recordings of what is none of the sounds: street, wind, a microphone in its box. What is nearer to them than
            to the training data is nothing recognised. Their labels, if any, do not matter.
        checkpoint
            A folder for the state after each epoch. A training that was killed and is called again with the same data
            and settings goes on from there, and ends with the same weights. A head needs none: what the network heard
            is in the cache.
        progress
            Show bars.

        Raises
        ------
        LabelError
            Rows have several labels in a model that gives one, there are fewer than two labels, or `validation` has
            labels that `train` lacks.
        DataError
            Nothing could be read.
        WeightsError
            The pretrained weights are not on this machine; the message holds the command.
        CheckpointError
            The folder holds the state of another training.
        """
        train = in_order(labelled(train, "train", self.multi_label))
        if validation is not None:
            validation = in_order(labelled(validation, "validation", self.multi_label))
        check_labels(train.labels, validation, self.multi_label)
        if self.max_false_alarms_per_hour is not None and not background:
            raise ValueError("max_false_alarms_per_hour is counted on background: fit(train, background=recordings)")
        module = named(self.network)
        training = Training(
            self.network,
            self.builder.spec,
            replace(
                module.SETTINGS,
                epochs=self.epochs,
                batch_size=self.batch_size,
                seed=self.seed,
                objective="multi_label" if self.multi_label else "single_label",
            ),
            self._criterion,
            self.fine_tune or not module.PRETRAINED,
            None if self.weights_from is None else os.fspath(self.weights_from),
            None if checkpoint is None else os.fspath(checkpoint),
            progress,
        )
        self._fitted = training.run((train, validation, None if background is None else in_order(background)))
        return self

    def evaluate(self, dataset: AudioDataset, *, progress: bool = True) -> AudioReport | MultiLabelReport:
        """Measure on labelled sounds that nothing was chosen on.

        Parameters
        ----------
        dataset
            Labelled rows, each label one that the model knows. Rows without a label are not counted, and a warning says
            so; what cannot be read is listed in the report.
        progress
            Show a bar.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        LabelError
            Rows have several labels in a model that gives one, or one that the model does not know.
        DataError
            Nothing could be read.
        """
        fitted = self._ready()
        dataset = labelled(dataset, "the data", self.multi_label)
        about = {"model": "LocalAudioModel", "network": self.network, self._criterion[0]: self._criterion[1]}
        return report_on(fitted, dataset, about, self.batch_size, progress)

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
        NotFittedError
            `fit` has not run.
        AudioError
            The file cannot be read at all.
        ValueError
            An option is out of its range.
        """
        return detect(self._ready(), recording, Options(hop, minimum_seconds, gap_seconds), self.batch_size, progress)

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
        self._fitted = thresholds_from(table, self._ready())

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

        The folder is all that is needed: a pretrained body is in it too.
        What stands there already is replaced in one step: whoever reads meanwhile finds the old model or the new one.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        """
        settings = {
            "network": self.network,
            "fine_tune": self.fine_tune,
            "multi_label": self.multi_label,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "accept": self.accept,
            "target_precision": self.target_precision,
            "max_false_alarms_per_hour": self.max_false_alarms_per_hour,
            "seed": self.seed,
        }
        saved.save(self._ready(), os.fspath(folder), settings)
        return Path(folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load what `save` wrote; `mediaml.load` does it for every kind of model.

        Raises
        ------
        SavedModelError
            The folder holds no model, or a damaged one.
        """
        fitted, settings = saved.load(os.fspath(folder))
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
        asked = f"{self._criterion[0]}={self._criterion[1]:g}"
        return f"<LocalAudioModel network={self.network!r} {asked} seed={self.seed}, {state}>"
