"""Two reports on the same examples, compared figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from mediaml.metrics.box_matching import matched_by_label
from mediaml.metrics.box_matching import weighted_average_precision as box_average_precision
from mediaml.metrics.intervals import Floats, Weights, bootstrap, interval, numbered
from mediaml.metrics.multi_label import weighted_average_precision
from mediaml.values.comparison import Comparison, Difference
from mediaml.values.detection_report import DetectionReport
from mediaml.values.multi_label_report import LabelSetReport
from mediaml.values.report import LabelReport, Report

ALL = ""  # the figure over all labels, among those of the labels
Measured = Callable[[Weights], dict[str, Floats]]


def compare(old: Report, new: Report, groups: Sequence[Hashable]) -> Comparison:
    """Compare two models by their reports on the same examples.

    Parameters
    ----------
    old, new
        Of the same kind, with outcomes of the same examples in the same order.
    groups
        What each example belongs to: those with the same are drawn together.

    Raises
    ------
    ValueError
        The reports are of different kinds or of other examples.
    """
    if isinstance(old, LabelReport) and isinstance(new, LabelReport):
        _check(old.outcomes, new.outcomes, groups)
        measures = (_of_labels(old), _of_labels(new))
        names = ("accuracy", "f1")
    elif isinstance(old, LabelSetReport) and isinstance(new, LabelSetReport):
        _check(old.outcomes, new.outcomes, groups)
        measures = (_of_label_sets(old), _of_label_sets(new))
        names = ("mean_average_precision", "average_precision")
    elif isinstance(old, DetectionReport) and isinstance(new, DetectionReport):
        _check(old.outcomes, new.outcomes, groups)
        measures = (_of_boxes(old), _of_boxes(new))
        names = ("mean_average_precision", "average_precision")
    else:
        raise ValueError(f"a {type(old).__name__} and a {type(new).__name__} cannot be compared")
    found = _differences(*measures, groups)
    labels = {label: one for label, one in found.items() if label != ALL}
    return Comparison(figure=names[0], label_figure=names[1], overall=found[ALL], per_label=labels, counted=new.counted)


def _check(old: Sequence[object], new: Sequence[object], groups: Sequence[Hashable]) -> None:
    if not len(old) == len(new) == len(groups):
        raise ValueError(f"{len(old)}, {len(new)} examples and {len(groups)} groups: the same examples are compared")


def _differences(old: Measured, new: Measured, groups: Sequence[Hashable]) -> dict[str, Difference]:
    """Measure both on the same draws."""
    numbers = numbered(groups)
    count = int(numbers.max()) + 1
    once = np.ones((len(numbers), 1), np.float32)
    was, is_now = old(once), new(once)

    def both(weights: Weights) -> dict[str, Floats]:
        one, other = old(weights), new(weights)
        return {name: other[name] - one[name] for name in one if name in other}

    drawn = bootstrap(numbers, both, work=len(was))
    out: dict[str, Difference] = {}
    for name in [ALL, *sorted((set(was) | set(is_now)) - {ALL})]:
        one, other = _known(was.get(name)), _known(is_now.get(name))
        both_known = one is not None and other is not None
        values = drawn[name][~np.isnan(drawn[name])] if name in drawn else np.zeros(0)
        between = interval(values, other - one, count) if both_known and len(values) else None  # type: ignore[operator]
        out[name] = Difference(old=one, new=other, between=between)
    return out


def _known(values: Floats | None) -> float | None:
    return None if values is None or np.isnan(values[0]) else float(values[0])


def _of_labels(report: LabelReport) -> Measured:
    """Accuracy, and F1 of each label, from the first alternatives."""
    truth = np.array([one.truth for one in report.outcomes])
    best = np.array([one.best for one in report.outcomes])

    def measure(weights: Weights) -> dict[str, Floats]:
        right = (truth == best).astype(np.float64) @ weights
        found = {ALL: right / weights.sum(axis=0)}
        for label in report.labels:
            true, given = truth == label, best == label
            hits, both = (true & given) @ weights, true @ weights + given @ weights
            there = (true @ weights) > 0
            found[label] = np.where(there, 2.0 * hits / np.maximum(both, 1e-12), np.nan)
        return found

    return measure


def _of_label_sets(report: LabelSetReport) -> Measured:
    """Average precision of each label, and their mean."""
    outcomes = report.outcomes
    sure = [{score.label: score.confidence for score in one.prediction.alternatives} for one in outcomes]
    truth = {label: np.array([label in one.truths for one in outcomes], bool) for label in report.labels}
    confidence = {label: np.array([one.get(label, 0.0) for one in sure]) for label in report.labels}

    def measure(weights: Weights) -> dict[str, Floats]:
        labels = report.labels
        return _with_mean({one: weighted_average_precision(truth[one], confidence[one], weights) for one in labels})

    return measure


def _of_boxes(report: DetectionReport) -> Measured:
    """Average precision at an IoU of 0.5 of each label, and their mean."""
    matched = matched_by_label(report.outcomes)

    def measure(weights: Weights) -> dict[str, Floats]:
        return _with_mean({one: box_average_precision(found, weights) for one, found in matched.items()})

    return measure


def _with_mean(found: dict[str, Floats]) -> dict[str, Floats]:
    """Add the mean over the labels that a draw has."""
    if not found:
        return {}
    table = np.stack(list(found.values()))
    there = ~np.isnan(table)
    mean = np.where(there, table, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return {**found, ALL: np.where(there.any(axis=0), mean, np.nan)}
