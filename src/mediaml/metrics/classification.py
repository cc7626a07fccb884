"""Truth and predictions to a report."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from mediaml.metrics import trust
from mediaml.metrics.calibration import (
    brier_scores,
    by_chance,
    errors_by_chance,
    log_losses,
    weighted_calibration_errors,
)
from mediaml.metrics.intervals import Bools, Floats, Ints, Weights, bootstrap, interval, numbered, share_interval
from mediaml.runtime.calibration import expected_calibration_error
from mediaml.values.interval import Interval
from mediaml.values.report import AudioReport, LabelOutcome, LabelReport, LabelScore, Outcome

Counts = npt.NDArray[np.int64]


class _Clips(NamedTuple):
    """What the figures are made of, a number a clip."""

    recording: Ints
    truth: Ints
    best: Ints
    correct: Bools
    accepted: Bools
    confidence: Floats
    brier: Floats
    log_loss: Floats


def confusion_matrix(truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> Counts:
    """Count pairs: int64 [labels, labels]; row: truth, column: prediction."""
    numbers = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, ([numbers[label] for label in truth], [numbers[label] for label in predicted]), 1)
    return counts


def label_scores(confusion: Counts, labels: Sequence[str], groups: Mapping[str, int]) -> dict[str, LabelScore]:
    """Precision, recall and F1 of each label; 0 where a share of nothing is asked for."""
    hits = np.diag(confusion).astype(float)
    given, true = confusion.sum(axis=0), confusion.sum(axis=1)
    precision, recall = _share(hits, given), _share(hits, true)
    f1 = _share(2 * hits, given + true)
    return {
        label: LabelScore(
            precision=precision[n], recall=recall[n], f1=f1[n], support=int(true[n]), groups=groups[label]
        )
        for n, label in enumerate(labels)
    }


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any], nothing: float = 0.0) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), nothing), where=whole > 0)


ReportT = TypeVar("ReportT", bound=LabelReport)


def label_report(
    kind: type[ReportT],
    outcomes: Sequence[LabelOutcome],
    labels: Sequence[str],
    made_of: Mapping[str, Any] | None = None,
    *,
    groups_of: Sequence[Hashable] | None = None,
) -> ReportT:
    """Sum up an evaluation.

    Parameters
    ----------
    kind
        ``AudioReport`` or ``ImageReport``.
    outcomes
        At least one; all readable.
    labels
        The model's labels; those of the outcomes are among them.
    made_of
        What else the report holds, by its fields: ``model`` and ``data`` (what was measured, and on what),
        ``unreadable``, ``history``, ``thresholds`` (see `thresholds_by_label`).
    groups_of
        What each outcome's example belongs to: those with the same are one group. None: its file.
    """
    rest = dict(made_of or {})
    clips = _clips(outcomes, labels, groups_of)
    confusion = confusion_matrix([one.truth for one in outcomes], [one.best for one in outcomes], labels)
    found_of = {label: len(set(clips.recording[clips.truth == n])) for n, label in enumerate(labels)}
    scores = label_scores(confusion, labels, found_of)
    figures, share = _figures(clips, scores)
    intervals = _intervals(clips, figures if share is None else {**figures, "accepted_accuracy": share}, len(labels))
    groups = int(clips.recording.max()) + 1
    words = kind.wording.where(len(outcomes), groups)
    warnings = (
        *trust.learned_by_heart(rest.get("model"), rest.get("data"), words),
        *trust.too_small(groups, "accuracy", intervals["accuracy"], words),
        *trust.rare_labels(found_of, words),
        *trust.untrue_confidence(clips.confidence, figures["expected_calibration_error"], clips.recording),
    )
    chance = float(errors_by_chance(clips.confidence, by_chance(clips.confidence)).mean())
    return kind.model_validate(
        {
            **figures,
            "accepted_accuracy": share,
            "labels": tuple(labels),
            "per_label": scores,
            "confusion": tuple(tuple(int(count) for count in row) for row in confusion),
            "expected_calibration_error_by_chance": chance,
            "examples": len(outcomes),
            "groups": groups,
            "intervals": intervals,
            "warnings": warnings,
            "outcomes": tuple(outcomes),
            **rest,
        }
    )


def _figures(clips: _Clips, scores: Mapping[str, LabelScore]) -> tuple[dict[str, float], float | None]:
    """Give the figures of all labels together, and the share that is right of those that were given a label."""
    correct, accepted = clips.correct, clips.accepted
    figures = {
        "accuracy": float(correct.mean()),
        "macro_f1": float(np.mean([score.f1 for score in scores.values() if score.support > 0])),
        "coverage": float(accepted.mean()),
        "expected_calibration_error": expected_calibration_error(clips.confidence, correct),
        "brier": float(clips.brier.mean()),
        "negative_log_likelihood": float(clips.log_loss.mean()),
    }
    return figures, float(correct[accepted].mean()) if accepted.any() else None


def audio_report(
    outcomes: Sequence[Outcome],
    labels: Sequence[str],
    unreadable: Sequence[str] = (),
    model: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, float]] = (),
    spectrogram: Mapping[str, Any] | None = None,
    *,
    recordings_of: Sequence[Hashable] | None = None,
) -> AudioReport:
    """Sum up an evaluation on sounds; see `label_report`."""
    rest = {
        "unreadable": tuple(unreadable),
        "model": dict(model or {}),
        "data": dict(data or {}),
        "history": tuple(history),
        "spectrogram": dict(spectrogram or {}),
    }
    return label_report(AudioReport, outcomes, labels, rest, groups_of=recordings_of)


def thresholds_by_label(labels: Sequence[str], thresholds: Sequence[float]) -> dict[str, float | None]:
    """Give the thresholds of labels by their names; None instead of infinity: never given."""
    return {label: float(one) if np.isfinite(one) else None for label, one in zip(labels, thresholds, strict=True)}


def _clips(outcomes: Sequence[LabelOutcome], labels: Sequence[str], recordings_of: Sequence[Hashable] | None) -> _Clips:
    numbers = {label: number for number, label in enumerate(labels)}
    return _Clips(
        recording=numbered([one.source for one in outcomes] if recordings_of is None else recordings_of),
        truth=np.array([numbers[one.truth] for one in outcomes], np.int64),
        best=np.array([numbers[one.best] for one in outcomes], np.int64),
        correct=np.array([one.correct for one in outcomes], bool),
        accepted=np.array([one.prediction.recognised for one in outcomes], bool),
        confidence=np.array([one.prediction.confidence for one in outcomes]),
        brier=brier_scores(outcomes),
        log_loss=log_losses(outcomes),
    )


def _intervals(clips: _Clips, figures: Mapping[str, float], labels: int) -> dict[str, Interval]:
    """Give the 95 % interval of each figure that has one."""
    drawn = bootstrap(clips.recording, lambda weights: _measured(clips, weights, labels))
    recordings = int(clips.recording.max()) + 1
    shares = {
        "accuracy": (clips.correct, clips.recording),
        "coverage": (clips.accepted, clips.recording),
        "accepted_accuracy": (clips.correct[clips.accepted], clips.recording[clips.accepted]),
    }
    found: dict[str, Interval] = {}
    for name, figure in figures.items():
        if name in shares:
            found[name] = share_interval(drawn[name], *shares[name])
        elif between := interval(drawn[name], figure, recordings, centred=name == "expected_calibration_error"):
            found[name] = between
    return found


def _measured(clips: _Clips, weights: Weights, labels: int) -> dict[str, npt.NDArray[np.floating[Any]]]:
    """Measure clips that count as often as they were drawn: each figure [draws]."""
    right = clips.correct & clips.accepted
    rows = np.stack([clips.correct, clips.accepted, right, clips.brier, clips.log_loss, np.ones(len(right))])
    sums = rows.astype(np.float32) @ weights
    correct, accepted, both, brier, log_loss, total = sums.astype(np.float64)
    return {
        "accuracy": correct / total,
        "macro_f1": _macro_f1(clips, weights, labels),
        "coverage": accepted / total,
        "accepted_accuracy": _share(both, accepted, np.nan),
        "expected_calibration_error": weighted_calibration_errors(clips.confidence, clips.correct, weights),
        "brier": brier / total,
        "negative_log_likelihood": log_loss / total,
    }


def _macro_f1(clips: _Clips, weights: Weights, labels: int) -> Floats:
    """Mean F1 over the labels that a draw has, [draws]."""
    true = _by_label(clips.truth, weights, labels)
    given = _by_label(clips.best, weights, labels)
    hits = _by_label(clips.truth[clips.correct], weights[clips.correct], labels)
    f1 = _share(2 * hits, true + given)
    there = true > 0
    return np.asarray((f1 * there).sum(axis=0) / there.sum(axis=0), np.float64)


def _by_label(numbers: Ints, weights: Weights, labels: int) -> Floats:
    """Sum weights [clips, draws] by the clips' labels: [labels, draws]."""
    sums = np.zeros((labels, weights.shape[1]))
    order = np.argsort(numbers, kind="stable")
    present, starts = np.unique(numbers[order], return_index=True)
    if len(present):
        sums[present] = np.add.reduceat(weights[order], starts, axis=0)
    return sums
