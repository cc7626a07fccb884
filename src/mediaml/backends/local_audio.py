"""Sound models on this machine: MXNet, no account, no network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

from mediaml.backends import saved
from mediaml.backends.examination import labelled, sounds
from mediaml.backends.exporting import Exporting
from mediaml.backends.fitted_model import FittedModel
from mediaml.backends.measuring import report_on
from mediaml.backends.provenance import measured_with
from mediaml.backends.recipe import AudioRecipe
from mediaml.data.audio import AudioDataset
from mediaml.errors import AudioError, SavedModelError
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.models.improvement import Improvable, Learned
from mediaml.values.clip import Clip
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport


class LocalAudioModel(AudioRecipe, FittedModel, Improvable[AudioDataset], Exporting):
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
        Instead: how many windows of an hour of background, `fit`'s, may be given any label: windows of `clip_seconds`
        at half a window, as `predict` hears them. `detect` gives fewer events than windows where it joins neighbours,
        and more where its `hop` is shorter. An hour of background at least is needed to tell one an hour.
        Where nothing is asked for: ``accept=0.95``, with `multi_label` the highest F1 of each label.
    seed
        Of everything random: the same seed and data give the same model.

    Raises
    ------
    SpecMismatchError
        There is no such network, or the builder is none that it can hear through.
    ValueError
        A number is out of its range, two of `accept`, `target_precision` and `max_false_alarms_per_hour` are given, or
        `fine_tune` or `weights_from` for a network that learns from scratch.
    """

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
        parts = self._parts(train, validation, background)
        self._fitted = self._training(checkpoint, progress).run(parts)
        self._learned = Learned(train, validation, background)
        return self

    def _again(self) -> Self:
        return type(self)(self.builder, weights_from=self.weights_from, **self.settings)

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
        dataset = labelled(sounds(dataset, "the data"), "the data", self.multi_label)

        def verdicts(clips: Sequence[Clip], listened: Callable[[], object]) -> Iterable[AudioPrediction | AudioError]:
            return fitted.listen_to_clips(clips, self.batch_size, listened)

        about = {**self._about(), "measured_with": measured_with(fitted.network.RUNTIME)}
        return report_on(fitted, dataset, about, verdicts, progress)

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
        saved.save(self._ready(), os.fspath(folder), self.settings)
        return Path(folder)

    def _export(self, folder: str) -> None:
        saved.export_onnx(self._ready(), folder, self.settings)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load what `save` or `export_onnx` wrote; `mediaml.load` does it for every kind of model.

        Where it is fitted again, a pretrained body begins with the weights that were fetched: `weights_from` is a place
        on the machine that it was saved on, and is not kept.

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

    def __repr__(self) -> str:
        state = "not fitted" if self._fitted is None else f"{len(self._fitted.labels)} labels"
        asked = f"{self._criterion[0]}={self._criterion[1]:g}"
        return f"<LocalAudioModel network={self.network!r} {asked} seed={self.seed}, {state}>"
