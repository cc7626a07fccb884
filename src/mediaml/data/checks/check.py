"""What was found in a dataset, of whatever kind: as a table, a text and a page."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml import _forward
from mediaml.data.checks.finding import SEVERITIES, Finding, counted
from mediaml.data.files import printable

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5  # files of each problem, when it is printed
COLUMNS = ("severity", "problem", "path", "label", "detail", "remedy")


@dataclass(frozen=True, slots=True, repr=False)
class Check(ABC):
    """What was found in a dataset.

    Parameters
    ----------
    found
        Everything that was found, the worst first.
    summary
        Figures of the dataset.
    per_label
        A row of figures for each label, the label first.
    folder
        The folder that all files lie in.
    """

    found: tuple[Finding, ...]
    summary: Mapping[str, Any]
    per_label: tuple[tuple[Any, ...], ...]
    folder: str

    @property
    @abstractmethod
    def counts(self) -> pd.DataFrame:
        """Figures by label."""

    @abstractmethod
    def figures(self) -> str:
        """Give the figures as a line."""

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
        """Name what a finding is about: the file, below the folder of all, or the label, or nothing."""
        if finding.path is None:
            return finding.label or ""
        return below(finding.path, self.folder)

    def save(self, path: str | Path) -> Path:
        """Write a self-contained ``.html`` page, and give its path."""
        written: Path = _forward.call("mediaml.reports.check", "save_check", self, path)
        return written

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.check", "check_fragment", self)
        return html

    def __str__(self) -> str:
        lines = [self.figures(), self.verdict]
        for _, same in groupby(self.found, key=lambda finding: finding.problem):
            lines += self._paragraph(list(same))
        return "\n".join(printable(line) for line in lines)

    def _paragraph(self, findings: Sequence[Finding]) -> list[str]:
        """Tell of all findings of one problem: its name, the first files, and what to do."""
        problem = findings[0].problem
        severity, meaning, remedy = findings[0].problems[problem]
        lines = [f"{severity:<8} {problem} ({len(findings):,}): {meaning[0].lower()}{meaning[1:]}"]
        for finding in findings[:SHOWN]:
            about = self.about(finding)
            lines.append(f"           {about}: {finding.detail}" if about else f"           {finding.detail}")
        if len(findings) > SHOWN:
            lines.append(f"           and {len(findings) - SHOWN:,} more: see .findings")
        return [*lines, f"         > {remedy}"]


def below(path: str, folder: str) -> str:
    """Give a path below a folder; as it is where there is no folder, or it lies on S3."""
    return os.path.relpath(path, folder) if folder and "://" not in path else path


def common_folder(paths: Sequence[str]) -> str:
    """Give the folder that all files lie in; nothing where there is none."""
    try:
        return os.path.commonpath([Path(path).parent for path in paths])
    except ValueError:  # none, or on different drives
        return ""
