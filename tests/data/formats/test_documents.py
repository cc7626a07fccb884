"""What files of anyone's claim of a picture's size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.data.formats.documents import pixels


@pytest.mark.parametrize(
    ("claimed", "known"),
    [(640, 640), (640.0, 640), (1, 1), (0, None), (-3, None), (0.5, None), (1e300, None), (1 << 40, None)]
    + [(value, None) for value in (None, "640", True, [640], float("nan"))],
)
def test_a_side_has_pixels_or_is_not_known(claimed: Any, known: int | None) -> None:
    assert pixels(claimed) == known


@pytest.mark.parametrize("claim", ["1e300", "9" * 30])
def test_a_picture_that_claims_to_be_a_giant_is_read_without_its_size(tmp_path: Path, claim: str) -> None:
    coco = {"images": [{"id": 1, "file_name": "a.jpg", "width": 1, "height": 3}], "annotations": []}
    (tmp_path / "a.json").write_text(json.dumps(coco).replace('"width": 1', f'"width": {claim}'))
    (tmp_path / "a.xml").write_text(f"<annotation><size><width>{claim}</width><height>3</height></size></annotation>")
    for found in (mm.ImageDataset.from_coco(tmp_path / "a.json"), mm.ImageDataset.from_voc(tmp_path)):
        (picture,) = found
        assert (picture.width, picture.height) == (None, 3)
