"""Pictures with boxes as a detector learns from them: which boxes, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mediaml as mm
from mediaml.backends.pictures.box_examples import BoxExamples
from mediaml.data.pictures.rows import with_labels_of_boxes
from mediaml.errors import LabelError

CAT = mm.Box(label="cat", left=10, top=10, width=20, height=20)
DOG = mm.Box(label="dog", left=5, top=5, width=30, height=10)


def pictures(folder: Path, *boxes: tuple[mm.Box, ...]) -> mm.ImageDataset:
    for number in range(len(boxes)):
        Image.fromarray(np.full((48, 64, 3), 40 * number, np.uint8)).save(folder / f"{number}.png")
    frame = mm.ImageDataset.from_folder(folder, None).frame
    return mm.ImageDataset(with_labels_of_boxes(frame.assign(boxes=pd.Series(boxes, dtype=object))))


def examples(dataset: mm.ImageDataset) -> BoxExamples:
    return BoxExamples(dataset, dataset.labels, 32, progress=False)


def crowd(box: mm.Box, told: object) -> mm.Box:
    return box.model_copy(update={"attributes": {"iscrowd": told}})


@pytest.mark.parametrize("told", [0, "0", "false", None])
def test_a_box_that_says_it_is_no_crowd_is_learned_from(tmp_path: Path, told: object) -> None:
    assert len(examples(pictures(tmp_path, (crowd(CAT, told), DOG)))[0].corners) == 2


@pytest.mark.parametrize("told", [1, "1", "true"])
def test_a_crowd_is_not(tmp_path: Path, told: object) -> None:
    found = examples(pictures(tmp_path, (crowd(CAT, told), DOG), (CAT,)))
    assert [len(found[number].corners) for number in range(2)] == [1, 1]
    with pytest.warns(UserWarning, match="1 of 3 boxes are left out: they stand for crowds"):
        found.check()


def test_coco_s_own_boxes_are_learned_from_by_way_of_voc(tmp_path: Path) -> None:
    there = tmp_path / "JPEGImages"
    there.mkdir()
    pictures(there, (crowd(CAT, 0), DOG), (crowd(DOG, 0),)).to_voc(tmp_path)
    back = mm.ImageDataset.from_voc(tmp_path)
    assert sum(len(examples(back)[number].corners) for number in range(2)) == 3


def test_a_label_of_which_no_box_is_left_is_named(tmp_path: Path) -> None:
    outside = mm.Box(label="owl", left=100, top=100, width=9, height=9)
    with pytest.raises(LabelError, match=r"no box of owl can be learned from.*outside of their pictures"):
        examples(pictures(tmp_path, (CAT, outside))).check()
