"""Stratified and grouped splits: every part has every label in its share, and no group is cut."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mediaml.errors import SplitError

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that must stay together.

    Parameters
    ----------
    name
        The same on every machine, so that a seed gives the same split everywhere.
    rows
        How many.
    labels
        How many rows carry each label.
    """

    name: str
    rows: int
    labels: Counter[str]


def check_fractions(fractions: Sequence[float]) -> None:
    """Refuse fractions that are no division of a whole.

    Raises
    ------
    SplitError
        One is negative, or they do not add up to 1.
    """
    if not fractions or not min(fractions) >= 0 or not abs(sum(fractions) - 1) <= 1e-6:  # NaN is refused too
        raise SplitError(f"the parts of a split must be 0 or more and add up to 1, not {tuple(fractions)}")


@dataclass(frozen=True, slots=True)
class Missing:
    """A label that some part of a split lacks.

    Parameters
    ----------
    label
        Which.
    groups
        How many groups carry it.
    parts
        In how many parts it should be.
    """

    label: str
    groups: int
    parts: int

    @property
    def unavoidable(self) -> bool:
        """Whether no split at all could have it in every part."""
        return self.groups < self.parts

    def told(self, what: str) -> str:
        """Say it; `what` names a group: ``recording``."""
        groups = f"1 {what}" if self.groups == 1 else f"{self.groups} {what}s"
        if self.unavoidable:
            return f"label {self.label!r} exists in only {groups}, cannot be in {self.parts} parts"
        return f"label {self.label!r}, in {groups} together with other labels, did not fit into every part"


def assign(groups: Sequence[Group], fractions: Sequence[float], seed: int) -> tuple[list[int], list[Missing]]:
    """Give each group a part so that every label is divided as `fractions` say.

    Iterative stratification (Sechidis et al. 2011) over groups: the label with the fewest groups first, its groups by
    falling size, each to the part that wants this label most. Where a label has no more groups left than there are
    parts without it, only those parts may have them.

    Parameters
    ----------
    groups
        In any order: it does not matter.
    fractions
        Of the rows, for each part.
    seed
        Settles what is equally good.

    Returns
    -------
    The part of each group, and the labels that some part lacks.
    """
    check_fractions(fractions)
    best, fewest = _Assignment(groups, fractions, f"{seed}/0").run()
    for attempt in range(1, ATTEMPTS):  # several labels a group can get in each other's way: draw again
        if all(missing.unavoidable for missing in fewest):
            break
        parts, missing = _Assignment(groups, fractions, f"{seed}/{attempt}").run()
        if len(missing) < len(fewest):
            best, fewest = parts, missing
    return best, fewest


class _Assignment:
    """One draw: what each part still wants, and who went where."""

    def __init__(self, groups: Sequence[Group], fractions: Sequence[float], salt: str) -> None:
        self.groups = groups
        self.order = sorted(range(len(groups)), key=lambda number: _draw(salt, groups[number].name))
        self.open_parts = [part for part, fraction in enumerate(fractions) if fraction > 0]
        self.parts = [-1] * len(groups)
        self.carriers: dict[str, list[int]] = defaultdict(list)
        for number in self.order:
            for label in groups[number].labels:
                self.carriers[label].append(number)
        totals: Counter[str] = Counter()
        for group in groups:
            totals.update(group.labels)
        self.wanted = {label: [share * count for share in fractions] for label, count in totals.items()}
        self.wanted_rows = [share * sum(group.rows for group in groups) for share in fractions]
        self.has: dict[str, set[int]] = defaultdict(set)

    def run(self) -> tuple[list[int], list[Missing]]:
        left = {label: len(numbers) for label, numbers in self.carriers.items()}
        while left:
            # first the label with the least room: how many carriers are left beyond those that parts still need
            label = min(left, key=lambda name: (left[name] - len(self._without(name)), left[name], name))
            for number in self._place(label):
                for other in self.groups[number].labels:
                    left[other] -= 1
            left = {name: count for name, count in left.items() if count > 0}
        for number in self.order:
            if self.parts[number] < 0:  # rows without a label only
                self._give(number, max(self.open_parts, key=lambda part: (round(self.wanted_rows[part], 9), -part)))
        wanted = len(self.open_parts)
        return self.parts, [
            Missing(label, len(self.carriers[label]), wanted)
            for label in sorted(self.carriers)
            if len(self.has[label]) < wanted
        ]

    def _place(self, label: str) -> list[int]:
        """Give away the groups that carry a label and have no part yet, the largest first."""
        numbers = [number for number in self.carriers[label] if self.parts[number] < 0]
        numbers.sort(key=lambda number: -self.groups[number].labels[label])
        for position, number in enumerate(numbers):
            without = self._without(label)
            must = bool(without) and len(numbers) - position <= len(without)
            wanted, rows = self.wanted[label], self.wanted_rows
            self._give(
                number,
                max(
                    without if must else self.open_parts,
                    key=lambda part: (round(wanted[part], 9), round(rows[part], 9), -part),
                ),
            )
        return numbers

    def _without(self, label: str) -> list[int]:
        return [part for part in self.open_parts if part not in self.has[label]]

    def _give(self, number: int, part: int) -> None:
        self.parts[number] = part
        self.wanted_rows[part] -= self.groups[number].rows
        for label, count in self.groups[number].labels.items():
            self.wanted[label][part] -= count
            self.has[label].add(part)


def _draw(salt: str, name: str) -> str:
    """Give a key to sort by that is the same on every machine and for every order of the rows."""
    return hashlib.sha256(f"{salt}/{name}".encode()).hexdigest()
