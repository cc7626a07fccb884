"""What the figures of a report mean, in plain words, and how far they can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mediaml.metrics.intervals import CERTAIN
from mediaml.metrics.trust import SLIGHT
from mediaml.values.interval import Interval
from mediaml.values.prediction import percentage
from mediaml.values.report import LabelOutcome, LabelReport, Report


class Figure(NamedTuple):
    """One number with its name, where it lies in 95 of 100 such tests, and what it means."""

    name: str
    value: str
    between: str
    meaning: str


def verdict(report: LabelReport) -> str:
    """Say in one line what the evaluation found."""
    hits, given = _hits(report), _given(report)
    words, seen = report.wording, report.wording.examples(report.examples)
    first = f"{words.taken.capitalize()} right: {hits} of {seen} ({percentage(report.accuracy)})."
    if report.accepted_accuracy is None:
        return f"{first} It was never sure enough to give a label."
    right = round(report.accepted_accuracy * given)
    if given == report.examples:
        return f"{first} It was sure enough to give each of them a label."
    return f"{first} It was sure enough to give a label to {given} of them, and {right} of these labels are true."


def figures(report: LabelReport) -> list[Figure]:
    """Give the figures of a report, each with its interval and what it means."""
    hits, given, calibration = _hits(report), _given(report), report.expected_calibration_error
    words = report.wording
    most = max((score.support for score in report.per_label.values()), default=0)
    accepted = report.accepted_accuracy
    return [
        Figure(
            "Accuracy",
            percentage(report.accuracy),
            between(report, "accuracy", share=True),
            f"For {hits} of {words.examples(report.examples)} the most likely label is the true one, whether it was "
            f"given or held back. Always naming the most frequent label would reach "
            f"{percentage(most / max(1, report.examples))}.",
        ),
        Figure(
            "Macro F1",
            f"{report.macro_f1:.3f}",
            between(report, "macro_f1"),
            "From 0 to 1: how well labels are found, and not named in vain. Every label counts the same, however rare.",
        ),
        Figure(
            "Coverage", percentage(report.coverage), between(report, "coverage", share=True), _coverage(report, given)
        ),
        Figure(
            "Accepted accuracy",
            "–" if accepted is None else percentage(accepted),  # noqa: RUF001
            between(report, "accepted_accuracy", share=True),
            f"No {words.example} was given a label."
            if accepted is None
            else f"Of the {words.examples(given)} that were given a label, {round(accepted * given)} have the right "
            f"one.",
        ),
        Figure(
            "Expected calibration error",
            f"{calibration:.3f}",
            between(report, "expected_calibration_error"),
            f"Stated confidence and the share that is right differ by {100 * calibration:.0f} percentage points on "
            f"average; 0 is perfect. In a test of this size, even a perfectly calibrated model shows about "
            f"{report.expected_calibration_error_by_chance:.3f}.",
        ),
        Figure(
            "Brier score",
            f"{report.brier:.3f}",
            between(report, "brier"),
            "From 0 to 2: how far all the probabilities are from the truth, squared and summed; 0 is perfect. Compare "
            f"it between models on the same {words.example}s.",
        ),
        Figure(
            "Negative log-likelihood",
            f"{report.negative_log_likelihood:.3f}",
            between(report, "negative_log_likelihood"),
            "How surprised the model is by the truth; 0 is perfect, and who knows nothing of "
            f"{len(report.labels)} labels has {np.log(max(1, len(report.labels))):.2f}.",
        ),
    ]


def between(report: Report, name: str, *, share: bool = False) -> str:
    """Write the 95 % interval of a figure; nothing where it has none."""
    found: Interval | None = report.intervals.get(name)
    if found is None:
        return ""
    low, high = (percentage(end) if share else f"{end:.3f}" for end in (found.low, found.high))
    return f"{low.removesuffix(' %')} to {high}"


def _coverage(report: LabelReport, given: int) -> str:
    text = f"{given} of {report.wording.examples(report.examples)} were given a label."
    held_back = Counter(one.prediction.reason for one in report.outcomes if one.prediction.reason)
    reasons = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in held_back.most_common())
    return f"{text} Nothing recognised in the others: {reasons}." if reasons else text


def calibration_remark(outcomes: Sequence[LabelOutcome]) -> str:
    """Say whether the model is too sure of itself, or differs from the truth by no more than chance."""
    confidence = np.array([one.prediction.confidence for one in outcomes])
    stated = float(confidence.mean())
    right = float(np.mean([one.correct for one in outcomes]))
    chance = CERTAIN * float(np.sqrt(np.sum(confidence * (1 - confidence)))) / len(confidence)
    judgement = "too sure of itself" if stated > right else "too modest"
    if abs(stated - right) <= max(SLIGHT, chance):
        judgement = "no further apart than chance allows"
    return f"On average it states {percentage(stated)} and is right in {percentage(right)}: {judgement}."


def cautions(report: Report) -> list[str]:
    """Say how the intervals are meant, and what was not measured."""
    return [
        *_intervals(report),
        *(
            [
                f"{report.wording.examples(len(report.unreadable))} could not be read and are not counted; they are "
                f"listed below."
            ]
            if report.unreadable
            else []
        ),
        f"All {report.wording.example}s have labels that the model knows. How often it stays silent on "
        f"{report.wording.things} that it was never taught is not measured here.",
    ]


def _intervals(report: Report) -> list[str]:
    if not report.intervals:
        return []
    words = report.wording.where(report.examples, report.groups)
    alike = (
        f" The {words.example}s come from {words.groups(report.groups)}, and {words.example}s of one {words.group} are "
        f"alike: it is the number of {words.group}s that counts."
        if report.groups < report.examples
        else ""
    )
    return [
        f"The range under a figure is its 95 % interval: where it would lie in 95 of 100 tests on other "
        f"{words.group}s of this kind.{alike}"
    ]


def _hits(report: LabelReport) -> int:
    return sum(row[number] for number, row in enumerate(report.confusion))


def _given(report: LabelReport) -> int:
    return round(report.coverage * report.examples)
