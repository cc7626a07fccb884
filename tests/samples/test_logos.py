"""Generated pictures of brand marks: true boxes, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.errors import DataError
from mediaml.samples.logo_pictures import BRANDS, LARGEST, MOST_SHARED, SMALLEST, composed
from mediaml.samples.marks import brands
from tests.pictures import drawn

pytest.importorskip("simpleicons", reason="needs the extra 'logos'")
pytest.importorskip("resvg_py", reason="needs the extra 'logos'")


def make(folder: Path, **settings: object) -> mm.ImageDataset:
    return mm.samples.logos(folder, **{"pictures": 30, "size": (240, 180), "progress": False, **settings})  # type: ignore[arg-type]


def contents(dataset: mm.ImageDataset) -> list[bytes]:
    return [Path(path).read_bytes() for path in dataset.frame["path"]]


def test_a_seed_makes_the_same_pictures(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a"), make(tmp_path / "b", pictures=12)
    assert contents(one)[:12] == contents(other)
    assert one.frame["boxes"][:12].tolist() == other.frame["boxes"].tolist()
    assert contents(make(tmp_path / "c", seed=8, pictures=3)) != contents(one)[:3]


@pytest.mark.slow
def test_every_brand_is_there_and_boxes_lie_inside(tmp_path: Path) -> None:
    found = make(tmp_path, pictures=60)
    assert found.labels == tuple(sorted(BRANDS))
    for one in found:
        assert one.boxes is not None and (one.width, one.height) == (240, 180)
        for box in one.boxes:
            assert 0 <= box.left < box.right <= 240 and 0 <= box.top < box.bottom <= 180
    assert any(one.boxes == () for one in found), "some pictures have none"


def test_a_mark_changes_its_box_and_nothing_else() -> None:
    ground = np.full((180, 240, 3), 128, np.uint8)
    for seed in range(12):
        after, boxes = composed(ground.copy(), np.random.RandomState(seed), BRANDS, 1, distractors=False)
        changed = np.abs(after.astype(int) - 128).max(axis=2) > 40
        if not boxes:
            assert not changed.any()
            continue
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        (box,) = boxes
        assert abs(columns[0] - box.left) <= 2 and abs(columns[-1] + 1 - box.right) <= 2
        assert abs(rows[0] - box.top) <= 2 and abs(rows[-1] + 1 - box.bottom) <= 2


def test_photographs_stand_behind(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(2):
        drawn("stripes", number, 300).save(tmp_path / "photos" / f"{number}.png")
    found = make(tmp_path / "a", backgrounds=tmp_path / "photos", pictures=8)
    assert set(found.frame["group"]) == {str(tmp_path / "photos" / f"{number}.png") for number in range(2)}


def test_what_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no mark of 'spotfy'; did you mean spotify"):
        make(tmp_path, brands=["spotfy"])
    with pytest.raises(DataError, match="at least one brand"):
        make(tmp_path, brands=[])
    with pytest.raises(DataError, match="backgrounds is empty"):
        make(tmp_path, backgrounds=[])
    with pytest.raises(DataError, match="most=0"):
        make(tmp_path, most=0)
    assert "apple" in brands()


def test_marks_are_as_large_as_said_and_cover_each_other_hardly() -> None:
    ground = np.full((180, 240, 3), 128, np.uint8)
    longest = []
    for seed in range(60):
        _, boxes = composed(ground.copy(), np.random.RandomState(seed), BRANDS, 4, distractors=False)
        longest += [max(box.width, box.height) / 180 for box in boxes]
        for number, one in enumerate(boxes):
            for other in boxes[:number]:
                across = min(one.right, other.right) - max(one.left, other.left)
                down = min(one.bottom, other.bottom) - max(one.top, other.top)
                assert max(0, across) * max(0, down) <= MOST_SHARED * min(one.area, other.area)
    assert SMALLEST * 0.8 < min(longest) < SMALLEST * 1.4
    assert LARGEST * 0.8 < max(longest) <= LARGEST * 1.02


def test_distractors_have_no_boxes() -> None:
    ground = np.full((180, 240, 3), 128, np.uint8)
    alone = [composed(ground, np.random.RandomState(seed), ["apple"], 1, distractors=True) for seed in range(40)]
    assert {box.label for _, boxes in alone for box in boxes} == {"apple"}
    assert any(not boxes and (after != ground).any() for after, boxes in alone), "something else is in the picture"
