"""What is counted while a manifest passes by: a number for each picture, and a bounded number of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.line import LineFacts
from mediaml.data.preflight.quotas import Part, UseCase

KEPT = 100  # faults of each code in each manifest; all are counted
MOST_NAMES = 10_000  # labels or buckets that are told apart: a broken manifest may have one a line


@dataclass(slots=True)
class Found:
    """The faults so far: the first of each code are kept, all are counted."""

    part: Part | None
    kept: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, fault: Fault) -> None:
        """Take a fault."""
        self.counts[fault.code] += 1
        if self.counts[fault.code] <= KEPT:
            self.kept.append(replace(fault, part=self.part))


@dataclass(slots=True)
class Tally:
    """What is known of one manifest so far.

    Parameters
    ----------
    role
        What it is for.
    lines, bad, dropped, usable, boxes
        How many; ``boxes`` counts the good ones.
    seen
        The line of each picture, by the hash of its source-ref: eight bytes stand for a long text.
    named
        All labels that are named anywhere.
    labels
        Usable pictures of each label, for each use case.
    pictures
        Usable pictures for each use case.
    buckets
        Pictures in each bucket.
    second_bucket
        The first line whose picture is in another bucket than those before.
    """

    role: Part
    lines: int = 0
    bad: int = 0
    dropped: int = 0
    usable: int = 0
    boxes: int = 0
    seen: dict[int, int] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    labels: dict[UseCase, Counter[str]] = field(
        default_factory=lambda: {"IMAGE_LEVEL_LABELS": Counter(), "OBJECT_LOCALIZATION": Counter()}
    )
    pictures: Counter[UseCase] = field(default_factory=Counter)
    buckets: Counter[str] = field(default_factory=Counter)
    second_bucket: int | None = None

    def add(self, facts: LineFacts, found: Found, elsewhere: Mapping[int, int]) -> None:
        """Take a line; `elsewhere` holds the pictures of the other manifest, as `seen` does."""
        for fault in facts.faults:
            found.add(fault)
        repeated = self._place(facts, found, elsewhere)
        self.dropped += repeated or facts.dropped
        self.bad += repeated or facts.bad
        if len(self.named) < MOST_NAMES:
            self.named.update(facts.named)
        if facts.usable and not repeated:
            self._learn(facts)

    def _place(self, facts: LineFacts, found: Found, elsewhere: Mapping[int, int]) -> bool:
        """Note where the picture is, and give whether it was there before."""
        if facts.source_ref is None or facts.bucket is None:
            return False
        picture = hash(facts.source_ref)
        first = self.seen.setdefault(picture, facts.number)
        if first != facts.number:
            found.add(Fault("dropped_duplicate_source_ref", f"it is on line {first:,} too", facts.number))
            return True
        if picture in elsewhere:
            detail = f"it is on line {elsewhere[picture]:,} of the training manifest"
            found.add(Fault("train_test_overlap", detail, facts.number))
        if self.second_bucket is None and self.buckets and facts.bucket not in self.buckets:
            self.second_bucket = facts.number
        if facts.bucket in self.buckets or len(self.buckets) < MOST_NAMES:
            self.buckets[facts.bucket] += 1
        return False

    def _learn(self, facts: LineFacts) -> None:
        """Count a picture that is trained on."""
        self.usable += 1
        self.boxes += len(facts.box_labels)
        # a picture may have both: it counts for whichever kind the service takes
        if facts.box_labels:
            self.pictures["OBJECT_LOCALIZATION"] += 1
            _count(self.labels["OBJECT_LOCALIZATION"], set(facts.box_labels))
        if facts.labels:
            self.pictures["IMAGE_LEVEL_LABELS"] += 1
            _count(self.labels["IMAGE_LEVEL_LABELS"], set(facts.labels))


def _count(counter: Counter[str], labels: set[str]) -> None:
    for label in labels:
        if label in counter or len(counter) < MOST_NAMES:
            counter[label] += 1
