"""True and found boxes in pictures to a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mediaml.metrics import trust
from mediaml.metrics.box_matching import (
    LIMITS,
    Matched,
    average_precision,
    matched_by_label,
    weighted_average_precision,
)
from mediaml.metrics.intervals import (
    FEWEST_DRAWS,
    MOST_WORK,
    Floats,
    Ints,
    Weights,
    bootstrap,
    interval,
    numbered,
    share_interval,
)
from mediaml.values.detection_report import DetectionOutcome, DetectionReport, DetectionScore
from mediaml.values.interval import Interval

Drawn = npt.NDArray[np.floating[Any]]
MEAN, MEAN_COCO = "mean_average_precision", "mean_average_precision_coco"


class _Pictures(NamedTuple):
    """What the figures are made of; each array is [pictures], of boxes at the model's thresholds."""

    group: Ints
    truths: Ints
    hits: Ints
    given: Ints
    overlap: Floats
    matched: Mapping[str, Matched]


def detection_report(  # noqa: PLR0913  what was found, and all that is known of how
    outcomes: Sequence[DetectionOutcome],
    labels: Sequence[str],
    thresholds: Sequence[float],
    unreadable: Sequence[str] = (),
    model: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, float]] = (),
    *,
    groups_of: Sequence[Hashable] | None = None,
    intervals: bool = True,
) -> DetectionReport:
    """Sum up an evaluation.

    Parameters
    ----------
    outcomes
        At least one; all readable, and all with boxes that somebody drew, or looked for in vain.
    labels
        The model's; the labels of all boxes are among them.
    thresholds
        One a label, in order, for the record: what was given stands in the outcomes.
    unreadable
        What could not be read.
    model, data
        What was measured, and on what.
    history
        Of the training.
    groups_of
        What each outcome's picture belongs to, a film or a patient for instance: those with the same are one group.
        None: the picture's own file.
    intervals
        Whether to say where the figures may lie on other pictures.

    Raises
    ------
    ValueError
        There are not as many thresholds as labels, nobody drew boxes in a picture, or a label is not known.
    """
    _check(outcomes, labels, thresholds)
    group = numbered([one.picture.path for one in outcomes] if groups_of is None else groups_of)
    pictures = _pictures(outcomes, group)
    scores = _scores(outcomes, labels, thresholds, pictures.matched)
    figures = _figures(pictures, scores)
    between = _intervals(pictures, outcomes, figures) if intervals else {}
    groups = int(group.max()) + 1
    words = DetectionReport.wording.where(len(outcomes), groups)
    return DetectionReport(
        **{name: figures.get(name) for name in (MEAN, MEAN_COCO, "precision", "recall", "f1", "mean_iou")},
        labels=tuple(labels),
        per_label=scores,
        examples=len(outcomes),
        groups=groups,
        intervals=between,
        warnings=(
            *trust.learned_by_heart(model, data, words),
            *(trust.too_small(groups, "recall", between["recall"], words) if between else []),
            *trust.rare_labels(_groups_with(pictures, labels), words),
        ),
        model=dict(model or {}),
        data=dict(data or {}),
        unreadable=tuple(unreadable),
        outcomes=tuple(outcomes),
        history=tuple(history),
    )


def _check(outcomes: Sequence[DetectionOutcome], labels: Sequence[str], thresholds: Sequence[float]) -> None:
    if len(labels) != len(thresholds):
        raise ValueError(f"{len(labels)} labels need as many thresholds, not {len(thresholds)}")
    known = set(labels)
    for one in outcomes:
        if one.picture.boxes is None:
            raise ValueError(f"{one.picture.path}: nobody drew boxes here, so that nothing can be measured")
        other = {box.label for box in (*one.picture.boxes, *one.found, *one.given)} - known
        if other:
            raise ValueError(f"{one.picture.path}: {trust.named(sorted(other))}: not among the labels of the model")


def _pictures(outcomes: Sequence[DetectionOutcome], group: Ints) -> _Pictures:
    hits = np.array([len(one.hits) for one in outcomes], np.int64)
    return _Pictures(
        group=group,
        truths=np.array([len(one.truths) for one in outcomes], np.int64),
        hits=hits,
        given=hits + np.array([len(one.false) for one in outcomes], np.int64),
        overlap=np.array([sum(hit.iou for hit in one.hits) for one in outcomes], np.float64),
        matched=matched_by_label(outcomes),
    )


def _scores(
    outcomes: Sequence[DetectionOutcome],
    labels: Sequence[str],
    thresholds: Sequence[float],
    matched: Mapping[str, Matched],
) -> dict[str, DetectionScore]:
    """Give the figures of each label."""
    hits = Counter(hit.truth.label for one in outcomes for hit in one.hits)
    false = Counter(box.label for one in outcomes for box in one.false)
    scores = {}
    for label, threshold in zip(labels, thresholds, strict=True):
        own = matched.get(label)
        support = 0 if own is None else int(own.truths.sum())
        by_limit = [average_precision(own, limit) for limit in range(len(LIMITS))]
        scores[label] = DetectionScore(
            average_precision=by_limit[0],
            average_precision_coco=_mean(by_limit),
            precision=hits[label] / max(1, hits[label] + false[label]),
            recall=hits[label] / max(1, support),
            f1=2 * hits[label] / max(1, support + hits[label] + false[label]),
            threshold=threshold if np.isfinite(threshold) else None,
            support=support,
            pictures=0 if own is None else int(np.count_nonzero(own.truths)),
        )
    return scores


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _figures(pictures: _Pictures, scores: Mapping[str, DetectionScore]) -> dict[str, float]:
    """Give the figures of all labels together; those that the test says nothing about are left out."""
    means = {
        MEAN: _mean([one.average_precision for one in scores.values()]),
        MEAN_COCO: _mean([one.average_precision_coco for one in scores.values()]),
    }
    found = {name: value for name, value in means.items() if value is not None}
    for name, drawn in _counted(pictures, np.ones((len(pictures.group), 1), np.float32)).items():
        value = float(drawn[0])
        if not np.isnan(value):
            found[name] = value
        elif name != "mean_iou":
            found[name] = 0.0
    return found


def _counted(pictures: _Pictures, weights: Weights) -> dict[str, Drawn]:
    """Measure what was given, in pictures that count as often as they were drawn: each figure [draws]."""
    rows = np.stack([pictures.hits, pictures.given, pictures.truths, pictures.overlap])
    hits, given, truths, overlap = rows @ weights.astype(np.float64)
    return {
        "precision": _share(hits, given),
        "recall": _share(hits, truths),
        "f1": _share(2 * hits, given + truths),
        "mean_iou": _share(overlap, hits),
    }


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


def _measured(pictures: _Pictures, weights: Weights, *, all_limits: bool) -> dict[str, Drawn]:
    """Measure pictures that count as often as they were drawn: each figure [draws]."""
    tested = [own for own in pictures.matched.values() if own.truths.any()]
    found = _counted(pictures, weights)
    if not tested:
        return found
    limits = range(len(LIMITS) if all_limits else 1)
    total = np.zeros((len(limits), weights.shape[1]))
    there = np.zeros(weights.shape[1])
    for own in tested:
        precision = np.stack([weighted_average_precision(own, weights, limit) for limit in limits])
        there += np.isfinite(precision[0])
        total += np.nan_to_num(precision)
    found[MEAN] = _share(total[0], there)
    return {**found, MEAN_COCO: _share(total.mean(axis=0), there)} if all_limits else found


def _intervals(
    pictures: _Pictures, outcomes: Sequence[DetectionOutcome], figures: Mapping[str, float]
) -> dict[str, Interval]:
    """Give the 95 % interval of each figure that has one; none of COCO's mean where that would take too long."""
    boxes = sum(len(own.score) for own in pictures.matched.values())
    all_limits = boxes * len(LIMITS) * FEWEST_DRAWS <= MOST_WORK
    work = 1 + boxes * (len(LIMITS) if all_limits else 1) // len(outcomes)
    drawn = bootstrap(pictures.group, lambda weights: _measured(pictures, weights, all_limits=all_limits), work=work)
    right = {"precision": pictures.given, "recall": pictures.truths}
    found: dict[str, Interval] = {}
    for name, figure in figures.items():
        if name in right:
            hits = [np.arange(count) < own for count, own in zip(right[name], pictures.hits, strict=True)]
            found[name] = share_interval(drawn[name], np.concatenate(hits), np.repeat(pictures.group, right[name]))
        elif name in drawn and (between := interval(drawn[name], figure, int(pictures.group.max()) + 1)):
            found[name] = between
    return found


def _groups_with(pictures: _Pictures, labels: Sequence[str]) -> dict[str, int]:
    """Count the groups of pictures that truly hold each label."""
    of_label = {label: pictures.matched[label].truths > 0 for label in labels if label in pictures.matched}
    return {label: len(set(pictures.group[of_label[label]])) if label in of_label else 0 for label in labels}
