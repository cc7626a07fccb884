"""The same sound twice: as a row, as a file, or decoded from files that differ."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mediaml.data.checks.finding import Finding
from mediaml.data.checks.parts import Parts
from mediaml.data.checks.recordings import is_silent
from mediaml.data.checks.sounds import Row, Sound
from mediaml.data.grouping import identical_files


def repeated_rows(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find rows that mean the same part of the same file."""
    for sound in sounds:
        seen: dict[tuple[float, str], Row] = {}
        for row in sound.rows:
            first = seen.setdefault((row.start, repr(row.end)), row)
            if first is row:
                continue
            detail = f"rows {first.number} and {row.number} of the table are the same part of the same file"
            if _contradict(first.labels, row.labels):
                detail += f": {_named(first.labels)} and {_named(row.labels)}"
                yield Finding("duplicate_across_labels", detail, sound.path, row.labels)
            else:
                yield Finding("duplicate", detail, sound.path, row.labels)


def same_sound(sounds: Sequence[Sound], parts: Parts) -> Iterator[Finding]:
    """Find recordings that sound the same as one before: one finding for each copy, named by the worst of it.

    The bytes may differ: a WAV and the FLAC that was made of it sound the same. Silent recordings are left out, they
    all sound the same.
    """
    by_digest: dict[str, list[Sound]] = {}
    for sound in sounds:
        if sound.measured.failure is None and not is_silent(sound.measured):
            by_digest.setdefault(sound.measured.digest, []).append(sound)
    groups = [group for group in by_digest.values() if len(group) > 1]
    bytes_of = identical_files(sound.path for group in groups for sound in group)
    for group in groups:
        for number, copy in enumerate(group[1:], 1):
            problem, first = _worst(copy, group[:number], parts)
            yield Finding(problem, _told(copy, first, bytes_of), copy.path, copy.labels)


def _worst(copy: Sound, earlier: Sequence[Sound], parts: Parts) -> tuple[str, Sound]:
    """Choose what is worst about a copy, and against which of the recordings before it."""
    for first in earlier:
        if _contradict(first.labels, copy.labels):
            return "duplicate_across_labels", first
    for first in earlier:
        if parts.apart(first, copy):
            return "duplicate_across_parts", first
    return "duplicate", earlier[0]


def same_sound_elsewhere(sounds: Sequence[Sound], others: Sequence[Sequence[Sound]]) -> Iterator[Finding]:
    """Find recordings whose sound another part of the data has too, in another file."""
    known: dict[str, Sound] = {}
    for sound in (sound for other in others for sound in other):
        if sound.measured.failure is None and not is_silent(sound.measured):
            known.setdefault(sound.measured.digest, sound)
    there = {sound.path for other in others for sound in other}  # these recordings are told of by parts.shared_with
    twins = [(sound, known.get(sound.measured.digest)) for sound in sounds if sound.path not in there]
    pairs = [(sound, twin) for sound, twin in twins if twin is not None]
    bytes_of = identical_files(sound.path for pair in pairs for sound in pair)
    for sound, twin in pairs:
        yield Finding("duplicate_across_parts", _told(sound, twin, bytes_of), sound.path, sound.labels)


def _told(copy: Sound, first: Sound, bytes_of: dict[str, str]) -> str:
    same = copy.path in bytes_of and bytes_of[copy.path] == bytes_of.get(first.path)
    near = os.path.relpath(first.path, Path(copy.path).parent)
    name = first.path if near.startswith("../../..") else near
    detail = f"{'the same bytes' if same else 'other bytes, the same sound'} as {name}"
    return detail + (f", labelled {_named(first.labels)}" if first.labels != copy.labels else "")


def _contradict(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(one and other) and one != other


def _named(labels: tuple[str, ...]) -> str:
    return ", ".join(labels) or "nothing"
