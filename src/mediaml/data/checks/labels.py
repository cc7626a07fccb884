"""What is wrong with the labels, and with the dataset as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mediaml.data.checks.finding import Finding, counted
from mediaml.data.checks.one_folder import in_one_folder
from mediaml.data.checks.sounds import Sound, rows_of

FEW_RECORDINGS = 10  # of a label: with 70/15/15 that is one or two to test on
FEW_CLIPS = 1000  # the field's advice is a few thousand
IMBALANCE = 10.0


def few(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find labels with few recordings, labels far rarer than others, and a dataset with few clips."""
    recordings = Counter(label for sound in sounds for label in sound.labels)
    clips = Counter(label for row in rows_of(sounds) for label in row.labels)
    for label, count in sorted(recordings.items()):
        if count < FEW_RECORDINGS:
            detail = (
                f"{counted(count, 'recording')} ({counted(clips[label], 'clip')}); at least {FEW_RECORDINGS} are wanted"
            )
            yield Finding("few_recordings", detail, labels=(label,))
    if clips:
        (most, many), (least, little) = clips.most_common()[0], clips.most_common()[-1]
        if many > IMBALANCE * little:
            detail = f"{most} has {counted(many, 'clip')}, {least} {counted(little, 'clip')}: {many / little:.0f} to 1"
            yield Finding("imbalance", detail, labels=(least,))
    labelled = sum(bool(row.labels) for row in rows_of(sounds))
    if 0 < labelled < FEW_CLIPS:
        yield Finding("few_clips", f"{counted(labelled, 'labelled clip')}")


def unlabelled(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Tell once how many rows have no label, and whether all of them lie in what may be a label's own folder."""
    rows = rows_of(sounds)
    without = sum(not row.labels for row in rows)
    one_folder = in_one_folder([sound.path for sound in sounds])
    if without and without == len(rows) and one_folder:
        yield Finding("no_labels", f"{counted(without, 'clip')}: {one_folder}")
    elif without:
        yield Finding("unlabelled", f"{without:,} of {counted(len(rows), 'clip')}")


def mixed_sample_rates(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Tell once which sample rates there are, and which labels have one of their own."""
    heard = [(sound.measured.info.sample_rate, sound.labels) for sound in sounds if sound.measured.info is not None]
    by_label: dict[str, set[int]] = {}
    for rate, labels in heard:
        for label in labels:
            by_label.setdefault(label, set()).add(rate)
    told: list[str] = []
    for rate, count in Counter(rate for rate, _ in heard).most_common():
        alone = sorted(label for label, own in by_label.items() if own == {rate})
        note = f" (all of {', '.join(alone)})" if alone and told else ""
        told.append(f"{rate:,} Hz: {counted(count, 'recording')}{note}")
    if len(told) > 1:
        yield Finding("mixed_sample_rates", "; ".join(told))
