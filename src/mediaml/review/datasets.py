"""Datasets as things to be judged: each row, or each label of a row that has several."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mediaml.data.audio import AudioDataset
from mediaml.data.image import ImageDataset
from mediaml.data.labels import Label, labels_of
from mediaml.review.items import Candidate
from mediaml.review.page import build


def review_sounds(dataset: AudioDataset, folder: Path, labels: Sequence[str], title: str, progress: bool) -> Path:
    """Make the page of a dataset of sounds."""
    return build(_sounds(dataset), folder, title=title, labels=labels, progress=progress)


def review_pictures(dataset: ImageDataset, folder: Path, labels: Sequence[str], title: str, progress: bool) -> Path:
    """Make the page of a dataset of pictures."""
    return build(_pictures(dataset), folder, title=title, labels=labels, progress=progress)


def _sounds(dataset: AudioDataset) -> Iterator[Candidate]:
    columns = ("path", "start", "end", "label", "group")
    for path, start, end, label, group in dataset.frame[[*columns]].itertuples(index=False):
        until = 0.0 if math.isnan(end) else float(end)  # of what cannot be read nobody knows the end
        begin = min(float(start), until)
        for one in _each(label):
            yield Candidate(
                source=str(path), kind="sound", sense="heard", start=begin, end=until, label=one, group=str(group)
            )


def _pictures(dataset: ImageDataset) -> Iterator[Candidate]:
    for path, label, boxes, group in dataset.frame[["path", "label", "boxes", "group"]].itertuples(index=False):
        own: dict[str, Any] = {"source": str(path), "kind": "picture", "sense": "seen", "group": str(group)}
        if boxes:
            names = sorted({box.label for box in boxes})
            yield Candidate(**own, label=names[0] if len(names) == 1 else None, boxes=boxes)
        else:
            for one in _each(label):
                yield Candidate(**own, label=one, boxes=boxes)


def _each(label: Label) -> tuple[str | None, ...]:
    """Give the labels one by one; without any, nothing once."""
    return labels_of(label) or (None,)
