"""COCO: what it holds comes back exactly, and what is wrong with it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mediaml.data.formats.coco import read_coco, write_coco
from mediaml.data.formats.pictured import Pictured
from mediaml.errors import AnnotationError
from tests.data.formats.real_boxes import SAMPLES, all_places, datasets, samples
from tests.shared_data import shared

DOCUMENT: dict[str, Any] = {
    "images": [
        {"id": 10, "file_name": "a.jpg", "width": 640, "height": 480, "license": 3},
        {"id": 20, "file_name": "empty.jpg", "width": 64, "height": 48},
    ],
    "annotations": [
        {
            "id": 1,
            "image_id": 10,
            "category_id": 90,
            "bbox": [1.25, 2, 3.5, 4],
            "iscrowd": 1,
            "segmentation": [[1, 2, 3]],
        },
        {"id": 2, "image_id": 10, "category_id": 3, "bbox": [5, 6, 7, 8], "score": 0.5},
    ],
    "categories": [{"id": 3, "name": "cat", "supercategory": "animal"}, {"id": 90, "name": "crowd"}],
}


def read(tmp_path: Path, document: object) -> list[Pictured]:
    (tmp_path / "a.json").write_text(json.dumps(document), "utf-8")
    return read_coco(tmp_path / "a.json")


def write(pictures: list[Pictured], path: Path) -> tuple[str, ...]:
    return write_coco(pictures, path, file_name=lambda one: Path(one.path).name).lost


def test_gaps_fractions_crowds_and_scores(tmp_path: Path) -> None:
    one, empty = read(tmp_path, DOCUMENT)
    assert one.path == str(tmp_path / "a.jpg") and one.extra == {"license": 3}
    assert one.boxes is not None and [box.label for box in one.boxes] == ["crowd", "cat"]
    assert one.boxes[0].left == 1.25 and one.boxes[0].attributes["iscrowd"] == 1
    assert one.boxes[1].confidence == 0.5 and one.boxes[1].attributes["supercategory"] == "animal"
    assert empty.boxes == (), "somebody looked, and there is nothing"


def test_all_of_it_comes_back(tmp_path: Path) -> None:
    first = read(tmp_path, DOCUMENT)
    assert write(first, tmp_path / "b.json") == ()
    second = read_coco(tmp_path / "b.json")
    assert all_places(second, 12) == all_places(first, 12)
    assert second[0].boxes is not None and second[0].boxes[0].attributes["segmentation"] == [[1, 2, 3]]
    assert second[0].boxes[1].attributes["supercategory"] == "animal" and second[0].extra == {"license": 3}


def test_labels_without_boxes(tmp_path: Path) -> None:
    labels = {**DOCUMENT, "annotations": [{"id": 1, "image_id": 10, "category_id": 3}]}
    one, other = read(tmp_path, labels)
    assert (one.labels, one.boxes, other.labels) == (("cat",), None, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"images": None}, "a list of images"),
        ({"annotations": [{"image_id": 11, "category_id": 3, "bbox": [1, 2, 3, 4]}]}, "the image 11"),
        ({"annotations": [{"id": 5, "image_id": 10, "category_id": 4, "bbox": [1, 2, 3, 4]}]}, "the category 4"),
        ({"annotations": [{"id": 5, "image_id": 10, "category_id": 3, "bbox": [1, 2, 3]}]}, "annotation 5 has no bbox"),
        ({"annotations": [{"category_id": 3}]}, "entry 1 of annotations needs image_id"),
        (
            {"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": []},
            "two images have the id 1",
        ),
        ({"categories": [{"id": 3, "name": 7}]}, "name of entry 1 of categories is '7' and should be a text"),
        ({"categories": [{"id": 3, "name": ""}]}, "name of entry 1 of categories is '' and should be a text"),
        ({"categories": [{"id": 3, "name": "a"}, {"id": [4], "name": "b"}]}, "id of entry 2 of categories is '.4.'"),
        ({"annotations": [{"image_id": 10, "category_id": [3]}]}, "category_id of entry 1 of annotations is '.3.'"),
        ({"annotations": [{"image_id": {}, "category_id": 3}]}, "image_id of entry 1 of annotations .* a number or a"),
        ({"annotations": [{"image_id": True, "category_id": 3}]}, "image_id of entry 1 of annotations is 'True'"),
        ({"images": [{"id": None, "file_name": "a.jpg"}]}, "id of entry 1 of images is 'None'"),
        ({"images": [{"id": 10, "file_name": ["a.jpg"]}]}, "file_name of entry 1 of images .* should be a text"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.json: .*{reason}"):
        read(tmp_path, {**DOCUMENT, **change})


def test_a_category_of_an_annotation_without_a_box_is_a_text_too(tmp_path: Path) -> None:
    change = {"categories": [{"id": 3, "name": 7}], "annotations": [{"image_id": 10, "category_id": 3}]}
    with pytest.raises(AnnotationError, match="name of entry 1 of categories"):
        read(tmp_path, {**DOCUMENT, **change})


def test_ids_may_be_texts(tmp_path: Path) -> None:
    change = {
        "images": [{"id": "x", "file_name": "a.jpg"}],
        "categories": [{"id": "c", "name": "cat"}],
        "annotations": [{"image_id": "x", "category_id": "c", "bbox": [1, 2, 3, 4]}],
    }
    assert read(tmp_path, change)[0].labels == ("cat",)


def test_no_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(AnnotationError, match="is not JSON"):
        read_coco(tmp_path / "a.json")
    with pytest.raises(AnnotationError, match="cannot be opened"):
        read_coco(tmp_path / "none.json")


@samples
def test_real_boxes_come_back(sample: str, tmp_path: Path) -> None:
    pictures = SAMPLES[sample]()
    write(pictures, tmp_path / "a.json")
    assert all_places(read_coco(tmp_path / "a.json"), 12) == all_places(pictures, 12)


def test_every_sample_of_datumaro_is_read_or_told(tmp_path: Path) -> None:
    files = sorted(shared("manifests", "datumaro").rglob("*.json"))
    assert len(files) > 10
    for file in files:
        try:
            assert read_coco(file)
        except AnnotationError as error:  # captions and panoptic segments are no labels
            assert any(kind in file.name for kind in ("captions", "panoptic")) and str(file) in str(error)


@given(datasets())
@settings(max_examples=40, deadline=None)
def test_anything_comes_back(tmp_path_factory: pytest.TempPathFactory, pictures: list[Pictured]) -> None:
    path = tmp_path_factory.mktemp("c") / "a.json"
    lost = write(pictures, path)
    back = read_coco(path)
    assert [one.labels for one in back] == [one.labels for one in pictures]
    for one, other in zip(pictures, back, strict=True):
        if one.boxes:
            assert [(box.left, box.top, box.width, box.height) for box in one.boxes] == [
                (box.left, box.top, box.width, box.height) for box in other.boxes or ()
            ]
    assert bool(lost) == any(one.boxes is None and not one.labels for one in pictures)
