"""What the figures of a report mean, in plain words, and how far they can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mediaml.reports.facts import PART_NAMES
from mediaml.runtime.calibration import expected_calibration_error
from mediaml.values.prediction import percentage
from mediaml.values.report import AudioReport, Outcome

FEW_CLIPS = 30
FEW_OF_A_LABEL = 5
CERTAIN = 1.959964  # standard deviations of a normal distribution that hold 95 %
TRIALS, MOST_CLIPS_TRIED = 200, 2000
SLIGHT = 0.02
MOST_NAMED = 12


class Figure(NamedTuple):
    """One number with its name and what it means."""

    name: str
    value: str
    meaning: str


def verdict(report: AudioReport) -> str:
    """Say in one line what the evaluation found."""
    hits, given = _hits(report), _given(report)
    first = f"Heard right: {hits} of {_clips(report.clips)} ({percentage(report.accuracy)})."
    if report.accepted_accuracy is None:
        return f"{first} It was never sure enough to give a label."
    right = round(report.accepted_accuracy * given)
    if given == report.clips:
        return f"{first} It was sure enough to give each of them a label."
    return f"{first} It was sure enough to give a label to {given} of them, and {right} of these labels are true."


def figures(report: AudioReport) -> list[Figure]:
    """Give the figures of a report, each with what it means."""
    hits, given, calibration = _hits(report), _given(report), report.expected_calibration_error
    most = max((score.support for score in report.per_label.values()), default=0)
    accepted = report.accepted_accuracy
    return [
        Figure(
            "Accuracy",
            percentage(report.accuracy),
            f"For {hits} of {_clips(report.clips)} the most likely label is the true one, whether it was given or held "
            f"back. Always naming the most frequent label would reach {percentage(most / max(1, report.clips))}.",
        ),
        Figure(
            "Macro F1",
            f"{report.macro_f1:.3f}",
            "From 0 to 1: how well labels are found, and not named in vain. Every label counts the same, however rare.",
        ),
        Figure("Coverage", percentage(report.coverage), _coverage(report, given)),
        Figure(
            "Accepted accuracy",
            "–" if accepted is None else percentage(accepted),  # noqa: RUF001
            "No clip was given a label."
            if accepted is None
            else f"Of the {_clips(given)} that were given a label, {round(accepted * given)} have the right one.",
        ),
        Figure(
            "Expected calibration error",
            f"{calibration:.3f}",
            f"Stated confidence and the share that is right differ by {100 * calibration:.0f} percentage points on "
            f"average; 0 is perfect.{_calibration_floor(report.outcomes)}",
        ),
    ]


def _coverage(report: AudioReport, given: int) -> str:
    text = f"{given} of {_clips(report.clips)} were given a label."
    held_back = Counter(one.prediction.reason for one in report.outcomes if one.prediction.reason)
    reasons = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in held_back.most_common())
    return f"{text} Nothing recognised in the others: {reasons}." if reasons else text


def _calibration_floor(outcomes: Sequence[Outcome]) -> str:
    """Say what chance alone makes of the calibration error, from simulated models whose confidence is true."""
    if not 0 < len(outcomes) <= MOST_CLIPS_TRIED:
        return ""
    confidence = np.array([one.prediction.confidence for one in outcomes])
    random = np.random.default_rng(0)
    errors = [
        expected_calibration_error(confidence, random.random(len(confidence)) < confidence) for _ in range(TRIALS)
    ]
    return f" With {_clips(len(outcomes))}, even a perfectly calibrated model shows about {np.mean(errors):.3f}."


def calibration_remark(outcomes: Sequence[Outcome]) -> str:
    """Say whether the model is too sure of itself, or differs from the truth by no more than chance."""
    confidence = np.array([one.prediction.confidence for one in outcomes])
    stated = float(confidence.mean())
    right = float(np.mean([one.correct for one in outcomes]))
    chance = CERTAIN * float(np.sqrt(np.sum(confidence * (1 - confidence)))) / len(confidence)
    judgement = "too sure of itself" if stated > right else "too modest"
    if abs(stated - right) <= max(SLIGHT, chance):
        judgement = "no further apart than chance allows"
    return f"On average it states {percentage(stated)} and is right in {percentage(right)}: {judgement}."


def cautions(report: AudioReport) -> list[str]:
    """Say how far the figures can be trusted."""
    return [
        *_too_few(report),
        *_rare_labels(report),
        *_learned_by_heart(report),
        *(
            [f"{_clips(len(report.unreadable))} could not be read and are not counted; they are listed below."]
            if report.unreadable
            else []
        ),
        "All clips have labels that the model knows. How often it stays silent on sounds that it was never taught is "
        "not measured here.",
    ]


def _too_few(report: AudioReport) -> list[str]:
    low, high = wilson(_hits(report), report.clips)
    remarks = [
        f"With {_clips(report.clips)}, the accuracy on more sounds of this kind probably lies between "
        f"{percentage(low)} and {percentage(high)} (95 % Wilson interval; it takes the clips for independent of each "
        f"other)."
    ]
    if report.recordings < report.clips:
        remarks.append(
            f"The clips come from {report.recordings} recording{'s' * (report.recordings != 1)}. Clips of one "
            f"recording are alike, so the true uncertainty is larger than that interval."
        )
    if report.clips < FEW_CLIPS:
        remarks.append(
            f"{_clips(report.clips)} are too few to rely on: take every figure here as a first impression, and measure "
            f"on at least {FEW_CLIPS}, better on some hundred."
        )
    return remarks


def _rare_labels(report: AudioReport) -> list[str]:
    missing = [label for label in report.labels if report.per_label[label].support == 0]
    rare = [label for label in report.labels if 0 < report.per_label[label].support < FEW_OF_A_LABEL]
    remarks = []
    if rare:
        remarks.append(
            f"Fewer than {FEW_OF_A_LABEL} clips: {_named(rare)}. Their precision, recall and F1 hang on single clips."
        )
    if missing:
        remarks.append(f"Not tested, because the data has no clip of it: {_named(missing)}.")
    return remarks


def _named(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return ", ".join(labels[:MOST_NAMED]) + more


def _learned_by_heart(report: AudioReport) -> list[str]:
    """Warn where the very clips were measured that the model was made with."""
    data, measured = report.model.get("data"), report.data.get("content")
    if not isinstance(data, Mapping) or measured is None:
        return []
    return [
        f"These are the very clips of the model's {PART_NAMES.get(name, name)} data: the figures say nothing about new "
        f"sounds."
        for name, described in data.items()
        if isinstance(described, Mapping) and described.get("content") == measured
    ]


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson 1927): honest for few clips and for shares close to 0 and 1."""
    if total == 0:
        return 0.0, 1.0
    share, square = hits / total, CERTAIN**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = CERTAIN / (1 + square / total) * (share * (1 - share) / total + square / (4 * total**2)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def _hits(report: AudioReport) -> int:
    return sum(row[number] for number, row in enumerate(report.confusion))


def _given(report: AudioReport) -> int:
    return round(report.coverage * report.clips)


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"
