"""YOLO: shares of the picture become pixels and come back; names are found wherever its tools put them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from mediaml.data.formats.pictured import Pictured
from mediaml.data.formats.yolo import read_yolo, write_yolo
from mediaml.errors import AnnotationError, DataError
from tests.data.formats.real_boxes import SAMPLES, all_places, datasets, samples


def size(path: Path) -> tuple[int, int]:
    return 640, 480


def make(tmp_path: Path, text: str | None, below: str = "") -> Path:
    for kind in ("images", "labels"):
        (tmp_path / kind / below).mkdir(parents=True, exist_ok=True)
    (tmp_path / "images" / below / "a.jpg").write_bytes(b"")
    if text is not None:
        (tmp_path / "labels" / below / "a.txt").write_text(text, "utf-8")
    return tmp_path


def read(tmp_path: Path, text: str | None, names: list[str] | None = None, below: str = "") -> Pictured:
    (one,) = read_yolo(make(tmp_path, text, below), ["cat", "dog"] if names is None else names, size_of=size)
    return one


def test_shares_become_pixels(tmp_path: Path) -> None:
    one = read(tmp_path, "1 0.5 0.5 0.25 0.5 0.75\n")
    assert one.boxes is not None
    (box,) = one.boxes
    assert (box.label, box.left, box.top, box.width, box.height, box.confidence) == ("dog", 240, 120, 160, 240, 0.75)


def test_no_file_and_an_empty_file(tmp_path: Path) -> None:
    assert read(tmp_path, None).boxes is None, "nobody looked"
    assert read(tmp_path, "\n").boxes == (), "somebody looked, and there is nothing"


def test_a_polygon_is_kept_and_its_rectangle_is_the_box(tmp_path: Path) -> None:
    one = read(tmp_path, "0 0.25 0.25 0.5 0.25 0.5 0.75\n")
    assert one.boxes is not None
    (box,) = one.boxes
    assert (box.left, box.top, box.right, box.bottom) == (160, 120, 320, 360)
    assert box.attributes["polygon"] == [0.25, 0.25, 0.5, 0.25, 0.5, 0.75]


def test_parts_in_folders(tmp_path: Path) -> None:
    assert read(tmp_path, "0 .5 .5 .1 .1", below="train").labels == ("cat",)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("names.txt", "cat\ndog\n"),
        ("classes.txt", "\ufeffcat\r\ndog\r\n"),
        ("data.yaml", "train: images\nnames: ['cat', \"dog\"]\n"),
        ("data.yaml", "names:\n  0: cat  # the first\n  1: dog\nnc: 2\n"),
        ("dataset.yaml", "names:\n- cat\n- dog\n"),
        ("data.yaml", "names: {0: cat, 1: dog}\n"),
    ],
)
def test_names_are_found(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    (one,) = read_yolo(make(tmp_path, "1 .5 .5 .1 .1"), size_of=size)
    assert one.labels == ("dog",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 .5 .5 .1", "line 2: .*five numbers"),
        ("cat .5 .5 .1 .1", "line 2: .*five numbers"),
        ("0.5 .5 .5 .1 .1", "line 2: .*five numbers"),
        ("0 nan .5 .1 .1", "line 2: .*five numbers"),
        ("2 .5 .5 .1 .1", "line 2: there is no name for the class 2"),
        ("0 .1 .2 .3 .4 .5 .6 .7", "line 2: .*pairs"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(AnnotationError, match=rf"a\.txt, {reason}"):
        read(tmp_path, f"0 .5 .5 .1 .1\n{text}\n")


def test_names_are_needed(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="names of the classes are missing"):
        read_yolo(make(tmp_path, ""), size_of=size)


def names(one: Pictured) -> str:
    return Path(one.path).name


def back(folder: Path, pictures: list[Pictured]) -> list[Pictured]:
    sizes = {Path(one.path).name: (one.width or 640, one.height or 480) for one in pictures}
    (folder / "images").mkdir(exist_ok=True)
    for name in sizes:
        (folder / "images" / name).write_bytes(b"")
    return read_yolo(folder, size_of=lambda path: sizes[path.name])


@samples
def test_real_boxes_come_back(sample: str, tmp_path: Path) -> None:
    pictures = SAMPLES[sample]()
    write_yolo(pictures, tmp_path, names=names)
    assert all_places(back(tmp_path, pictures)) == all_places(pictures)


def test_what_it_has_no_place_for_is_listed(tmp_path: Path) -> None:
    pictures = [
        Pictured("/x/b.png", ("b",)),
        Pictured("/x/c.png"),
        Pictured("/x/d.png", (), (), 9, 9, extra={"depth": 3}),
    ]
    assert write_yolo(pictures, tmp_path, names=names).lost == (
        "labels of whole pictures (1 times)",
        "pictures that nobody looked at (1 times)",
        "the property 'depth' of pictures (1 times)",
    )
    with pytest.raises(DataError, match="both be described"):
        write_yolo([Pictured("/x/a.png", (), ()), Pictured("/y/a.jpg", (), ())], tmp_path, names=names)


@given(datasets(only_boxes=True))
@settings(max_examples=40, deadline=None)
def test_anything_comes_back(tmp_path_factory: pytest.TempPathFactory, pictures: list[Pictured]) -> None:
    folder = tmp_path_factory.mktemp("y")
    write_yolo(pictures, folder, names=names)
    assert all_places(back(folder, pictures), 6) == all_places(pictures, 6)
