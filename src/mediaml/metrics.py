"""Truth and predictions to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mediaml.runtime.calibration import expected_calibration_error
from mediaml.values.report import AudioReport, LabelScore, Outcome

Counts = npt.NDArray[np.int64]


def confusion_matrix(truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> Counts:
    """Count pairs: int64 [labels, labels]; row: truth, column: prediction."""
    numbers = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, ([numbers[label] for label in truth], [numbers[label] for label in predicted]), 1)
    return counts


def label_scores(confusion: Counts, labels: Sequence[str]) -> dict[str, LabelScore]:
    """Precision, recall and F1 of each label; 0 where a share of nothing is asked for."""
    hits = np.diag(confusion).astype(float)
    given, true = confusion.sum(axis=0), confusion.sum(axis=1)
    precision, recall = _share(hits, given), _share(hits, true)
    f1 = _share(2 * hits, given + true)
    return {
        label: LabelScore(precision=precision[n], recall=recall[n], f1=f1[n], support=int(true[n]))
        for n, label in enumerate(labels)
    }


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def audio_report(
    outcomes: Sequence[Outcome],
    labels: Sequence[str],
    unreadable: Sequence[str] = (),
    model: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, float]] = (),
    spectrogram: Mapping[str, Any] | None = None,
) -> AudioReport:
    """Sum up an evaluation.

    Parameters
    ----------
    outcomes
        At least one; all readable.
    labels
        The model's labels; those of the outcomes are among them.
    unreadable
        What could not be read.
    model, data
        What was measured, and on what.
    history
        Of the training.
    spectrogram
        The front end's settings.
    """
    correct = np.array([outcome.correct for outcome in outcomes], bool)
    accepted = np.array([outcome.prediction.recognised for outcome in outcomes], bool)
    confidence = np.array([outcome.prediction.confidence for outcome in outcomes])
    confusion = confusion_matrix([one.truth for one in outcomes], [one.best for one in outcomes], labels)
    scores = label_scores(confusion, labels)
    return AudioReport(
        accuracy=float(correct.mean()),
        macro_f1=float(np.mean([score.f1 for score in scores.values() if score.support > 0])),
        labels=tuple(labels),
        per_label=scores,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        coverage=float(accepted.mean()),
        accepted_accuracy=float(correct[accepted].mean()) if accepted.any() else None,
        expected_calibration_error=expected_calibration_error(confidence, correct),
        clips=len(outcomes),
        recordings=len({outcome.clip.path for outcome in outcomes}),
        model=dict(model or {}),
        data=dict(data or {}),
        unreadable=tuple(unreadable),
        outcomes=tuple(outcomes),
        history=tuple(history),
        spectrogram=dict(spectrogram or {}),
    )
