"""What would spoil a training on a dataset of sounds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml import _forward
from mediaml.data.checks import duplicates, labels, lengths, parts, recordings
from mediaml.data.checks.finding import PROBLEMS, SEVERITIES, Finding, counted, in_order
from mediaml.data.checks.sounds import Sound, hear_all, rows_of
from mediaml.data.files import printable

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5  # files of each problem, when it is printed
COLUMNS = ("severity", "problem", "path", "label", "detail", "remedy")


@dataclass(frozen=True, slots=True, repr=False)
class AudioCheck:
    """What was found in a dataset. It prints itself, shows itself in a notebook, and ``save("check.html")`` writes it.

    Parameters
    ----------
    found
        Everything that was found, the worst first.
    summary
        Figures: ``clips``, ``recordings``, ``hours`` (of all clips), ``labels``, ``unlabelled`` (clips), and
        ``sample_rates`` (Hz) and ``formats`` with the number of recordings of each.
    per_label
        Label, recordings, clips and minutes of each label.
    folder
        The folder that all recordings lie in.
    """

    found: tuple[Finding, ...]
    summary: Mapping[str, Any]
    per_label: tuple[tuple[str, int, int, float], ...]
    folder: str

    @property
    def findings(self) -> pd.DataFrame:
        """A row for each finding.

        ``severity`` ("error", "warning" or "advice"), ``problem`` (a stable name), ``path`` and ``label`` (None where
        the dataset as a whole is meant), ``detail`` (numbers with units) and ``remedy`` (what to do).
        """
        import pandas as pd

        rows = [[getattr(finding, column) for column in COLUMNS] for finding in self.found]
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)

    @property
    def counts(self) -> pd.DataFrame:
        """Recordings, clips and minutes by label."""
        import pandas as pd

        table = pd.DataFrame(list(self.per_label), columns=["label", "recordings", "clips", "minutes"])
        return table.set_index("label")

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings and advice there may be."""
        return not any(finding.severity == "error" for finding in self.found)

    @property
    def verdict(self) -> str:
        """How many errors, warnings and pieces of advice there are, in words."""
        numbers = Counter(finding.severity for finding in self.found)
        things = ("error", "warning", "piece")
        told = [
            counted(numbers[severity], thing)
            for severity, thing in zip(SEVERITIES, things, strict=True)
            if numbers[severity]
        ]
        if numbers["advice"]:
            told[-1] += " of advice"
        return ", ".join(told) or "nothing found that would spoil a training"

    def about(self, finding: Finding) -> str:
        """Name what a finding is about: the recording, below the folder of all, or the label, or nothing."""
        if finding.path is None:
            return finding.label or ""
        return os.path.relpath(finding.path, self.folder) if self.folder else finding.path

    def save(self, path: str | Path) -> Path:
        """Write a self-contained ``.html`` page, and give its path."""
        written: Path = _forward.call("mediaml.reports.check", "save_check", self, path)
        return written

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.check", "check_fragment", self)
        return html

    def __str__(self) -> str:
        lines = [self._figures(), self.verdict]
        for problem, same in groupby(self.found, key=lambda finding: finding.problem):
            lines += self._paragraph(problem, list(same))
        return "\n".join(printable(line) for line in lines)

    def __repr__(self) -> str:
        return f"<AudioCheck of {counted(self.summary['clips'], 'clip')}: {self.verdict}>"

    def _figures(self) -> str:
        figures = self.summary
        rates = ", ".join(f"{rate:,} Hz" for rate in figures["sample_rates"])
        return (
            f"{counted(figures['clips'], 'clip')} ({figures['hours'] * 60:,.1f} min) of "
            f"{counted(figures['recordings'], 'recording')}, {counted(figures['labels'], 'label')}"
            + (f", {figures['unlabelled']:,} unlabelled" if figures["unlabelled"] else "")
            + (f"; {rates}" if rates else "")
        )

    def _paragraph(self, problem: str, findings: Sequence[Finding]) -> list[str]:
        """Tell of all findings of one problem: its name, the first files, and what to do."""
        severity, meaning, remedy = PROBLEMS[problem]
        lines = [f"{severity:<8} {problem} ({len(findings):,}): {meaning[0].lower()}{meaning[1:]}"]
        for finding in findings[:SHOWN]:
            about = self.about(finding)
            lines.append(f"           {about}: {finding.detail}" if about else f"           {finding.detail}")
        if len(findings) > SHOWN:
            lines.append(f"           and {len(findings) - SHOWN:,} more: see .findings")
        return [*lines, f"         > {remedy}"]


def _common_folder(paths: Sequence[str]) -> str:
    try:
        return os.path.commonpath([Path(path).parent for path in paths])
    except ValueError:  # none, or on different drives
        return ""


def check_sounds(frame: pd.DataFrame, against: Sequence[pd.DataFrame] = ()) -> AudioCheck:
    """Listen to every recording of a dataset once, and tell what would spoil a training.

    Parameters
    ----------
    frame
        The rows of a dataset: path, start, end, label, group.
    against
        The rows of other parts of the same data.

    Returns
    -------
    What was found. Nothing is raised for bad data, and nothing is changed.
    """
    sounds, *others = hear_all([frame, *against])
    divided = parts.Parts(frame)
    found = chain(
        [] if sounds else [Finding("no_clips", "0 clips")],
        recordings.damaged(sounds),
        duplicates.repeated_rows(sounds),
        duplicates.same_sound(sounds, divided),
        duplicates.same_sound_elsewhere(sounds, others),
        parts.cut_by_columns(sounds, divided),
        parts.shared_with(sounds, others),
        recordings.silent(sounds),
        recordings.clipped(sounds),
        lengths.odd_lengths(sounds),
        lengths.tiny_clips(sounds),
        lengths.advised_lengths(sounds),
        labels.mixed_sample_rates(sounds),
        labels.few(sounds),
        labels.unlabelled(sounds),
    )
    folder = _common_folder([sound.path for sound in sounds])
    return AudioCheck(in_order(list(found)), _summary(sounds), _per_label(sounds), folder)


def _summary(sounds: Sequence[Sound]) -> dict[str, Any]:
    rows = rows_of(sounds)
    known = [sound.measured.info for sound in sounds if sound.measured.info is not None]
    return {
        "clips": len(rows),
        "recordings": len(sounds),
        "hours": sum(row.seconds for row in rows if not isnan(row.seconds)) / 3600,
        "labels": len({label for row in rows for label in row.labels}),
        "unlabelled": sum(not row.labels for row in rows),
        "sample_rates": dict(Counter(info.sample_rate for info in known).most_common()),
        "formats": dict(Counter(info.format for info in known).most_common()),
    }


def _per_label(sounds: Sequence[Sound]) -> tuple[tuple[str, int, int, float], ...]:
    recordings_ = Counter(label for sound in sounds for label in sound.labels)
    clips: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for row in rows_of(sounds):
        for label in row.labels:
            clips[label] += 1
            seconds[label] = seconds.get(label, 0.0) + (0.0 if isnan(row.seconds) else row.seconds)
    return tuple((label, recordings_[label], clips[label], seconds[label] / 60) for label in sorted(clips))
