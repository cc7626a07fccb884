"""How a sound model learns, wherever it does: its settings, checked, and what is made of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mediaml.backends import mxnet_thread
from mediaml.backends.arguments import criterion_of, whole_number
from mediaml.backends.examination import check_apart, check_labels, in_order, labelled, sounds
from mediaml.backends.local_sounds import Parts
from mediaml.backends.training import Training
from mediaml.data.audio import AudioDataset
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.runtime.networks import named
from mediaml.runtime.thresholds import BEST_F1

# What a saved model is made again with.
SETTINGS = (
    "network", "fine_tune", "multi_label", "epochs", "batch_size",
    "accept", "target_precision", "max_false_alarms_per_hour", "seed",
)  # fmt: skip


class AudioRecipe:
    """How a sound model learns.

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
        if not module.PRETRAINED and (fine_tune or weights_from is not None):
            raise ValueError(f"{network} learns from scratch: fine_tune and weights_from are for pretrained networks")
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

    @property
    def settings(self) -> dict[str, Any]:
        """What the model is made again with."""
        return {name: getattr(self, name) for name in SETTINGS}

    def _training(self, checkpoint: str | Path | None, progress: bool) -> Training:
        """Give the training that these settings mean."""
        module = named(self.network)
        return Training(
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

    def _parts(self, train: AudioDataset, validation: AudioDataset | None, background: AudioDataset | None) -> Parts:
        """Look the data over, and put it into an order of its own."""
        train = in_order(labelled(sounds(train, "train"), "train", self.multi_label))
        if validation is not None:
            validation = in_order(labelled(sounds(validation, "validation"), "validation", self.multi_label))
        check_labels(train.labels, validation, self.multi_label)
        check_apart(train, validation)
        if background is not None and not isinstance(background, AudioDataset):
            raise TypeError(f"background is an AudioDataset (from_folder, from_table ...), not {background!r}")
        if self.max_false_alarms_per_hour is not None and not background:
            raise ValueError("max_false_alarms_per_hour is counted on background: fit(train, background=recordings)")
        return train, validation, None if background is None else in_order(background)

    def _about(self) -> Mapping[str, Any]:
        """Say what a report says of the model."""
        asked, value = self._criterion
        chosen = {"thresholds": "highest F1 of each label"} if asked == BEST_F1 else {asked: value}
        return {"model": type(self).__name__, "network": self.network, **chosen}
