"""Why the figures of a test may mislead, in plain words: one rule a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediaml.metrics.calibration import by_chance, errors_by_chance
from mediaml.metrics.intervals import Floats, Ints
from mediaml.values.interval import Interval
from mediaml.values.wording import SOUNDS, Wording

FEW_RECORDINGS = 30
FEW_OF_A_LABEL = 5  # recordings
WIDE = 0.20
SLIGHT = 0.02
BY_CHANCE = 0.01  # of the simulated tests lie above what is worth a warning
MOST_NAMED = 12
PART_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def too_small(groups: int, figure: str, between: Interval, words: Wording = SOUNDS) -> list[str]:
    """Warn where a test is too small to tell; `figure` names the share that lies `between`."""
    remarks = []
    if between.width > WIDE:
        remarks.append(
            f"This test is too small to tell: on more {words.things} of this kind the {figure} may be anything from "
            f"{between.in_percent.replace('-', ' to ')}."
        )
    if groups < FEW_RECORDINGS:
        remarks.append(
            f"{words.groups(groups)} {'are' if groups != 1 else 'is'} too few to rely on: take every figure here "
            f"as a first impression, and measure on at least {FEW_RECORDINGS}, better on some hundred."
        )
    return remarks


def rare_labels(groups: Mapping[str, int], words: Wording = SOUNDS) -> list[str]:
    """Warn of labels that the test has few recordings of, or none."""
    rare = [label for label, count in groups.items() if 0 < count < FEW_OF_A_LABEL]
    missing = [label for label, count in groups.items() if count == 0]
    remarks = []
    if rare:
        remarks.append(
            f"Fewer than {FEW_OF_A_LABEL} {words.group}s of {named(rare)}: what is said of "
            f"{'this label' if len(rare) == 1 else 'these labels'} hangs on single {words.group}s."
        )
    if missing:
        remarks.append(f"Not tested, because the data has no {words.example} of it: {named(missing)}.")
    return remarks


def named(labels: Sequence[str]) -> str:
    """List labels, at most a dozen of them."""
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return ", ".join(labels[:MOST_NAMED]) + more


def learned_by_heart(
    model: Mapping[str, Any] | None, data: Mapping[str, Any] | None, words: Wording = SOUNDS
) -> list[str]:
    """Warn where the very clips were measured that the model was made with, or other clips of the same recordings."""
    made_with, measured = (model or {}).get("data"), (data or {}).get("content")
    if not isinstance(made_with, Mapping) or measured is None:
        return []
    same = [
        f"These are the very {words.example}s of the model's {PART_NAMES.get(name, name)} data: the figures say "
        f"nothing about new {words.things}."
        for name, described in made_with.items()
        if isinstance(described, Mapping) and described.get("content") == measured
    ]
    known, files = (data or {}).get("known_files", 0), (data or {}).get("files", 0)
    if same or not known:
        return same
    return [
        f"{known} of the {files} files of this test were the model's training or validation data: on them the figures "
        f"say nothing about new {words.things}."
    ]


def untrue_confidence(confidence: Floats, error: float, recordings: Ints, labels: int = 1) -> list[str]:
    """Warn where a calibration error is far above what chance makes of true confidences.

    Far: above 99 % of simulated tests in which the clips of a recording are right or wrong together, and by more than
    0.02 above their mean. Taking the clips for independent would blame the model for what one odd recording does.
    Where the errors of several `labels` are looked at, the 1 % is shared among them (Bonferroni's correction).
    """
    simulated = errors_by_chance(confidence, by_chance(confidence, together=recordings))
    usual = float(simulated.mean())
    if error <= max(float(np.quantile(simulated, 1 - BY_CHANCE / labels)), usual + SLIGHT):
        return []
    return [
        f"The stated confidences are not to be taken at their word: they are {100 * error:.0f} percentage points from "
        f"the share that is right on average, and chance explains about {100 * usual:.0f}."
    ]


def untrue_labels(labels: Sequence[str]) -> str:
    """Word the warning for labels of which each is far from calibrated."""
    return (
        f"The stated confidences of {named(labels)} are not to be taken at their word: they are further from the share "
        f"that is right than chance explains."
    )
