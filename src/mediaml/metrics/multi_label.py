"""Several truths and several predictions a clip to a report."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from mediaml.metrics import trust
from mediaml.metrics.calibration import by_chance, errors_by_chance, weighted_calibration_errors
from mediaml.metrics.intervals import Bools, Floats, Ints, Weights, bootstrap, interval, numbered, share_interval
from mediaml.runtime.calibration import expected_calibration_error
from mediaml.values.interval import Interval
from mediaml.values.multi_label_report import (
    LabelSetOutcome,
    LabelSetReport,
    MultiLabelOutcome,
    MultiLabelReport,
    MultiLabelScore,
)

Drawn = npt.NDArray[np.floating[Any]]


class _Clips(NamedTuple):
    """What the figures are made of; each table is [clips, labels]."""

    recording: Ints
    truth: Bools
    given: Bools
    probability: Floats
    accepted: Bools


def average_precision(truth: Bools, confidence: Floats) -> float | None:
    """Sum, over the places of the clips sorted by falling confidence, the gain in recall times the precision there.

    Not interpolated. Clips of equal confidence are one place: their order is not known.

    Parameters
    ----------
    truth, confidence
        [clips].

    Returns
    -------
    0 to 1; None where nothing is true.
    """
    if not truth.any():
        return None
    return float(weighted_average_precision(truth, confidence, np.ones((len(truth), 1), np.float32))[0])


def weighted_average_precision(truth: Bools, confidence: Floats, weights: Weights) -> Floats:
    """`average_precision` of clips that count as often as they were drawn.

    Parameters
    ----------
    truth, confidence
        [clips].
    weights
        [clips, draws].

    Returns
    -------
    float64 [draws]; NaN where nothing that was drawn is true.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, true, drawn = confidence[order], truth[order], weights[order]
    if not true.any():
        return np.full(weights.shape[1], np.nan)
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of each place
    ends = ends[np.searchsorted(ends, np.flatnonzero(true))]  # of the places of the true ones, each as often as it has
    places, first = np.unique(ends, return_index=True)
    starts = np.concatenate([[0], places[:-1] + 1])
    above = np.cumsum(np.add.reduceat(drawn[: places[-1] + 1], starts, axis=0), axis=0, dtype=np.float64)
    gained = np.add.reduceat(drawn[true], first, axis=0).astype(np.float64)
    hits = np.cumsum(gained, axis=0)
    return _share((gained * _share(hits, above)).sum(axis=0), hits[-1], np.nan)


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any], nothing: float = 0.0) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), nothing), where=whole > 0)


ReportT = TypeVar("ReportT", bound=LabelSetReport)


def label_set_report(
    kind: type[ReportT],
    outcomes: Sequence[LabelSetOutcome],
    labels: Sequence[str],
    thresholds: Sequence[float],
    made_of: Mapping[str, Any] | None = None,
    *,
    groups_of: Sequence[Hashable] | None = None,
) -> ReportT:
    """Sum up an evaluation of several labels at once.

    Parameters
    ----------
    kind
        ``MultiLabelReport`` or ``ImageMultiLabelReport``.
    outcomes
        At least one; all readable. A label that a prediction's alternatives do not name has confidence 0.
    labels
        The model's; the truths are among them.
    thresholds
        One a label, in order, for the record: the labels that were given are those of the predictions.
    made_of
        What else the report holds, by its fields: ``model`` and ``data`` (what was measured, and on what),
        ``unreadable``, ``history``.
    groups_of
        What each outcome's example belongs to: those with the same are one group. None: its file.

    Raises
    ------
    ValueError
        There are not as many thresholds as labels.
    """
    rest = dict(made_of or {})
    clips = _clips(outcomes, labels, thresholds, groups_of)
    scores = {label: _score(clips, n, thresholds[n]) for n, label in enumerate(labels)}
    found_of = {label: score.groups for label, score in scores.items()}
    figures = _figures(clips, scores)
    intervals = _intervals(clips, figures)
    groups = int(clips.recording.max()) + 1
    words = kind.wording.where(len(outcomes), groups)
    warnings = (
        *trust.learned_by_heart(rest.get("model"), rest.get("data"), words),
        *trust.too_small(groups, "recall", intervals["recall"], words),
        *trust.rare_labels(found_of, words),
        *_untrue(clips, labels),
    )
    return kind.model_validate(
        {
            **{name: figures.get(name) for name in FIGURES},
            "expected_calibration_error_by_chance": float(
                np.mean([_by_chance(column) for column in clips.probability.T])
            ),
            "labels": tuple(labels),
            "per_label": scores,
            "examples": len(outcomes),
            "groups": groups,
            "intervals": intervals,
            "warnings": warnings,
            "outcomes": tuple(outcomes),
            **rest,
        }
    )


def multi_label_report(  # noqa: PLR0913  what was found, and all that is known of how
    outcomes: Sequence[MultiLabelOutcome],
    labels: Sequence[str],
    thresholds: Sequence[float],
    unreadable: Sequence[str] = (),
    model: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, float]] = (),
    spectrogram: Mapping[str, Any] | None = None,
    *,
    recordings_of: Sequence[Hashable] | None = None,
) -> MultiLabelReport:
    """Sum up an evaluation of several labels at once on sounds; see `label_set_report`."""
    rest = {
        "unreadable": tuple(unreadable),
        "model": dict(model or {}),
        "data": dict(data or {}),
        "history": tuple(history),
        "spectrogram": dict(spectrogram or {}),
    }
    return label_set_report(MultiLabelReport, outcomes, labels, thresholds, rest, groups_of=recordings_of)


FIGURES = (
    *("mean_average_precision", "macro_f1", "micro_f1", "precision", "recall"),
    *("subset_accuracy", "coverage", "brier", "expected_calibration_error"),
)


def _clips(
    outcomes: Sequence[LabelSetOutcome],
    labels: Sequence[str],
    thresholds: Sequence[float],
    recordings_of: Sequence[Hashable] | None,
) -> _Clips:
    if len(labels) != len(thresholds):
        raise ValueError(f"{len(labels)} labels need as many thresholds, not {len(thresholds)}")
    numbers = {label: number for number, label in enumerate(labels)}
    truth = np.zeros((len(outcomes), len(labels)), bool)
    probability = np.zeros(truth.shape)
    for row, outcome in enumerate(outcomes):
        truth[row, [numbers[label] for label in outcome.truths]] = True
        for one in outcome.prediction.alternatives:
            probability[row, numbers[one.label]] = one.confidence
    return _Clips(
        recording=numbered([one.source for one in outcomes] if recordings_of is None else recordings_of),
        truth=truth,
        given=np.array([[label in one.prediction.labels for label in labels] for one in outcomes], bool),
        probability=probability,
        accepted=np.array([one.prediction.recognised for one in outcomes], bool),
    )


def _score(clips: _Clips, number: int, threshold: float) -> MultiLabelScore:
    """Give the figures of one label."""
    truth, given, confidence = clips.truth[:, number], clips.given[:, number], clips.probability[:, number]
    hits, true, all_given = int((truth & given).sum()), int(truth.sum()), int(given.sum())
    return MultiLabelScore(
        average_precision=average_precision(truth, confidence),
        precision=hits / max(1, all_given),
        recall=hits / max(1, true),
        f1=2 * hits / max(1, true + all_given),
        threshold=threshold if np.isfinite(threshold) else None,
        brier=float(np.mean((confidence - truth) ** 2)),
        expected_calibration_error=expected_calibration_error(confidence, truth),
        support=true,
        groups=len(set(clips.recording[truth])),
    )


def _figures(clips: _Clips, scores: Mapping[str, MultiLabelScore]) -> dict[str, float]:
    """Give the figures of all labels together; those that the test says nothing about are left out."""
    one_draw = np.ones((len(clips.truth), 1), np.float32)
    tested = [score for score in scores.values() if score.average_precision is not None]
    found = {name: float(values[0]) for name, values in _counted(clips, one_draw).items()}
    found["expected_calibration_error"] = float(np.mean([one.expected_calibration_error for one in scores.values()]))
    if tested:
        found["mean_average_precision"] = float(np.mean([one.average_precision or 0.0 for one in tested]))
        found["macro_f1"] = float(np.mean([one.f1 for one in tested]))
    return {name: 0.0 if np.isnan(value) else value for name, value in found.items()}


def _counted(clips: _Clips, weights: Weights) -> dict[str, Drawn]:
    """Measure what is a share or a mean over clips that count as often as they were drawn: each figure [draws]."""
    exact = (clips.truth == clips.given).all(axis=1)
    squares = ((clips.probability - clips.truth) ** 2).mean(axis=1)
    hits = (clips.truth & clips.given).sum(axis=1)
    true, given = clips.truth.sum(axis=1), clips.given.sum(axis=1)
    rows = np.stack([exact, clips.accepted, squares, hits, true, given, np.ones(len(exact))]).astype(np.float32)
    sums = (rows @ weights).astype(np.float64)
    precision, recall = _share(sums[3], sums[5], np.nan), _share(sums[3], sums[4], np.nan)
    return {
        "subset_accuracy": sums[0] / sums[6],
        "coverage": sums[1] / sums[6],
        "brier": sums[2] / sums[6],
        "precision": precision,
        "recall": recall,
        "micro_f1": _share(2 * sums[3], sums[4] + sums[5], np.nan),
    }


def _measured(clips: _Clips, weights: Weights) -> dict[str, Drawn]:
    """Measure clips that count as often as they were drawn: each figure [draws]."""
    true, given = clips.truth.astype(np.float32).T @ weights, clips.given.astype(np.float32).T @ weights
    hits = (clips.truth & clips.given).astype(np.float32).T @ weights
    there = true > 0
    tested = there.sum(axis=0).astype(np.float64)
    precision = np.zeros(weights.shape[1])
    error = np.zeros(weights.shape[1])
    for truth, confidence in zip(clips.truth.T, clips.probability.T, strict=True):
        precision += np.nan_to_num(weighted_average_precision(truth, confidence, weights))
        error += weighted_calibration_errors(confidence, truth, weights)
    return {
        **_counted(clips, weights),
        "mean_average_precision": _share(precision, tested, np.nan),
        "macro_f1": _share((_share(2 * hits, true + given) * there).sum(axis=0), tested, np.nan),
        "expected_calibration_error": error / clips.truth.shape[1],
    }


def _intervals(clips: _Clips, figures: Mapping[str, float]) -> dict[str, Interval]:
    """Give the 95 % interval of each figure that has one."""
    drawn = bootstrap(clips.recording, lambda weights: _measured(clips, weights), work=2 * clips.truth.shape[1])
    recordings = int(clips.recording.max()) + 1
    exact = (clips.truth == clips.given).all(axis=1)
    shares = {
        "subset_accuracy": (exact, clips.recording),
        "coverage": (clips.accepted, clips.recording),
        "precision": (clips.truth[clips.given], clips.recording[np.nonzero(clips.given)[0]]),
        "recall": (clips.given[clips.truth], clips.recording[np.nonzero(clips.truth)[0]]),
    }
    found: dict[str, Interval] = {}
    for name, figure in figures.items():
        if name in shares:
            found[name] = share_interval(drawn[name], *shares[name])
        elif between := interval(drawn[name], figure, recordings, centred=name == "expected_calibration_error"):
            found[name] = between
    return found


def _by_chance(confidence: Floats) -> float:
    return float(errors_by_chance(confidence, by_chance(confidence)).mean())


def _untrue(clips: _Clips, labels: Sequence[str]) -> list[str]:
    """Warn of the labels whose confidences are far from true."""
    untrue = []
    for label, truth, confidence in zip(labels, clips.truth.T, clips.probability.T, strict=True):
        error = expected_calibration_error(confidence, truth)
        if trust.untrue_confidence(confidence, error, clips.recording, len(labels)):
            untrue.append(label)
    return [trust.untrue_labels(untrue)] if untrue else []
