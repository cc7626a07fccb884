"""Pascal VOC: corners as plain coordinates, what else a file says kept, dangerous XML refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from mediaml.data.formats.pictured import Pictured
from mediaml.data.formats.voc import read_voc, write_voc
from mediaml.errors import AnnotationError, DataError
from mediaml.values.geometry import Box
from tests.data.formats.real_boxes import SAMPLES, all_places, datasets, samples

ONE = """<annotation><folder>x</folder><filename>a.jpg</filename>
<size><width>640</width><height>480</height><depth>3</depth></size><segmented>0</segmented>
<object><name>cat</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
<bndbox><xmin>10</xmin><ymin>20.5</ymin><xmax>40</xmax><ymax>60</ymax></bndbox></object></annotation>"""


def read(tmp_path: Path, text: str) -> list[Pictured]:
    (tmp_path / "Annotations").mkdir(exist_ok=True)
    (tmp_path / "Annotations" / "a.xml").write_text(text, "utf-8")
    return read_voc(tmp_path)


def test_corners_and_attributes(tmp_path: Path) -> None:
    (one,) = read(tmp_path, ONE)
    assert one.boxes is not None
    (box,) = one.boxes
    assert (box.left, box.top, box.width, box.height) == (10, 20.5, 30, 39.5)
    assert box.attributes == {"pose": "Left", "truncated": 1, "difficult": 0}
    assert (one.width, one.height, one.extra) == (640, 480, {"folder": "x", "segmented": "0", "depth": "3"})


def test_the_picture_is_found_by_either_name(tmp_path: Path) -> None:
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "JPEGImages" / "a.png").write_bytes(b"")
    assert read(tmp_path, ONE)[0].path == str(tmp_path / "JPEGImages" / "a.png")
    (tmp_path / "JPEGImages" / "a.jpg").write_bytes(b"")
    assert read(tmp_path, ONE)[0].path == str(tmp_path / "JPEGImages" / "a.jpg")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotation>", "is not XML"),
        ("<html/>", "annotation> was expected"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotation/>', "entities"),
        (ONE.replace("<xmin>10", "<xmin>ten"), "xmin of a cat is 'ten'"),
        (ONE.replace("<xmin>10", "<xmin>nan"), "xmin of a cat"),
        (ONE.replace("<name>cat</name>", ""), "needs a name"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.xml.*{reason}"):
        read(tmp_path, text)


def test_a_folder_without_annotations(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="no XML file"):
        read_voc(tmp_path)


def names(one: Pictured) -> str:
    return Path(one.path).name


@samples
def test_real_boxes_come_back(sample: str, tmp_path: Path) -> None:
    pictures = SAMPLES[sample]()
    written = write_voc(pictures, tmp_path, names=names)
    assert written.pictures == len(pictures)
    assert all_places(read_voc(tmp_path), 9) == all_places(pictures, 9)


def test_what_it_has_no_place_for_is_listed(tmp_path: Path) -> None:
    sure = Box(label="a", left=1, top=1, width=2, height=2, confidence=0.5, attributes={"segmentation": [[1]]})
    pictures = [Pictured("/x/a.png", ("a",), (sure,), 9, 9), Pictured("/x/b.png", ("b",)), Pictured("/x/c.png")]
    assert write_voc(pictures, tmp_path, names=names).lost == (
        "pictures that nobody looked at (1 times)",
        "pictures without boxes (1 times)",
        "the attribute 'segmentation' of boxes (1 times)",
        "the confidence of boxes (1 times)",
    )


def test_two_pictures_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"both be described in a\.xml"):
        write_voc([Pictured("/x/a.png", (), ()), Pictured("/y/a.jpg", (), ())], tmp_path, names=names)


@given(datasets(only_boxes=True))
@settings(max_examples=40, deadline=None)
def test_anything_comes_back(tmp_path_factory: pytest.TempPathFactory, pictures: list[Pictured]) -> None:
    folder = tmp_path_factory.mktemp("v")
    write_voc(pictures, folder, names=names)
    assert all_places(read_voc(folder), 6) == all_places(pictures, 6)
