"""Datasets: how much of which label there is, and some examples."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mediaml.data.audio import AudioDataset
from mediaml.data.base import Dataset
from mediaml.data.image import ImageDataset
from mediaml.data.labels import labels_of
from mediaml.reports.facts import origin_of
from mediaml.reports.views.examples import clip_card, picture_card
from mediaml.reports.views.media import cards
from mediaml.reports.views.parts import Card, Cell, Column, Gallery, Part, Table, View, cut, lasting

LABELS = 40
CLIPS, PICTURES = 4, 8
LONGEST = 200  # signs of how it came about: a list of files, say
MORE = (("As a table:", "dataset.frame"), ("what would spoil a training:", "dataset.check()"))


def dataset_html(dataset: Dataset) -> str:
    """Write a dataset for a notebook's cell."""
    figures, table = _sounds(dataset) if isinstance(dataset, AudioDataset) else _pictures(dataset)
    examples = _examples(dataset)
    parts: list[Part] = [table] if table.rows else []
    if examples:
        parts.append(Gallery(examples, "Some of them"))
    return View(_verdict(dataset), figures, tuple(parts), more=MORE)._repr_html_()


def _sounds(dataset: AudioDataset) -> tuple[tuple[tuple[str, str], ...], Table]:
    frame = dataset.frame
    length = frame["end"] - frame["start"]
    figures = (
        ("clips", f"{len(dataset):,}"),
        ("recordings", f"{frame['path'].nunique():,}"),
        lasting(dataset.seconds),
        *_labels_of(dataset),
    )
    counts: dict[str, list[Any]] = defaultdict(lambda: [0, set(), 0.0])
    for path, label, seconds in zip(frame["path"], frame["label"], length.fillna(0.0), strict=True):
        for one in labels_of(label):
            count = counts[one]
            count[0] += 1
            count[1].add(path)
            count[2] += seconds
    most = max((count[0] for count in counts.values()), default=1)
    rows = tuple(
        (Cell(label), Cell(f"{clips:,}", clips / most), Cell(f"{len(paths):,}"), Cell(f"{seconds / 60:,.1f}"))
        for label, (clips, paths, seconds) in sorted(counts.items(), key=lambda one: (-one[1][0], one[0]))
    )
    return figures, _table(rows, ("clips", "recordings", "minutes"))


def _pictures(dataset: Dataset) -> tuple[tuple[tuple[str, str], ...], Table]:
    frame = dataset.frame
    boxed = isinstance(dataset, ImageDataset) and dataset.has_boxes
    boxes: dict[str, int] = defaultdict(int)
    for own in frame["boxes"]:
        for box in own or ():
            boxes[box.label] += 1
    counts: dict[str, int] = defaultdict(int)
    for label in frame["label"]:
        for one in labels_of(label):
            counts[one] += 1
    figures = (
        ("pictures", f"{len(dataset):,}"),
        *([("boxes", f"{sum(boxes.values()):,}")] if boxed else []),
        *_labels_of(dataset),
    )
    most = max(counts.values(), default=1)
    rows = tuple(
        (Cell(label), Cell(f"{count:,}", count / most), *([Cell(f"{boxes[label]:,}")] if boxed else []))
        for label, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )
    return figures, _table(rows, ("pictures", "boxes") if boxed else ("pictures",))


def _table(rows: tuple[tuple[Cell, ...], ...], numbers: tuple[str, ...]) -> Table:
    first, note = cut(rows, LABELS, "dataset.labels has them all")
    heads = (Column(name, number=True, bar=place == 0) for place, name in enumerate(numbers))
    return Table("Labels", (Column("label"), *heads), first, note)


def _labels_of(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    without = int(dataset.frame["label"].isna().sum())
    return ("labels", f"{len(dataset.labels):,}"), *([("without a label", f"{without:,}")] if without else [])


def _examples(dataset: Dataset) -> tuple[Card, ...]:
    """Draw some rows, of as many labels as there is room for."""
    if isinstance(dataset, AudioDataset):
        return cards(list(dataset.some(CLIPS)), clip_card)
    return cards(list(dataset.some(PICTURES)), picture_card) if isinstance(dataset, ImageDataset) else ()


def _verdict(dataset: Dataset) -> str:
    """Name the kind, and how the dataset came about."""
    kind = type(dataset).__name__
    if not dataset.origin:
        return kind
    told = f"{kind}: {origin_of(dataset.origin)}"
    return f"{told if len(told) <= LONGEST else f'{told[:LONGEST]}…'}."
