"""Real annotations of pictures, and how two readings of them are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import strategies as st

from mediaml.data.formats import coco, manifest, voc, yolo
from mediaml.data.formats.pictured import Pictured
from mediaml.data.pictures.rows import size_of
from mediaml.values.geometry import Box
from tests.shared_data import shared


def _cells() -> Path:
    return shared("images", "detection", "bccd")


def _scenes() -> Path:
    return shared("images", "detection", "coco")


SAMPLES: dict[str, Callable[[], list[Pictured]]] = {
    "cells as VOC": lambda: voc.read_voc(_cells()),
    "cells as COCO": lambda: coco.read_coco(_cells() / "derived.coco.json", _cells()),
    "cells as a manifest": lambda: manifest.read_manifest(_cells() / "derived.output.manifest"),
    "scenes as YOLO": lambda: yolo.read_yolo(_scenes(), size_of=size_of),
    "scenes as COCO": lambda: coco.read_coco(_scenes() / "derived.coco.json", _scenes()),
    "scenes as a manifest": lambda: manifest.read_manifest(_scenes() / "derived.output.manifest"),
}
samples = pytest.mark.parametrize("sample", SAMPLES)


def places(picture: Pictured, digits: int = 5) -> tuple[str, object]:
    """The file's name, and what is where."""
    boxes = None if picture.boxes is None else tuple(_place(box, digits) for box in picture.boxes)
    return Path(picture.path).name, (picture.labels, boxes)


def _place(box: Box, digits: int) -> tuple[str, float, float, float, float]:
    left, top, width, height = (round(value, digits) + 0.0 for value in (box.left, box.top, box.width, box.height))
    return box.label, left, top, width, height


def all_places(pictures: Sequence[Pictured], digits: int = 5) -> dict[str, object]:
    return dict(places(one, digits) for one in pictures)


NAMES = st.text(st.characters(categories=("L", "N", "P", "S"), include_characters=" "), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
PIXELS = st.floats(0, 400, allow_subnormal=False)
BOXES = st.builds(Box, label=NAMES, left=PIXELS, top=PIXELS, width=st.floats(0.5, 200), height=st.floats(0.5, 200))


@st.composite
def datasets(draw: st.DrawFn, *, only_boxes: bool = False) -> list[Pictured]:
    """Pictures with boxes, without any, that nobody looked at, or with labels."""
    boxed = st.lists(BOXES, max_size=4).map(tuple)
    kinds: list[st.SearchStrategy[tuple[Box, ...] | None]] = [boxed, *([] if only_boxes else [st.none()])]
    found: list[Pictured] = []
    for number, boxes in enumerate(draw(st.lists(st.one_of(kinds), min_size=1, max_size=4))):
        labels = tuple(sorted({box.label for box in boxes or ()}))
        if boxes is None and not only_boxes:
            labels = tuple(sorted(draw(st.sets(NAMES, max_size=2))))
        found.append(Pictured(f"/somewhere/{number}.png", labels, boxes, 640, 480))
    return found
