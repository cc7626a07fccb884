"""What was found in a manifest, or in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from mediaml.data.checks.finding import counted
from mediaml.data.files import printable
from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.quotas import UseCase
from mediaml.data.preflight.rules import CODES

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 3  # faults of each code, when it is printed
COLUMNS = ("severity", "code", "part", "line", "attribute", "detail", "remedy")


@dataclass(frozen=True, slots=True)
class Figures:
    """One manifest in numbers.

    Parameters
    ----------
    lines
        All of them, good and bad.
    bad
        Lines that count towards the fifth of bad lines that the service bears.
    usable
        Pictures with at least one label or box that is right.
    boxes
        Of these pictures, the good ones.
    pictures
        Pictures of each label, for `use_case`.
    buckets
        Pictures in each bucket.
    use_case
        What the service would train, as far as it can be told.
    """

    lines: int
    bad: int
    usable: int
    boxes: int
    pictures: Mapping[str, int]
    buckets: Mapping[str, int]
    use_case: UseCase


@dataclass(frozen=True, slots=True, repr=False)
class Preflight:
    """What was found. It prints itself.

    Parameters
    ----------
    faults
        The worst first; of each code the first hundred of each manifest.
    counts
        How many there are of each code.
    train, test
        The manifests in numbers.
    """

    faults: tuple[Fault, ...]
    counts: Mapping[str, int]
    train: Figures
    test: Figures | None = None

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings there may be."""
        return not any(CODES[code].severity == "error" for code in self.counts)

    @property
    def findings(self) -> pd.DataFrame:
        """A row for each fault: severity, code, part ("train", "test"), line, attribute, detail and remedy."""
        import pandas as pd

        rows = [[getattr(fault, column) for column in COLUMNS] for fault in self.faults]
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)

    @property
    def verdict(self) -> str:
        """How many errors and warnings there are, in words."""
        told = []
        for severity in ("error", "warning"):
            number = sum(count for code, count in self.counts.items() if CODES[code].severity == severity)
            told += [counted(number, severity)] if number else []
        return ", ".join(told) or "nothing found that the service would refuse"

    def __str__(self) -> str:
        lines = [_told("train", self.train), *([_told("test", self.test)] if self.test else []), self.verdict]
        for code, same in groupby(self.faults, key=lambda fault: fault.code):
            lines += self._paragraph(code, list(same))
        return "\n".join(printable(line) for line in lines)

    def __repr__(self) -> str:
        return f"<Preflight of {counted(self.train.lines, 'line')}: {self.verdict}>"

    def _paragraph(self, code: str, faults: Sequence[Fault]) -> list[str]:
        """Tell of all faults of one code: its meaning, the first lines, and what to do."""
        rule, number = CODES[code], self.counts[code]
        lines = [f"{rule.severity:<8} {code} ({number:,}): {rule.meaning[0].lower()}{rule.meaning[1:]}"]
        for fault in faults[:SHOWN]:
            lines.append(" " * 11 + ": ".join(part for part in (fault.place, fault.detail) if part))
        if number > SHOWN:
            lines.append(f"           and {number - SHOWN:,} more: see .findings")
        return [*lines, f"         > {rule.remedy}"]


def _told(part: str, figures: Figures) -> str:
    boxes = "1 box" if figures.boxes == 1 else f"{figures.boxes:,} boxes"
    return (
        f"{part}: {counted(figures.lines, 'line')}, {counted(figures.usable, 'usable picture')}, {boxes}, "
        f"{counted(len(figures.pictures), 'label')}; {figures.use_case}"
    )
