"""Manifests of Ground Truth and Custom Labels: every shape that they come in, and what is wrong with others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mediaml.data.formats.manifest import iter_lines, read_manifest, write_manifest
from mediaml.data.formats.pictured import Pictured
from mediaml.errors import AnnotationError, DataError
from tests.data.formats.real_boxes import SAMPLES, all_places, datasets, samples
from tests.shared_data import shared

REST = {"human-annotated": "yes", "creation-date": "2026-11-24T01:00:00", "confidence": 1}
SINGLE = {
    "source-ref": "s3://bucket/a.png",
    "species": 0,
    "species-metadata": {"class-name": "dog", "type": "groundtruth/image-classification", **REST},
}
BOXED: dict[str, Any] = {
    "source-ref": "s3://bucket/a.png",
    "bounding-box": {
        "image_size": [{"width": 640, "height": 480, "depth": 3}],
        "annotations": [
            {"class_id": 7, "left": 10, "top": 20, "width": 30, "height": 40},
            {"class_id": 0, "left": 1.5, "top": 2, "width": 3, "height": 4},
        ],
    },
    "bounding-box-metadata": {
        "objects": [{"confidence": 0.9}],
        "class-map": {"7": "cat", "0": "dog"},
        "type": "groundtruth/object-detection",
        "job-name": "pets",
        **REST,
    },
}

FIRST = BOXED["bounding-box"]["annotations"][0]


def read(tmp_path: Path, *lines: object, attribute: str | None = None) -> list[Pictured]:
    path = tmp_path / "a.manifest"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return read_manifest(path, attribute)


def write(pictures: list[Pictured], path: Path) -> tuple[str, ...]:
    return write_manifest(pictures, path, address=lambda one: f"s3://bucket/{Path(one.path).name}").lost


class TestReading:
    def test_one_label(self, tmp_path: Path) -> None:
        (one,) = read(tmp_path, SINGLE)
        assert (one.path, one.labels, one.boxes) == ("s3://bucket/a.png", ("dog",), None)

    def test_keys_in_any_order(self, tmp_path: Path) -> None:
        assert read(tmp_path, dict(reversed(SINGLE.items()))) == read(tmp_path, SINGLE)

    def test_several_labels_as_ground_truth_writes_them(self, tmp_path: Path) -> None:
        metadata = {"class-map": {"0": "tree", "3": "sky"}, "type": "groundtruth/image-classification-multilabel"}
        (one,) = read(tmp_path, {"source-ref": "s3://b/a.png", "seen": [3, 0], "seen-metadata": metadata})
        assert one.labels == ("sky", "tree")

    def test_several_labels_as_custom_labels_takes_them(self, tmp_path: Path) -> None:
        second = {"mood": 1, "mood-metadata": {**SINGLE["species-metadata"], "class-name": "happy"}}  # type: ignore[dict-item]
        (one,) = read(tmp_path, {**SINGLE, **second})
        assert one.labels == ("dog", "happy")

    def test_boxes_with_gaps_in_the_ids_and_fewer_objects(self, tmp_path: Path) -> None:
        (one,) = read(tmp_path, BOXED)
        assert one.boxes is not None and [box.label for box in one.boxes] == ["cat", "dog"]
        assert [box.confidence for box in one.boxes] == [0.9, None]
        assert (one.boxes[1].left, one.width, one.height) == (1.5, 640, 480)

    def test_a_line_without_labels(self, tmp_path: Path) -> None:
        (one,) = read(tmp_path, {"source-ref": "photos/a.png"})
        assert (one.labels, one.boxes) == ((), None)
        assert one.path == str(tmp_path / "photos" / "a.png"), "paths begin at the manifest's folder"

    def test_one_of_several_attributes(self, tmp_path: Path) -> None:
        both = {**SINGLE, **BOXED}
        assert read(tmp_path, both)[0].labels == ("cat", "dog")
        assert read(tmp_path, both, attribute="species")[0].boxes is None

    def test_blank_lines_marks_and_other_line_ends(self, tmp_path: Path) -> None:
        path = tmp_path / "a.manifest"
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(SINGLE).encode() + b"\r\n\r\n" + json.dumps(BOXED).encode())
        assert len(read_manifest(path)) == 2
        assert [number for number, _ in iter_lines(path)] == [1, 3]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{", "is not JSON"),
            ("[1]", "is not a JSON object"),
            ({"source": "text"}, "has no source-ref"),
            ('{"source-ref": "s3://b/a", "x": NaN}', "NaN is no number"),
            ({**SINGLE, "species-metadata": 1}, "species-metadata is not an object"),
            ({**SINGLE, "species-metadata": {"type": "groundtruth/text"}}, "is of the type 'groundtruth/text'"),
            (
                {
                    **BOXED,
                    "bounding-box": {"annotations": [{"class_id": 9, "left": 1, "top": 1, "width": 1, "height": 1}]},
                },
                "class 9",
            ),
            ({**BOXED, "bounding-box": {"annotations": [{"class_id": 7, "left": "1"}]}}, "needs numbers"),
            ({**BOXED, "bounding-box": {}}, "no list of annotations"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line(self, tmp_path: Path, line: object, reason: str) -> None:
        with pytest.raises(AnnotationError, match=rf"a\.manifest, line 2: .*{re.escape(reason)}"):
            read(tmp_path, SINGLE, line)

    def test_real_samples(self) -> None:
        path = shared("manifests", "data__output.manifest")
        with pytest.raises(AnnotationError, match="line 2: has no source-ref"):  # of a text
            read_manifest(path)


class TestWriting:
    @samples
    def test_real_boxes_come_back(self, sample: str, tmp_path: Path) -> None:
        pictures = SAMPLES[sample]()
        lost = write(pictures, tmp_path / "a.manifest")
        back = read_manifest(tmp_path / "a.manifest")
        if any("fractions" in one for one in lost):
            write(back, tmp_path / "b.manifest")
            assert read_manifest(tmp_path / "b.manifest") == back, "whole pixels come back as they are"
            near = zip(
                (box for one in pictures for box in one.boxes or ()),
                (box for one in back for box in one.boxes or ()),
                strict=True,
            )
            assert all(abs(one.left - other.left) <= 0.5 and abs(one.right - other.right) <= 1 for one, other in near)
        else:
            assert all_places(back) == all_places(pictures)

    def test_what_else_a_line_says_comes_back(self, tmp_path: Path) -> None:
        first = read(tmp_path, {**BOXED, "group": "film 1", "weather": {"rain": True}})
        assert write(first, tmp_path / "b.manifest") == ("fractions of pixels of boxes (1 times)",)
        second = read_manifest(tmp_path / "b.manifest")
        assert second[0].group == "film 1" and second[0].extra["weather"] == {"rain": True}
        assert second[0].extra["metadata"]["bounding-box"]["job-name"] == "pets"

    def test_a_size_is_needed_for_boxes(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"a\.png: .*size.*not known"):
            write([Pictured("/x/a.png", (), ())], tmp_path / "a.manifest")

    @given(datasets())
    @settings(max_examples=40, deadline=None)
    def test_labels_come_back_whatever_they_are(
        self, tmp_path_factory: pytest.TempPathFactory, pictures: list[Pictured]
    ) -> None:
        path = tmp_path_factory.mktemp("m") / "a.manifest"
        write(pictures, path)
        back = read_manifest(path)
        assert [one.labels for one in back] == [one.labels for one in pictures]
        assert [one.boxes is None for one in back] == [one.boxes is None for one in pictures]
