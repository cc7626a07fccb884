"""One thing that was found, and what can be found at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, TypeVar

Severity = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")


class Problem(NamedTuple):
    """What may be found: how bad it is, what it is, and what to do about it."""

    severity: Severity
    meaning: str
    remedy: str


PROBLEMS: dict[str, Problem] = {
    "no_clips": Problem(
        "error", "The dataset has no rows", "look at how it was made: where() may have selected nothing"
    ),
    "no_labels": Problem(
        "error",
        "No clip has a label: there is nothing to be learnt",
        "from_folder() takes the folders in a folder as labels: give it the folder that these lie in; background needs "
        "no labels",
    ),
    "missing_file": Problem(
        "error", "There is no such file", "restore it, correct its path or root=, or take the row out"
    ),
    "unreadable": Problem(
        "error", "It cannot be decoded", "export it again from the original (WAV or FLAC), or take it out"
    ),
    "empty": Problem(
        "error",
        "There is no sound in it",
        "take it out; where the file is large, the recorder did not finish its header, and ffmpeg may repair it",
    ),
    "not_numbers": Problem(
        "error",
        "Some samples are NaN, infinite or absurdly large",
        "export it again; training and prediction refuse it",
    ),
    "beyond_end": Problem(
        "error",
        "The clip lies behind the end of its recording",
        "correct start and end (seconds from the start of the recording); the table may belong to another recording",
    ),
    "duplicate_across_labels": Problem(
        "error",
        "The same sound carries different labels",
        "keep the right one; where both are to be heard, keep one row with both labels",
    ),
    "duplicate_across_parts": Problem(
        "error",
        "The same sound stands in two parts: results on it are learnt by heart",
        "keep it in one part; split() of all clips together does so for identical files, not for other formats",
    ),
    "recording_across_parts": Problem(
        "error",
        "One recording or group stands in two parts: results on it are learnt by heart",
        "divide by recording, not by clip: split() does so by itself, and keeps what group_column names together",
    ),
    "truncated": Problem(
        "warning", "The end of the file is missing", "copy or download it again; what is there is used as it is"
    ),
    "silent": Problem(
        "warning", "There is nothing to be heard", "take it out, unless silence is what its label should teach"
    ),
    "silent_segments": Problem(
        "warning",
        "In some of its clips there is nothing to be heard",
        "take these clips out or their labels away: a network would learn silence as their label",
    ),
    "clipped": Problem(
        "warning",
        "It was recorded too loud: the tops of its waves are cut off flat",
        "record with less gain or go back to the original; the overtones of clipping are learnt as part of the sound",
    ),
    "too_short": Problem("warning", "It is much shorter than the others", "listen to it: it may have been cut off"),
    "too_long": Problem(
        "warning",
        "It is much longer than the others",
        "listen to it: it may never have been cut; segments() makes clips of it",
    ),
    "duplicate": Problem(
        "warning", "The same sound is there twice", "keep one: a copy weighs double and makes results look better"
    ),
    "mixed_sample_rates": Problem(
        "warning",
        "The recordings have different sample rates",
        "record alike, or make all alike: everything is resampled to the model's rate, but above half of its own rate "
        "a recording is mute, and where rate and label go together a network learns the recorder",
    ),
    "few_recordings": Problem(
        "warning",
        "A label has few recordings",
        "record more, on other days, at other places and with other devices; many clips of few recordings do not help",
    ),
    "imbalance": Problem(
        "warning",
        "Some labels have far more clips than others",
        "record more of the rare ones or leave some of the others out",
    ),
    "few_clips": Problem(
        "advice",
        "There are few labelled clips",
        "a few thousand clips of 3 to 10 s are what a sound recogniser usually takes; try it, and record on",
    ),
    "clip_length": Problem(
        "advice",
        "Clips of 3 to 10 s suit most sounds",
        "segments(seconds=5) cuts longer recordings; shorter ones are repeated until they fill a clip",
    ),
    "unlabelled": Problem(
        "advice", "Some clips have no label", "nothing is learnt from them: label them, or train on .labelled"
    ),
}
"""In the order in which they are reported."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Parameters
    ----------
    problem
        Its stable name, one of `PROBLEMS`.
    detail
        What exactly, in numbers with units.
    path
        The file; None where the dataset as a whole is meant.
    labels
        Of the file, or the label that is meant.
    """

    problems: ClassVar[Mapping[str, Problem]] = PROBLEMS
    """What can be found in data of this kind."""

    problem: str
    detail: str
    path: str | None = None
    labels: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.problems[self.problem].severity

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.problems[self.problem].remedy

    @property
    def label(self) -> str | None:
        """The labels as one text."""
        return ", ".join(self.labels) or None


FindingT = TypeVar("FindingT", bound=Finding)


def in_order(findings: Sequence[FindingT]) -> tuple[FindingT, ...]:
    """Sort findings by severity, problem and file."""
    order = {name: number for one in findings[:1] for number, name in enumerate(one.problems)}
    return tuple(sorted(findings, key=lambda one: (order[one.problem], one.path or "", one.labels, one.detail)))


def counted(number: int, thing: str) -> str:
    """Give a number with its thing, in the plural where it needs one."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
