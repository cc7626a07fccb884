"""What a model says of sounds that it has not learned from: the ground for its calibration and its thresholds."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

import numpy as np

from .familiarity import Familiarity, fit_familiarity, score
from .head import Head, fit_head
from .objective import OBJECTIVES, doubt_after, fit_temperature
from .recogniser import Recogniser
from .thresholds import HeldOut, choose

FOLDS_OF_BACKGROUND = 5
LEAST_FOLDS = 2
UNCALIBRATED = 1.0  # the temperature where nothing could be held out


class Material(NamedTuple):
    """What was heard of a part of the data.

    Parameters
    ----------
    embeddings
        float32 [windows, numbers].
    truth
        Zeros and ones, float32 [windows, labels].
    clips
        The number of each window's clip, int64 [windows].
    """

    embeddings: np.ndarray
    truth: np.ndarray
    clips: np.ndarray

    def rows(self, chosen: np.ndarray) -> Material:
        """Give some of the windows."""
        return Material(*(array[chosen] for array in self))


class Negatives(NamedTuple):
    """What is none of the sounds.

    Parameters
    ----------
    noise
        Embeddings of made noise, float32 [n, numbers].
    background
        Embeddings of windows of the user's background, float32 [windows, numbers].
    recordings
        The number of each background window's recording, int64 [windows].
    hours
        How long the background is.
    """

    noise: np.ndarray
    background: np.ndarray
    recordings: np.ndarray
    hours: float

    @property
    def all(self) -> np.ndarray:
        """Both, float32 [n, numbers]."""
        return np.concatenate([self.noise, self.background])


class Evidence(NamedTuple):
    """Answers to windows that were held out: of the known sounds, and of background."""

    logits: np.ndarray
    familiarity: np.ndarray
    known: Material
    background_logits: np.ndarray
    background_familiarity: np.ndarray
    hours: float


class Learner(NamedTuple):
    """How a head is learned from embeddings."""

    objective: str
    similar: int
    head: Optional[Head]
    """Given where the network was trained with its head; None: it is fitted."""

    def fit(self, train: Material, negatives: np.ndarray) -> Tuple[Head, Familiarity]:
        """Fit the head, and the likeness to what it was fitted on."""
        familiarity = fit_familiarity(train.embeddings, train.truth, self.similar).with_background(negatives)
        return self.fit_head(train, negatives), familiarity

    @property
    def learns_from_negatives(self) -> bool:
        """Whether the head depends on them: where none may be true, background is an example."""
        return self.head is None and self.objective == "multi_label"

    def fit_head(self, train: Material, negatives: np.ndarray) -> Head:
        """Fit the head alone."""
        if self.head is not None:
            return self.head
        embeddings, truth = train.embeddings, train.truth
        if self.learns_from_negatives:
            embeddings = np.concatenate([embeddings, negatives])
            truth = np.concatenate([truth, np.zeros((len(negatives), truth.shape[1]), np.float32)])
        return fit_head(embeddings, truth, OBJECTIVES[self.objective])


def by_validation(learner: Learner, train: Material, validation: Material, negatives: Negatives) -> Evidence:
    """Ask a model that learned from `train` about `validation`."""
    head, familiarity = learner.fit(train, negatives.all)
    logits, familiar = head.logits(validation.embeddings), familiarity.measure(validation.embeddings)
    background_logits, background_familiar = _ask_about_background(learner, train, negatives)
    return Evidence(logits, familiar, validation, background_logits, background_familiar, negatives.hours)


def by_cross_validation(
    learner: Learner, train: Material, folds: np.ndarray, negatives: Negatives, originals: Optional[np.ndarray] = None
) -> Optional[Evidence]:
    """Ask about each fold a model that learned from the others.

    Parameters
    ----------
    learner
        How.
    train
        All of the training data.
    folds
        The fold of each clip, int64 [clips].
    negatives
        Joined to every training.
    originals
        The windows that are asked about, bool [windows]: changed copies are learned from only. None: all.

    Returns
    -------
    None where no fold can be asked about.
    """
    of_window = folds[train.clips]
    if len(np.unique(of_window)) < LEAST_FOLDS:
        return None
    logits = np.zeros(train.truth.shape, np.float32)
    familiar = np.zeros(len(of_window))
    asked = np.zeros(len(of_window), bool)
    for fold in np.unique(of_window):
        inside, outside = of_window != fold, of_window == fold
        if originals is not None:
            outside = outside & originals
        learned = train.truth[inside].any(axis=0)
        head, familiarity = learner.fit(train.rows(inside), negatives.all)
        logits[outside] = head.logits(train.embeddings[outside])
        familiar[outside] = familiarity.measure(train.embeddings[outside])
        # a label that only this fold has was not learned: what is said of it means nothing
        asked |= outside & ~(train.truth[:, ~learned] > 0).any(axis=1)
    if not asked.any():
        return None
    background_logits, background_familiar = _ask_about_background(learner, train, negatives)
    return Evidence(
        logits[asked], familiar[asked], train.rows(asked), background_logits, background_familiar, negatives.hours
    )


def _ask_about_background(learner: Learner, train: Material, negatives: Negatives) -> Tuple[np.ndarray, np.ndarray]:
    """Ask about each fifth of the background's recordings a model that knows the others."""
    count = len(negatives.background)
    logits, familiar = np.zeros((count, train.truth.shape[1]), np.float32), np.zeros(count)
    folds = negatives.recordings % min(FOLDS_OF_BACKGROUND, len(np.unique(negatives.recordings)) or 1)
    for fold in np.unique(folds):
        outside = folds == fold
        head, familiarity = learner.fit(train, np.concatenate([negatives.noise, negatives.background[~outside]]))
        if not learner.learns_from_negatives:  # the next fold's head is the same
            learner = learner._replace(head=head)
        logits[outside] = head.logits(negatives.background[outside])
        familiar[outside] = familiarity.measure(negatives.background[outside])
    return logits, familiar


def conclude(
    learner: Learner, train: Material, negatives: Negatives, evidence: Optional[Evidence], criterion: Tuple[str, float]
) -> Tuple[Recogniser, HeldOut]:
    """Fit the final model on all of `train`, calibrated by the evidence, with thresholds chosen on it.

    Without evidence nothing is calibrated, and every sound that is not silent gets a label; where several can be true,
    those that are familiar and at least as likely as not.
    """
    head, familiarity = learner.fit(train, negatives.all)
    labels = train.truth.shape[1]
    if evidence is None:
        least = 0.0 if learner.objective == "single_label" else float(np.sqrt(0.5))
        thresholds = np.full(labels, least)
        nothing = HeldOut(np.zeros((0, labels)), np.zeros((0, labels)), np.zeros((0, labels)), 0.0)
        return Recogniser(learner.objective, head, UNCALIBRATED, 0.0, familiarity, thresholds, 1.0), nothing
    objective = OBJECTIVES[learner.objective]
    logits, truth = evidence.logits, evidence.known.truth
    if learner.objective == "multi_label":  # that nothing is true is an answer, too
        logits = np.concatenate([logits, evidence.background_logits])
        truth = np.concatenate([truth, np.zeros((len(evidence.background_logits), labels), np.float32)])
    temperature = fit_temperature(objective, logits, truth)
    known = evidence.known.clips
    doubt = doubt_after(len(np.unique(known)))
    probabilities = objective.probabilities(evidence.logits, temperature, doubt)
    background = objective.probabilities(evidence.background_logits, temperature, doubt)
    held_out = HeldOut(
        _answers(learner, _by_clip(probabilities, known), _by_clip(evidence.familiarity, known)),
        _by_clip(evidence.known.truth, known),
        _answers(learner, background, evidence.background_familiarity),
        evidence.hours,
    )
    typical = float(np.median(evidence.familiarity))
    thresholds = choose(held_out, *criterion, learner.objective)
    return Recogniser(learner.objective, head, temperature, doubt, familiarity, thresholds, typical), held_out


def _answers(learner: Learner, probabilities: np.ndarray, familiarity: np.ndarray) -> np.ndarray:
    """Give scores; where one label is given, only the likeliest has one."""
    scores = score(probabilities, familiarity)
    if learner.objective == "single_label" and len(scores):
        best = scores.argmax(axis=1)[:, None]
        scores = np.where(np.arange(scores.shape[1])[None, :] == best, scores, 0.0)
    return scores


def _by_clip(values: np.ndarray, clips: np.ndarray) -> np.ndarray:
    """Mean over the windows of each clip, as in prediction: [windows, ...] to [clips, ...]."""
    numbers, owners = np.unique(clips, return_inverse=True)
    sums = np.zeros((len(numbers), *values.shape[1:]))
    np.add.at(sums, owners.reshape(-1), values)
    return (sums.T / np.bincount(owners.reshape(-1))).T
