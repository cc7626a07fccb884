"""Drawn faces: of nobody who exists, the same for the same seed, and told apart by who looks at them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.errors import DataError
from mediaml.samples.face_pictures import portrait
from mediaml.testing.rekognition.faces import finding


def test_a_seed_draws_the_same_faces(tmp_path: Path) -> None:
    one = mm.samples.faces(tmp_path / "a", ["Ada", "Béla"], pictures=1, size=80)
    other = mm.samples.faces(tmp_path / "b", ["Béla", "Ada"], pictures=1, size=80)
    assert one.labels == ("Ada", "Béla") and len(one) == 2
    for person in one.labels:
        paths = zip(one.where(label=person).frame["path"], other.where(label=person).frame["path"], strict=True)
        assert all(Path(a).read_bytes() == Path(b).read_bytes() for a, b in paths)
    assert (portrait("Ada", 0, 80) != portrait("Ada", 1, 80)).any()
    assert (portrait("Ada", 0, 80) != portrait("Ada", 0, 80, seed=8)).any()


def test_more_pictures_are_others(tmp_path: Path) -> None:
    more = mm.samples.faces(tmp_path, ["Ada"], pictures=1, size=80, first=5)
    assert (np.asarray(Image.open(more.frame["path"][0])) == portrait("Ada", 5, 80)).all()


def test_boxes_are_where_the_faces_are(tmp_path: Path) -> None:
    found = mm.samples.crowds(tmp_path, pictures=2, size=100)
    assert found.has_boxes and set(found.labels) <= set(mm.samples.PEOPLE[:3])
    for picture in found:
        boxes = picture.boxes or ()
        assert {box.label for box in boxes} == set(picture.labels)
        for box in boxes:
            assert 0 <= box.left < box.right <= (picture.width or 0) and 0 <= box.top < box.bottom <= (
                picture.height or 0
            )


def test_a_detector_of_faces_sees_faces() -> None:
    pytest.importorskip("cv2", reason="OpenCV comes with the extra 'video'")
    seen = [len(finding.usual(portrait(person, 0, 120))) for person in mm.samples.PEOPLE]
    assert seen == [1] * len(mm.samples.PEOPLE)


@pytest.mark.parametrize(("people", "pictures", "size"), [([], 1, 100), (["Ada"], 0, 100), (["Ada"], 1, 79)])
def test_what_cannot_be_drawn(tmp_path: Path, people: list[str], pictures: int, size: int) -> None:
    with pytest.raises(DataError, match="at least 1, 1 and 80"):
        mm.samples.faces(tmp_path, people, pictures=pictures, size=size)
