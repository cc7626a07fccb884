"""From pictures with boxes to a fitted detector: training, calibration and thresholds on what was held out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml._warnings import warn
from mediaml.backends import mxnet_thread
from mediaml.backends.pictures.box_examples import BoxExamples
from mediaml.backends.pictures.checkpoint import Checkpoint
from mediaml.backends.pictures.fitted_boxes import FittedBoxes, Operating
from mediaml.backends.provenance import described, file_hashes, versions
from mediaml.data.hold_back import hold_back
from mediaml.data.image import ImageDataset
from mediaml.data.progress import late_bar
from mediaml.metrics.box_matching import LIMITS, average_precision, matched_by_label
from mediaml.metrics.box_thresholds import best_thresholds
from mediaml.runtime.cores import available_cores
from mediaml.runtime.took import took
from mediaml.values.detection_report import DetectionOutcome
from mediaml.vision.anchors import Anchors, fit_anchors
from mediaml.vision.box_augment import changed
from mediaml.vision.box_calibration import AS_IT_IS, fit_calibration
from mediaml.vision.detector_training import DetectorSettings, DetectorTrainer, batches, padded, square
from mediaml.vision.finder import Finder
from mediaml.vision.views import as_input

Floats = npt.NDArray[np.float32]
Parts = tuple[ImageDataset, ImageDataset | None, ImageDataset | None]
assert LIMITS[0] == 0.5  # noqa: S101  hits are counted at the first limit


@dataclass(frozen=True)
class BoxTraining:
    """All that a training depends on, but for the data.

    Parameters
    ----------
    settings
        Of the detector.
    criterion
        What the thresholds are chosen for, and its value.
    checkpoint
        A folder for the state after each epoch; None: nothing is kept.
    progress
        Show bars.
    """

    settings: DetectorSettings
    criterion: tuple[str, float]
    checkpoint: str | None
    progress: bool

    def run(self, parts: Parts) -> FittedBoxes:
        """Learn."""
        began = time.monotonic()
        train, validation, background = parts
        record: dict[str, Any] = {"data": described(parts), "validation_given": validation is not None}
        record |= {"versions": versions(), "settings": vars(self.settings)}
        learned_from = frozenset().union(*(file_hashes(part) for part in parts[:2] if part is not None))
        if validation is None:
            train, validation = hold_back(train, self.settings.seed)
        labels = parts[0].labels
        examples = BoxExamples(train, labels, self.settings.side, self.progress)
        examples.check()
        empty = None if background is None else BoxExamples(background, labels, self.settings.side, self.progress)
        anchors = fit_anchors(examples.sizes, self.settings.side, self.settings.seed)
        told = "|".join([str(self.settings), *labels, *(str(one["content"]) for one in record["data"].values())])
        weights, history = self._trained((examples, empty), labels, anchors, Checkpoint(self.checkpoint, told))
        finder = mxnet_thread.run(
            lambda: Finder(weights, len(labels), anchors, self.settings.side, self.settings.flips)
        )
        everything = tuple(0.0 for _ in labels)
        raw = FittedBoxes(finder, labels, AS_IT_IS, everything, (), history, record, learned_from)
        fitted = self._concluded(raw, validation)
        return fitted._replace(training={**record, **took(began)})

    def _trained(
        self,
        data: tuple[BoxExamples, BoxExamples | None],
        labels: Sequence[str],
        anchors: Anchors,
        checkpoint: Checkpoint,
    ) -> tuple[Mapping[str, Any], tuple[Mapping[str, float], ...]]:
        """Take all steps that were not taken before, and give the averaged weights."""
        examples, empty = data
        pictures = len(examples) + (0 if empty is None else len(empty))
        trainer = mxnet_thread.run(lambda: DetectorTrainer(len(labels), anchors, self.settings, pictures))
        history = mxnet_thread.run(lambda: checkpoint.load(trainer))
        steps = (trainer.epochs - len(history)) * trainer.steps_an_epoch
        with (
            late_bar(steps, "training", "step", self.progress) as trained,
            ThreadPoolExecutor(available_cores(), "mediaml-changed") as pool,
            ThreadPoolExecutor(1, "mediaml-batches") as ahead,
        ):
            for epoch in range(len(history), trainer.epochs):
                losses = []
                rows = batches(pictures, self.settings.batch_size, [self.settings.seed, epoch])
                for batch in _prepared(pool, ahead, examples, empty, rows, self.settings, epoch):
                    losses.append(mxnet_thread.run(partial(trainer.step, *batch)))
                    trained(f"loss {losses[-1]:.2f}")
                history.append({"epoch": epoch + 1, "training_loss": float(np.mean(losses))})
                trained(step=0, line=f"epoch {epoch + 1} of {trainer.epochs}, loss {np.mean(losses):.2f}")
                mxnet_thread.run(lambda: checkpoint.save(trainer, history))
        return mxnet_thread.run(trainer.weights), tuple(history)

    def _concluded(self, raw: FittedBoxes, validation: ImageDataset) -> FittedBoxes:
        """Calibrate on what was held out, and choose the thresholds there."""
        outcomes = outcomes_of(raw, validation)
        matched = matched_by_label(outcomes)
        counted = [
            (one, ~one.ignored[0]) for one in matched.values()
        ]  # what lies in a crowd is neither right nor wrong
        scores = np.concatenate([np.zeros(0), *(_logit(one.score[rows]) for one, rows in counted)])
        right = np.concatenate([np.zeros(0, bool), *(one.hit[0][rows] for one, rows in counted)])
        calibrated = raw._replace(calibration=fit_calibration(scores, right))
        outcomes = outcomes_of(calibrated, validation)
        name, value = self.criterion
        thresholds = best_thresholds(outcomes, raw.labels, name, value)
        fitted = calibrated._replace(thresholds=_of_the_others(thresholds, raw.labels, outcomes))
        outcomes = [one.model_copy(update={"given": fitted.given(one.found)}) for one in outcomes]
        fitted = fitted._replace(operating=tuple(_operating(fitted, outcomes)))
        never = [label for label, one in zip(raw.labels, fitted.thresholds, strict=True) if np.isinf(one)]
        if never:
            warn(
                f"no threshold gives {', '.join(never)} what was asked for ({name}={value:g}): it is never given. See "
                f"model.thresholds"
            )
        precision = [average_precision(matched.get(label)) for label in raw.labels]
        known = [one for one in precision if one is not None]
        last = {**raw.history[-1], "validation_mean_average_precision": float(np.mean(known)) if known else 0.0}
        return fitted._replace(history=(*raw.history[:-1], last))


def outcomes_of(fitted: FittedBoxes, dataset: ImageDataset) -> list[DetectionOutcome]:
    """Ask about every picture that can be read; see `upright` for its boxes."""
    from mediaml.data.pictures.placing import upright

    pictures = list(dataset)
    return [
        DetectionOutcome(
            picture=upright(picture, one.seen.width, one.seen.height), found=one.boxes, given=fitted.given(one.boxes)
        )
        for picture, one in zip(pictures, fitted.found(pictures), strict=True)
        if one.seen.error is None
    ]


def _of_the_others(
    thresholds: Sequence[float], labels: Sequence[str], outcomes: Sequence[DetectionOutcome]
) -> tuple[float, ...]:
    """Give a label of which no box was held out the middle one of the others' thresholds, saying so."""
    held_out = {box.label for one in outcomes for box in one.truths}
    missing = [label for label in labels if label not in held_out]
    if not missing:
        return tuple(thresholds)
    known = [one for one, label in zip(thresholds, labels, strict=True) if label in held_out and np.isfinite(one)]
    middle = float(np.median(known)) if known else 0.5
    warn(
        f"no box of {', '.join(missing)} was held out: the threshold is that of the other labels ({middle:.2f}). Add "
        f"pictures of it, or give validation="
    )
    return tuple(one if label in held_out else middle for one, label in zip(thresholds, labels, strict=True))


def _operating(fitted: FittedBoxes, outcomes: Sequence[DetectionOutcome]) -> Iterator[Operating]:
    for label in fitted.labels:
        hits = sum(hit.truth.label == label for one in outcomes for hit in one.hits)
        given = hits + sum(box.label == label for one in outcomes for box in one.false)
        true = sum(box.label == label for one in outcomes for box in one.truths)
        nothing = float("nan")
        yield Operating(hits / given if given else nothing, hits / true if true else nothing, true)


def _logit(confidence: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sure = np.clip(confidence, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(sure / (1 - sure)), np.float64)


def _prepared(
    pool: ThreadPoolExecutor,
    ahead: ThreadPoolExecutor,
    examples: BoxExamples,
    empty: BoxExamples | None,
    rows: Sequence[npt.NDArray[np.int64]],
    settings: DetectorSettings,
    epoch: int,
) -> Iterator[tuple[Floats, Floats]]:
    """Give the batches of an epoch: the next one is prepared while the network learns from this one."""

    def example(number: int, seed: int) -> tuple[npt.NDArray[np.uint8], Floats]:
        source = examples if number < len(examples) or empty is None else empty
        picture = source[number if source is examples else number - len(examples)]
        return square(changed(picture, np.random.RandomState(seed), settings.flips), settings.side)

    def batch(step: int) -> tuple[Floats, Floats]:
        seeds = np.random.RandomState([settings.seed, epoch, step]).randint(1 << 30, size=len(rows[step]))
        found = list(pool.map(example, rows[step].tolist(), seeds.tolist()))
        return as_input(np.stack([pixels for pixels, _ in found])), padded([truth for _, truth in found])

    coming = ahead.submit(batch, 0)
    for step in range(len(rows)):
        ready = coming.result()
        if step + 1 < len(rows):
            coming = ahead.submit(batch, step + 1)
        yield ready
