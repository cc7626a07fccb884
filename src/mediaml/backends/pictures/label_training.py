"""From labelled pictures to a fitted model: what a pretrained network sees, a head, calibration and thresholds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml._warnings import warn
from mediaml.backends import mxnet_thread
from mediaml.backends.examination import all_heard, report_left_out
from mediaml.backends.pictures.changed import changed_copies
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.backends.pictures.looking import BOTH, PARTS, Looked, embedded, look_at_files
from mediaml.backends.provenance import described, file_hashes, versions
from mediaml.backends.remarks import remarks
from mediaml.data.hold_back import folds, hold_back
from mediaml.data.image import ImageDataset
from mediaml.data.progress import bar
from mediaml.features.examples import truth_of
from mediaml.runtime.evidence import (
    Evidence,
    Learner,
    Material,
    Negatives,
    by_cross_validation,
    by_validation,
    conclude,
)
from mediaml.runtime.objective import OBJECTIVES, fit_temperature
from mediaml.runtime.took import took
from mediaml.vision import efficientnet, noise
from mediaml.vision.efficientnet import EMBEDDING
from mediaml.vision.eye import Eye
from mediaml.vision.fine_tuning import FineTuning

Floats = npt.NDArray[np.float32]
Parts = tuple[ImageDataset, ImageDataset | None, ImageDataset | None]

# Chosen by cross-validation inside the training data of hand signs and faces; docs/decisions/0009-pictures.md
USUAL_COPIES, FEW_PICTURES = 2, 1000
WORTH_IT = 0.95  # to look twice costs twice: its loss must be this much of the best single look's
SINGLE = "single_label"


@dataclass(frozen=True)
class LabelTraining:
    """All that a training depends on, but for the data.

    Parameters
    ----------
    objective
        ``"single_label"`` or ``"multi_label"``.
    criterion
        What the thresholds are chosen for, and its value.
    view
        What is looked at; None: chosen.
    augment
        Changed copies of every training picture that the head learns from, too; None: as many as suit their number.
    fine_tuning
        How to train all layers; None: they stay as they are.
    seed
        Of everything random.
    progress
        Show bars.
    """

    objective: str
    criterion: tuple[str, float]
    view: str | None
    augment: int | None
    fine_tuning: FineTuning | None
    seed: int
    progress: bool

    def run(self, parts: Parts) -> FittedLabels:
        """Learn."""
        began = time.monotonic()
        labels = parts[0].labels
        eye = mxnet_thread.run(lambda: Eye(efficientnet.pretrained()))
        known_as: str | None = eye.digest
        record: dict[str, Any] = {"data": described(parts), "validation_given": parts[1] is not None}
        record |= {"versions": versions(), "seed": self.seed}
        learned_from = frozenset().union(*(file_hashes(part) for part in parts[:2] if part is not None))
        history: tuple[dict[str, float], ...] = ()
        if self.fine_tuning is not None:
            train, validation, background = parts
            if validation is None:
                train, validation = hold_back(train, self.seed)
            parts = (train, validation, background)
            eye, history = self._fine_tuned(train, validation)
            known_as = None
        material = _Looking(eye, labels, known_as, self.progress)
        view, found = self._choose(material, parts)
        learner, train_material, negatives, evidence = found
        with mxnet_thread.translated():
            recogniser, held_out = conclude(learner, train_material, negatives, evidence, self.criterion)
        for told in remarks(recogniser, held_out.hours, evidence is not None, labels, self.criterion):
            warn(told)
        record |= {"view": view, **took(began)}
        return FittedLabels(eye, view, recogniser, labels, held_out, known_as, history, record, learned_from)

    def _choose(self, looking: _Looking, parts: Parts) -> tuple[str, _Found]:
        """Choose what to look at by how likely the truth is to be given to pictures that were held out."""
        train, validation, background = parts
        looked = self.view or BOTH
        copies = self.augment
        if copies is None:
            copies = USUAL_COPIES if len(train) <= FEW_PICTURES else 0
        seen = looking.part(train, looked, copies, self.seed, learns=True)
        others = None if validation is None else looking.part(validation, looked, 0, self.seed, learns=False)
        negatives = looking.negatives(background, looked)
        numbers = None if validation is not None else folds(train, self.seed)
        views = [self.view] if self.view else list(PARTS)
        found = {view: self._evidence(view, looked, seen, others, negatives, numbers) for view in views}
        if len(views) == 1 or any(one[3] is None for one in found.values()):
            chosen = self.view or "crop"  # nothing can be held out, so nothing can be chosen
            return chosen, found[chosen]
        losses = {view: self._loss(one[3]) for view, one in found.items()}
        single = min((view for view in views if view != BOTH), key=lambda view: losses[view])
        chosen = BOTH if losses[BOTH] < WORTH_IT * losses[single] else single
        return chosen, found[chosen]

    def _evidence(
        self,
        view: str,
        looked: str,
        seen: _Part,
        others: _Part | None,
        negatives: Negatives,
        numbers: npt.NDArray[np.int64] | None,
    ) -> _Found:
        cut = partial(_cut, view=view, looked=looked)
        train = seen.material._replace(embeddings=cut(seen.material.embeddings))
        negatives = negatives._replace(noise=cut(negatives.noise), background=cut(negatives.background))
        learner = Learner(self.objective, train.embeddings.shape[1], None)
        evidence: Evidence | None = None
        if others is not None:
            validation = others.material._replace(embeddings=cut(others.material.embeddings))
            evidence = by_validation(learner, train, validation, negatives)
        elif numbers is not None:
            evidence = by_cross_validation(learner, train, numbers, negatives, seen.originals)
        return learner, train, negatives, evidence

    def _loss(self, evidence: Evidence | None) -> float:
        """Negative log-likelihood of what is true of the pictures that were held out, once calibrated."""
        if evidence is None:
            raise ValueError("there is no evidence to choose by")
        objective = OBJECTIVES[self.objective]
        temperature = fit_temperature(objective, evidence.logits, evidence.known.truth)
        return -float(objective.log_likelihood(evidence.logits, evidence.known.truth, temperature).mean())

    def _fine_tuned(self, train: ImageDataset, validation: ImageDataset) -> tuple[Eye, tuple[dict[str, float], ...]]:
        from mediaml.backends.pictures.fine_tune import fine_tuned

        if self.fine_tuning is None:
            raise ValueError("fine-tuning was not asked for")
        weights, history = fine_tuned(train, validation, self.fine_tuning, self.objective, self.progress)
        return mxnet_thread.run(lambda: Eye(weights)), history


_Found = tuple[Learner, Material, Negatives, Evidence | None]


@dataclass(frozen=True)
class _Part:
    """What was seen of a part: the material, and which of its rows are originals, bool [rows]."""

    material: Material
    originals: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Looking:
    """Looks at parts of the data."""

    eye: Eye
    labels: Sequence[str]
    known_as: str | None
    progress: bool

    def part(self, dataset: ImageDataset, view: str, copies: int, seed: int, *, learns: bool) -> _Part:
        """Look at a labelled part; what cannot be read, and what shows nothing, is left out, saying so."""
        pictures = list(dataset)
        seen = self._look([one.path for one in pictures], view, "looking")
        kept = [number for number, one in enumerate(seen) if _shows_something(one)]
        report_left_out(len(seen), bool(kept), [_why(one) for one in seen if not _shows_something(one)], "picture")
        truth = truth_of(pictures, self.labels)
        if learns:
            all_heard(self.labels, truth[kept], dataset.wording)
        embeddings = np.stack([seen[number].embedding for number in kept])
        owners = np.array(kept, np.int64)
        originals = np.ones(len(kept), bool)
        if copies:
            more = changed_copies([pictures[number].path for number in kept], copies, seed, self.progress)
            rows = [embedded(self.eye, some, view) for some in more]
            embeddings = np.concatenate([embeddings, *rows])
            owners = np.tile(owners, copies + 1)
            originals = np.concatenate([originals, np.zeros(len(kept) * copies, bool)])
        return _Part(Material(embeddings, truth[owners], owners), originals)

    def negatives(self, background: ImageDataset | None, view: str) -> Negatives:
        """Look at pictures of nothing, and at the background where there is some."""
        made = embedded(self.eye, list(noise.pictures()), view)
        empty = np.zeros((0, made.shape[1]), np.float32)
        if background is None or len(background) == 0:
            return Negatives(made, empty, np.zeros(0, np.int64), 0.0)
        seen = self._look([one.path for one in background], view, "looking at background")
        kept = [number for number, one in enumerate(seen) if _shows_something(one)]
        report_left_out(len(seen), bool(kept), [_why(one) for one in seen if not _shows_something(one)], "picture")
        numbers, _ = background.groups()
        owners = np.array([numbers[number] for number in kept], np.int64)
        return Negatives(made, np.stack([seen[number].embedding for number in kept]), owners, 0.0)

    def _look(self, paths: Sequence[str], view: str, what: str) -> list[Looked]:
        with bar(len(paths), what, "picture", self.progress) as looked:
            return list(look_at_files(self.eye, paths, view, self.known_as, looked))


def _shows_something(one: Looked) -> bool:
    return one.error is None and one.nothing is None


def _why(one: Looked) -> str:
    if one.error is not None:
        return str(one.error)
    return f"{one.name}: {'has one colour only' if one.nothing == 'blank' else 'is smaller than 8 pixels'}"


def _cut(embeddings: Floats, view: str, looked: str) -> Floats:
    """Take the part of what was seen that belongs to a view."""
    if view == looked:
        return embeddings
    first = PARTS[looked].index(PARTS[view][0]) * EMBEDDING
    return embeddings[:, first : first + EMBEDDING]
