"""From data to a fitted model: a body that is trained or comes pretrained, a head, calibration and thresholds."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.backends.embedding import Floats
from mediaml.backends.evidence import (
    Evidence,
    Learner,
    Material,
    Negatives,
    by_cross_validation,
    by_validation,
    conclude,
)
from mediaml.backends.examination import all_heard, listen_to
from mediaml.backends.fitted import Fitted
from mediaml.backends.materials import Hearing, background_examples, held_back, noise_examples, with_negatives
from mediaml.data.audio import AudioDataset
from mediaml.data.grouping import content_hash
from mediaml.data.hold_back import folds, hold_back
from mediaml.data.progress import bar
from mediaml.features import weights
from mediaml.runtime import loop
from mediaml.runtime.network import Network
from mediaml.runtime.settings import Examples, Settings
from mediaml.runtime.spec import Spec
from mediaml.runtime.thresholds import FALSE_ALARMS

SHORT_HASH = 16  # digits: two of a million files are alike in one of thirty million data sets
Parts = tuple[AudioDataset, AudioDataset | None, AudioDataset | None]
"""What to learn from, what to choose on, and what is none of the sounds."""


@dataclass(frozen=True)
class Training:
    """All that a training depends on, but for the data.

    Parameters
    ----------
    network
        Its name.
    spec
        The front end.
    settings
        How to train a network.
    criterion
        What the thresholds are chosen for, and its value.
    trains_body
        Whether the whole network is trained, or a head on a pretrained body.
    weights_from
        The user's own file of a pretrained body's weights.
    checkpoint
        A folder for the state after each epoch; None: nothing is kept.
    progress
        Show bars.
    """

    network: str
    spec: Spec
    settings: Settings
    criterion: tuple[str, float]
    trains_body: bool
    weights_from: str | None = None
    checkpoint: str | None = None
    progress: bool = True

    def run(self, parts: Parts) -> Fitted:
        """Learn."""
        labels = parts[0].labels
        network, digest = self._network(len(labels))
        if self.trains_body:
            return self._train(network, labels, parts, digest)
        return self._fit_head(network, labels, parts, digest)

    # -- a head on a pretrained body ------------------------------------------------------------------------------

    def _fit_head(self, network: Network, labels: Sequence[str], parts: Parts, digest: str | None) -> Fitted:
        train, validation, background = parts
        hearing = Hearing(network, self.settings.batch_size, digest, self.progress)
        known = [part for part in (train, validation) if part is not None]
        materials = hearing.materials(known, labels)
        negatives = hearing.negatives(background)
        all_heard(labels, materials[0].truth)
        learner = Learner(self.settings.objective, network.module.SIMILAR, None)
        evidence: Evidence | None = None
        if validation is not None:
            evidence = by_validation(learner, materials[0], materials[1], negatives)
        elif (numbers := _folds(train, materials[0], self.settings.seed)) is not None:
            evidence = by_cross_validation(learner, materials[0], numbers, negatives)
        if evidence is None:
            given = "whatever is familiar and as likely as not" if self._several else "every sound that is not silent"
            warnings.warn(
                f"no label has two recordings, so nothing can be held out: confidences are not calibrated, and {given} "
                f"gets a label. Add recordings, or give validation=",
                stacklevel=4,
            )
        return self._finish(network, labels, parts, (learner, materials[0], negatives, evidence), digest, ())

    # -- all of the network ---------------------------------------------------------------------------------------

    def _train(self, network: Network, labels: tuple[str, ...], parts: Parts, digest: str | None) -> Fitted:
        train, validation, background = parts
        if validation is None:
            train, validation = hold_back(train, self.settings.seed)
        with bar(len(train) + len(validation), "listening", "clip", self.progress) as listened:
            heard, held_out = (listen_to(part, labels, self.spec, listened) for part in (train, validation))
        all_heard(labels, heard.examples.truth)
        examples, chosen_on, counted = heard.examples, held_out.examples, background
        if self._several:  # where none may be true, background is an example
            learned, counted = held_back(background)
            noise = noise_examples(self.spec)[: len(examples.inputs)]
            examples = with_negatives(examples, noise, self._background(learned, examples))
            chosen_on = with_negatives(chosen_on, self._background(counted, chosen_on))
        described = _described((train, validation, background))
        with bar(self.settings.epochs, "training", "epoch", self.progress) as trained:
            surroundings = loop.Surroundings(
                self.checkpoint,
                "-".join(
                    [*(str(one["content"]) for one in described.values()), *labels, *([digest] if digest else [])]
                ),
                lambda measured: trained(f"validation {100 * measured['validation_accuracy']:.0f} %"),
                mxnet_thread.run,
            )
            with mxnet_thread.translated():
                result = loop.train(network, examples, chosen_on, self.settings, surroundings)
        batch = self.settings.batch_size
        materials = [
            Material(
                mxnet_thread.run(partial(network.embed, one.examples.inputs, batch)), one.examples.truth, one.clips
            )
            for one in (heard, held_out)
        ]
        hearing = Hearing(network, batch, None, self.progress)
        negatives = hearing.negatives(background)
        head = mxnet_thread.run(network.get_head)
        learner = Learner(self.settings.objective, network.module.SIMILAR, head)
        # false alarms are counted on background that the network has not learned from
        asked = negatives if counted is background else hearing.negatives(counted)
        evidence = by_validation(learner, materials[0], materials[1], asked)
        found = (learner, materials[0], negatives, evidence)
        history = (tuple(result.history), result.best_epoch)
        return self._finish(network, labels, (train, validation, background), found, None, history)

    def _background(self, background: AudioDataset | None, beside: Examples) -> Floats:
        """Hear as much background, at most, as there are sounds."""
        return background_examples(background, len(beside.inputs), self.spec, self.settings.seed)

    # -- both -----------------------------------------------------------------------------------------------------

    @property
    def _several(self) -> bool:
        return self.settings.objective == "multi_label"

    def _network(self, labels: int) -> tuple[Network, str | None]:
        """Make the network, with the weights of a body that comes pretrained, and the name of these weights."""
        network = mxnet_thread.run(lambda: Network(self.network, self.spec, labels, self.settings.seed))
        if not network.module.PRETRAINED:
            return network, None
        known = weights.load(self.network, self.weights_from)
        mxnet_thread.run(lambda: network.set_body(known.arrays))
        return network, mxnet_thread.run(network.body_digest)

    def _finish(
        self,
        network: Network,
        labels: Sequence[str],
        parts: Parts,
        found: tuple[Learner, Material, Negatives, Evidence | None],
        digest: str | None,
        history: tuple[Any, ...],
    ) -> Fitted:
        recogniser, held_out = conclude(*found, self.criterion)
        mxnet_thread.run(lambda: network.set_head(recogniser.head))
        never = [label for label, one in zip(labels, recogniser.thresholds, strict=True) if np.isinf(one)]
        if never:
            warnings.warn(
                f"no threshold gives {', '.join(never)} what was asked for ({self.criterion[0]}="
                f"{self.criterion[1]:g}): it is never given. See model.thresholds",
                stacklevel=5,
            )
        self._check_hours(held_out.hours)
        record = {
            "data": _described(parts),
            **({"best_epoch": history[1]} if history else {}),
            "versions": _versions(),
            "settings": asdict(self.settings) if self.trains_body else {"seed": self.settings.seed},
        }
        learned_from = frozenset().union(*(file_hashes(part) for part in parts[:2] if part is not None))
        measured = history[0] if history else ()
        return Fitted(network, recogniser, tuple(labels), held_out, digest, measured, record, learned_from)

    def _check_hours(self, hours: float) -> None:
        """Warn where the background is too short for the rate of false alarms that was asked for."""
        name, value = self.criterion
        if name == FALSE_ALARMS and 0 < value * hours < 1:
            warnings.warn(
                f"{value:g} false alarms an hour cannot be told on {hours:.2g} hours of background: the thresholds let "
                f"none of it through, which is no promise. Give at least {1 / value:.2g} hours",
                stacklevel=6,
            )


def _folds(train: AudioDataset, heard: Material, seed: int) -> npt.NDArray[np.int64] | None:
    """Give the fold of each clip, made of those that could be heard; the others have fold 0, and no windows."""
    whole = np.unique(heard.clips)
    numbers = folds(AudioDataset(train.frame.iloc[whole]), seed)
    if numbers is None:
        return None
    of_clip = np.zeros(len(train), np.int64)
    of_clip[whole] = numbers
    return of_clip


def _described(parts: Parts) -> dict[str, dict[str, Any]]:
    names = ("train", "validation", "background")
    return {name: describe(part) for name, part in zip(names, parts, strict=True) if part is not None}


def describe(dataset: AudioDataset) -> dict[str, Any]:
    """Tell which data this is: content, size, and the split it came from."""
    frame = dataset.frame
    return {
        "content": dataset.content_hash(),
        "clips": len(frame),
        "recordings": int(frame["path"].nunique()),
        "labels": list(dataset.labels),
        "origin": [dict(step) for step in dataset.origin],
    }


def file_hashes(dataset: AudioDataset) -> frozenset[str]:
    """Give a short hash of each file's content."""
    return frozenset(content_hash(path)[:SHORT_HASH] for path in dataset.frame["path"].unique())


def _versions() -> dict[str, str]:
    """Tell what this was made with, and when."""
    packages = {name: version(name) for name in ("mediaml", "mxnet", "numpy", "scipy", "soundfile")}
    return {"python": platform.python_version(), **packages, "date": datetime.now(UTC).isoformat(timespec="seconds")}
