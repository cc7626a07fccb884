"""From what was heard of the data to a model that has learned: the same on this machine and in AWS's container."""

from __future__ import annotations

from functools import partial
from typing import List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from . import loop, noise
from .dsp import log_mel
from .evidence import Evidence, Learner, Material, Negatives, by_cross_validation, by_validation, conclude
from .network import Network
from .recogniser import Recogniser
from .settings import Examples, Settings
from .spec import Spec
from .thresholds import HeldOut

TRAIN, VALIDATION = "train", "validation"
MULTI_LABEL = "multi_label"


class Part(NamedTuple):
    """What was heard of a part of the data.

    Parameters
    ----------
    examples
        Spectrograms, and what is true of each.
    clips
        The number of each example's clip, int64 [n]: a clip longer than `clip_seconds` gives several.
    """

    examples: Examples
    clips: np.ndarray


class Sounds:
    """What a training learns from; it is heard when it is asked for."""

    def part(self, name: str) -> Part:
        """Give the spectrograms of ``"train"`` or ``"validation"``."""
        raise NotImplementedError

    def material(self, name: str) -> Optional[Material]:
        """Give what a pretrained body hears of a part; None where there is no such part."""
        raise NotImplementedError

    def folds(self, heard: Material) -> Optional[np.ndarray]:
        """Give the fold of each clip of the training data, int64 [clips]; None where there can be none."""
        raise NotImplementedError

    def negatives(self, counted_only: bool) -> Negatives:
        """Give what the body hears of noise and background; `counted_only`: that on which false alarms are counted."""
        raise NotImplementedError

    def background(self, counted: bool, most: int) -> np.ndarray:
        """Give spectrograms of background, at most so many: of what is counted on, or of what is learned from."""
        raise NotImplementedError


class Course(NamedTuple):
    """How to learn.

    Parameters
    ----------
    settings
        Of a network that is trained; a head uses its objective and seed.
    criterion
        What the thresholds are chosen for, and its value.
    trains_body
        Whether the whole network is trained, or a head on a pretrained body.
    surroundings
        Where it runs.
    """

    settings: Settings
    criterion: Tuple[str, float]
    trains_body: bool
    surroundings: loop.Surroundings

    @property
    def several(self) -> bool:
        """Whether several labels can be true at once, or none."""
        return self.settings.objective == MULTI_LABEL


class Outcome(NamedTuple):
    """What a training gives; the network holds its weights.

    Parameters
    ----------
    recogniser, held_out
        On top of the network's body, and what it was calibrated on.
    history
        What each epoch measured; empty where only a head was fitted.
    best_epoch
        Whose weights were kept, counted from 1; None where only a head was fitted.
    calibrated
        Whether anything could be held out.
    """

    recogniser: Recogniser
    held_out: HeldOut
    history: List[Mapping[str, float]]
    best_epoch: Optional[int]
    calibrated: bool


def learn(network: Network, sounds: Sounds, course: Course) -> Outcome:
    """Train a network, or a head on it; calibrate it; choose its thresholds.

    Parameters
    ----------
    network
        With its first weights, or pretrained ones; it is changed.
    sounds
        The data.
    course
        How.
    """
    return (_train if course.trains_body else _fit_head)(network, sounds, course)


def _fit_head(network: Network, sounds: Sounds, course: Course) -> Outcome:
    train, validation = sounds.material(TRAIN), sounds.material(VALIDATION)
    if train is None:
        raise ValueError("there is no training data")
    negatives = sounds.negatives(counted_only=False)
    learner = Learner(course.settings.objective, network.module.SIMILAR, None)
    evidence = None  # type: Optional[Evidence]
    if validation is not None:
        evidence = by_validation(learner, train, validation, negatives)
    else:
        folds = sounds.folds(train)
        evidence = None if folds is None else by_cross_validation(learner, train, folds, negatives)
    return _concluded(network, course, (learner, train, negatives, evidence), [], None)


def _train(network: Network, sounds: Sounds, course: Course) -> Outcome:
    settings, execute = course.settings, course.surroundings.execute
    heard, held_out = sounds.part(TRAIN), sounds.part(VALIDATION)
    examples, chosen_on = heard.examples, held_out.examples
    if course.several:  # where none may be true, background is an example
        made = noise_examples(network.spec)[: len(examples.inputs)]
        examples = with_negatives(examples, made, sounds.background(False, len(examples.inputs)))
        chosen_on = with_negatives(chosen_on, sounds.background(True, len(chosen_on.inputs)))
    result = loop.train(network, examples, chosen_on, settings, course.surroundings)
    materials = [
        Material(
            execute(partial(network.embed, one.examples.inputs, settings.batch_size)), one.examples.truth, one.clips
        )
        for one in (heard, held_out)
    ]
    negatives = sounds.negatives(counted_only=False)
    # false alarms are counted on background that the network has not learned from
    asked = sounds.negatives(counted_only=True) if course.several else negatives
    learner = Learner(settings.objective, network.module.SIMILAR, execute(network.get_head))
    evidence = by_validation(learner, materials[0], materials[1], asked)
    found = (learner, materials[0], negatives, evidence)
    return _concluded(network, course, found, list(result.history), result.best_epoch)


def _concluded(
    network: Network,
    course: Course,
    found: Tuple[Learner, Material, Negatives, Optional[Evidence]],
    history: List[Mapping[str, float]],
    best_epoch: Optional[int],
) -> Outcome:
    recogniser, held_out = conclude(found[0], found[1], found[2], found[3], course.criterion)
    course.surroundings.execute(partial(network.set_head, recogniser.head))
    return Outcome(recogniser, held_out, history, best_epoch, found[3] is not None)


def with_negatives(examples: Examples, *negatives: np.ndarray) -> Examples:
    """Join spectrograms of which nothing is true."""
    inputs = np.concatenate([examples.inputs, *negatives])
    truth = np.zeros((len(inputs), examples.truth.shape[1]), np.float32)
    truth[: len(examples.truth)] = examples.truth
    return Examples(inputs, truth)


def noise_examples(spec: Spec) -> np.ndarray:
    """Give spectrograms of made noise, float32 [n, mel_bands, clip_frames]."""
    return np.stack([log_mel(samples, spec) for samples, _ in noise.noises(spec.clip_seconds, spec.sample_rate)])
