"""What is planted in a clean dataset of pictures is found, once, with its file; and nothing else is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

from mediaml import ImageDataset
from mediaml.data.formats.pictured import Pictured
from mediaml.data.pictures.check import ImageCheck, check_pictures
from mediaml.data.pictures.problems import PROBLEMS
from mediaml.data.pictures.rows import frame_of
from mediaml.values.geometry import Box
from tests.data.pictures.drawn import picture, saved
from tests.shared_data import shared


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labels with ten good pictures each."""
    pictures = tmp_path_factory.mktemp("clean")
    for number in range(10):
        saved(pictures / "cat" / f"{number}.png", picture(number))
        saved(pictures / "dog" / f"{number}.jpg", picture(100 + number))
    return pictures


@pytest.fixture
def folder(clean: Path, tmp_path: Path) -> Path:
    """A copy of the clean dataset, to spoil."""
    return shutil.copytree(clean, tmp_path / "pictures")


def check(folder: Path, service: bool = True) -> ImageCheck:
    return ImageDataset.from_folder(folder).check(service=service)


def boxed(folder: Path, *boxes: Box, path: Path | None = None, size: tuple[int, int] | None = (160, 120)) -> ImageCheck:
    """Check the clean pictures with a good box each, and one picture with these boxes."""
    good = (Box(label="thing", left=10, top=10, width=50, height=40),)
    found = [Pictured(str(one), ("thing",), good, 160, 120) for one in sorted(folder.glob("*/*"))]
    width, height = size or (None, None)
    found[0] = Pictured(str(path or found[0].path), ("thing",), boxes, width, height)
    return check_pictures(frame_of(found))


def box(left: float, top: float, width: float, height: float, label: str = "thing") -> Box:
    return Box(label=label, left=left, top=top, width=width, height=height)


def problems(found: ImageCheck) -> dict[str, list[str | None]]:
    """Problem to names of files (or labels)."""
    told: dict[str, list[str | None]] = {}
    for problem, path, label in found.findings[["problem", "path", "label"]].itertuples(index=False):
        told.setdefault(problem, []).append(Path(path).name if path else label)
    return told


def detail(found: ImageCheck, problem: str) -> str:
    rows = found.findings[found.findings["problem"] == problem]
    assert len(rows) == 1
    return str(rows["detail"].iloc[0])


# --- nothing to find ------------------------------------------------------------------------------------------------


def test_nothing_is_found_in_a_clean_dataset(folder):
    pictures = ImageDataset.from_folder(folder)
    before = pictures.frame
    found = pictures.check()
    assert found.findings.empty
    assert found.ok
    assert found.verdict == "nothing found that would spoil a training"
    pd.testing.assert_frame_equal(pictures.frame, before)


def test_nothing_is_found_where_boxes_are_right(folder):
    found = boxed(folder, box(0, 0, 160, 120), box(20, 20, 30, 30))
    assert found.findings.empty
    assert found.summary["boxes"] == 21
    assert found.counts.loc["thing"].to_dict() == {"pictures": 20, "boxes": 21}


def test_the_figures_are_right(folder):
    found = check(folder)
    assert found.summary == {
        "pictures": 20, "files": 20, "boxes": 0, "labels": 2, "unlabelled": 0,
        "sizes": {"160 x 120": 20}, "formats": {"PNG": 10, "JPEG": 10},
    }  # fmt: skip
    assert found.counts.loc["cat", "pictures"] == 10


# --- single pictures ------------------------------------------------------------------------------------------------


def test_files_that_cannot_be_used(folder):
    pictures = ImageDataset.from_folder(folder)
    (folder / "cat" / "1.png").unlink()
    (folder / "cat" / "2.png").write_bytes(b"no picture")
    cut = folder / "dog" / "3.jpg"
    cut.write_bytes(cut.read_bytes()[:2000])
    found = pictures.check()
    assert problems(found) == {"missing_file": ["1.png"], "unreadable": ["2.png", "3.jpg"]}
    assert not found.ok
    assert str(folder) not in " ".join(found.findings["detail"]), "the path stands in its own column"


def test_blank_and_blurred_pictures(folder):
    saved(folder / "cat" / "wall.png", Image.new("RGB", (200, 200), (90, 90, 90)))
    saved(folder / "cat" / "wall2.png", Image.new("RGB", (201, 200), (90, 90, 90)))
    saved(folder / "dog" / "soft.png", picture(77, 300, 300).filter(ImageFilter.GaussianBlur(10)))
    assert problems(check(folder)) == {"blank": ["wall.png", "wall2.png"], "blurred": ["soft.png"]}


def test_small_pictures_are_told_once(folder):
    saved(folder / "cat" / "small.png", picture(50, 60, 80))
    told = check(folder)
    assert problems(told) == {"service_picture": ["small.png"]}
    assert detail(told, "service_picture") == "ERROR_INVALID_IMAGE_DIMENSION: 60 x 80; 64 to 4,096 pixels each"
    assert problems(check(folder, service=False)) == {"too_small": ["small.png"]}


def test_very_different_sizes_are_advice(folder):
    for number in range(3):
        saved(folder / "cat" / f"large{number}.jpg", picture(60 + number, 900, 700))
    assert detail(check(folder), "mixed_sizes") == "from 160 x 120 to 900 x 700 pixels"


# --- the same picture twice -----------------------------------------------------------------------------------------


def test_a_copy_and_a_copy_with_another_label(folder):
    shutil.copy(folder / "cat" / "4.png", folder / "cat" / "copy.png")
    shutil.copy(folder / "cat" / "5.png", folder / "dog" / "wrong.png")
    found = check(folder)
    assert problems(found) == {"duplicate": ["copy.png"], "duplicate_across_labels": ["wrong.png"]}
    assert detail(found, "duplicate_across_labels") == "the same bytes as ../cat/5.png, labelled cat"
    assert not found.ok


def test_a_row_that_stands_twice(folder):
    paths = [str(folder / "cat" / f"{number}.png") for number in range(10)]
    table = pd.DataFrame({"path": [*paths, paths[3], paths[5]], "label": ["cat"] * 11 + ["dog"]})
    found = problems(ImageDataset.from_table(table).check())
    assert found["duplicate"] == ["3.png"]
    assert found["duplicate_across_labels"] == ["5.png"]


def test_pictures_that_look_alike_are_one_finding_a_family(folder):
    for quality in (50, 70):
        saved(folder / "cat" / f"again{quality}.jpg", picture(4), quality)
    saved(folder / "dog" / "wrong.jpg", picture(5), 60)
    found = check(folder)
    assert problems(found) == {"look_alike_across_labels": ["5.png"], "look_alike": ["4.png"]}
    assert detail(found, "look_alike") == "one of 3 pictures that look alike; with again50.jpg, again70.jpg"
    assert found.ok, "it may be chance: a person has to look"


def test_other_parts_of_the_data(folder, tmp_path):
    saved(tmp_path / "test" / "cat" / "again.jpg", picture(4), 60)
    shutil.copy(folder / "cat" / "5.png", tmp_path / "test" / "cat" / "copy.png")
    saved(tmp_path / "test" / "cat" / "6.png", picture(900))
    test = ImageDataset.from_folder(tmp_path / "test")
    found = ImageDataset.from_folder(folder).check(against=test)
    assert problems(found) == {"duplicate_across_parts": ["5.png"], "look_alike_across_parts": ["4.png"]}, (
        "cat/6.png of another folder is no leak by its name"
    )


def test_a_split_has_no_leak(folder):
    shutil.copy(folder / "cat" / "4.png", folder / "cat" / "copy.png")
    train, test = ImageDataset.from_folder(folder).split(0.5, 0.5, seed=1)
    assert not any("across_parts" in problem for problem in problems(train.check(against=test)))


def test_a_picture_and_a_group_in_another_part(folder):
    paths = [str(folder / "cat" / f"{number}.png") for number in range(10)]
    days = ["monday"] * 4 + ["tuesday"] * 3 + ["sunday"] * 3
    table = pd.DataFrame({"path": paths, "label": "cat", "day": days})
    everything = ImageDataset.from_table(table, group_column="day").frame
    found = check_pictures(everything.iloc[:5], [everything.iloc[5:]], service=False)
    assert detail(found, "group_across_parts") == "group 'tuesday' (1 picture) is in another part, too"
    alone = ImageDataset.from_table(table).frame
    found = check_pictures(alone.iloc[:5], [alone.iloc[4:]], service=False)
    assert detail(found, "group_across_parts") == "the picture is in another part, too"


@pytest.mark.parametrize("column", ["split", "fold"])
def test_parts_by_a_column_of_the_table(folder, column):
    shutil.copy(folder / "cat" / "2.png", folder / "cat" / "copy.png")
    saved(folder / "cat" / "again.jpg", picture(3), 60)
    names = [*(f"{number}.png" for number in range(10)), "copy.png", "again.jpg"]
    table = pd.DataFrame({"path": [str(folder / "cat" / name) for name in names], "label": "cat"})
    table[column] = [1] * 6 + [2] * 6
    table["day"] = ["a"] * 2 + ["b", "c", "d", "e", "e", *"fghij"]
    found = problems(ImageDataset.from_table(table, group_column="day").check(service=False))
    assert found == {
        "duplicate_across_parts": ["copy.png"],
        "look_alike_across_parts": ["3.png"],
        "group_across_parts": ["5.png"],
    }


# --- boxes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (box(200, 10, 20, 20), "boxes_outside"),
        (box(-30, 10, 20, 20), "boxes_outside"),
        (box(150, 10, 20, 20), "boxes_over_edge"),
        (box(10, 10, 0, 20), "boxes_without_area"),
        (box(30, 30, -20, 20), "boxes_without_area"),
        (box(10, 10, 3, 20), "tiny_boxes"),
    ],
)
def test_boxes_that_cannot_be_right(folder, bad, problem):
    found = boxed(folder, box(10, 10, 50, 50), bad)
    if problem != "tiny_boxes":
        assert problems(found) == {"service_boxes": ["0.png"]}, "told once"
        assert detail(found, "service_boxes").startswith("ERROR_")
    frame = boxed_frame(folder, box(10, 10, 50, 50), bad)
    found = check_pictures(frame, service=False)
    assert problems(found) == {problem: ["0.png"]}
    assert detail(found, problem).startswith("1 of 2 boxes, the first: thing at")


def boxed_frame(folder: Path, *boxes: Box) -> pd.DataFrame:
    good = (box(10, 10, 50, 40),)
    found = [Pictured(str(one), ("thing",), good, 160, 120) for one in sorted(folder.glob("*/*"))]
    found[0] = Pictured(found[0].path, ("thing",), boxes, 160, 120)
    return frame_of(found)


def test_half_a_pixel_over_the_edge_is_rounding(folder):
    assert boxed(folder, box(100, 10, 60.4, 110.4)).findings.empty


def test_two_boxes_of_one_label_on_one_place(folder):
    twice = (box(10, 10, 50, 50), box(10, 11, 50, 50), box(10, 10, 50, 50, label="other"))
    found = boxed(folder, *twice)
    assert problems(found).pop("repeated_boxes") == ["0.png"]
    assert detail(found, "repeated_boxes") == "1 of 3 boxes, the first: thing at 10,11 50x50"


def test_a_stated_size_that_is_another(folder):
    assert detail(boxed(folder, box(1, 1, 20, 20), size=(320, 240)), "size_differs") == (
        "stated 320 x 240, is 160 x 120 pixels"
    )


@pytest.mark.parametrize(
    ("orientation", "size", "told"),
    [
        (6, (160, 120), "the annotation states 160 x 120, as the picture is before it is turned"),
        (6, None, "EXIF orientation 6; nothing tells which way up"),
        (3, (160, 120), "EXIF orientation 3; nothing tells which way up"),
        (6, (120, 160), None),
        (1, (160, 120), None),
    ],
)
def test_turned_pictures_with_boxes(folder, tmp_path, orientation, size, told):
    path = saved(tmp_path / "turned.jpg", picture(77), orientation=orientation)
    found = boxed(folder, box(1, 1, 100, 100), path=path, size=size)
    assert problems(found) == ({"turned_with_boxes": ["turned.jpg"]} if told else {})
    if told:
        assert detail(found, "turned_with_boxes").startswith(told)


# --- labels ---------------------------------------------------------------------------------------------------------


def test_few_pictures_name_the_advice_and_its_source(folder):
    (folder / "dog" / "1.jpg").unlink()
    found = check(folder)
    assert problems(found) == {"few_pictures": ["dog"]}
    assert detail(found, "few_pictures").startswith("9 pictures; at least 10 are advised (AWS")
    assert found.ok


def test_imbalance_names_the_rarest(folder):
    frame = ImageDataset.from_folder(folder).frame
    many = pd.concat([frame, *[frame[frame["label"] == "cat"].assign(path=f"s3://b/{n}.png") for n in range(11)]])
    many["path"] = [f"{path}{n}" if path.startswith("s3") else path for n, path in enumerate(many["path"])]
    found = check_pictures(many, service=False)
    assert problems(found)["imbalance"] == ["dog"]
    assert detail(found, "imbalance") == "cat is in 120 pictures, dog in 10 pictures: 12 to 1"


def test_unlabelled_pictures_are_told_once(folder):
    saved(folder / "a.png", picture(55))
    assert detail(check(folder), "unlabelled") == "1 of 21 pictures"


def test_a_labels_own_folder_is_an_error_that_names_its_parent(folder):
    found = check(folder / "dog")
    assert "no_labels" in problems(found) and "unlabelled" not in problems(found)
    assert detail(found, "no_labels").endswith(f"did you mean its parent, {folder}?")


def test_a_dataset_without_rows(folder):
    found = ImageDataset.from_folder(folder).unlabelled.check()
    assert problems(found) == {"no_pictures": [None]}
    assert str(found).startswith("0 pictures")
    assert "Nothing was changed" in found.save(folder / "check.html").read_text()


# --- Rekognition Custom Labels --------------------------------------------------------------------------------------


def service(found: ImageCheck) -> dict[str, str]:
    """What the service would say: problem to code."""
    rows = found.findings[found.findings["problem"].str.startswith("service")]
    return {problem: detail.partition(":")[0] for problem, detail in zip(rows["problem"], rows["detail"], strict=True)}


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("a.bmp", (100, 100), "ERROR_INVALID_IMAGE"),
        ("a.webp", (100, 100), "ERROR_INVALID_IMAGE"),
        ("a.png", (100, 63), "ERROR_INVALID_IMAGE_DIMENSION"),
        ("a.jpg", (4097, 300), "ERROR_INVALID_IMAGE_DIMENSION"),
        ("a.png", (1400, 66), "ERROR_INVALID_IMAGE"),
    ],
)
def test_pictures_that_it_does_not_take(folder, name, size, code):
    path = saved(folder / "cat" / f"odd-{name}", picture(66, *size))
    found = check(folder)
    assert service(found) == {"service_picture": code}
    assert problems(found)["service_picture"] == [path.name]
    assert not service(check(folder, service=False))


def test_a_picture_of_more_than_15_megabytes(folder):
    noise = np.random.default_rng(0).integers(0, 256, (2300, 2300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "cat" / "noise.png", compress_level=0)
    assert "15.9 MB; at most 15 MB" in detail(check(folder), "service_picture")


def test_more_than_fifty_boxes(folder):
    found = boxed(folder, *(box(2 * number, 1, 20, 20) for number in range(51)))
    assert service(found) == {"service_boxes": "ERROR_TOO_MANY_BOUNDING_BOXES"}


def test_a_box_that_vanishes_when_the_picture_is_made_smaller(folder, tmp_path):
    path = saved(tmp_path / "large.jpg", picture(66, 3000, 200))
    found = boxed(folder, box(10, 10, 2, 50), path=path, size=(3000, 200))
    assert service(found) == {"service_boxes": "ERROR_BOUNDING_BOX_TOO_SMALL"}


def test_labels_that_it_does_not_take(folder):
    shutil.rmtree(folder / "dog")
    assert service(check(folder)) == {"service_labels": "ERROR_MANIFEST_TOO_FEW_LABELS"}
    frame = ImageDataset.from_folder(folder).frame
    many = pd.concat([frame.iloc[[number % 10]].assign(label=f"label{number}") for number in range(251)])
    assert service(check_pictures(many))["service_labels"] == "ERROR_MANIFEST_TOO_MANY_LABELS"
    frame.loc[3, "label"] = "x" * 256
    assert "ERROR_INVALID_LABEL_NAME_LENGTH" in " ".join(check_pictures(frame).findings["detail"])


def test_pictures_in_two_buckets_and_none_of_them_opened():
    frame = frame_of([Pictured(f"s3://bucket-{n % 2}/{n}.jpg", (f"label{n % 3}",)) for n in range(60)])
    found = check_pictures(frame)
    assert service(found) == {"service_rows": "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"}
    assert detail(found, "not_fetched") == "60 of 60 pictures"


def test_pictures_on_s3_with_boxes_of_an_unknown_size():
    frame = frame_of([Pictured(f"s3://bucket/{n}.jpg", ("x",), (box(5, 5, 900, 20, "x"),)) for n in range(10)])
    assert set(problems(check_pictures(frame))) == {"not_fetched"}


def test_a_stated_size_is_believed_where_the_picture_lies_on_s3():
    frame = frame_of([Pictured(f"s3://bucket/{n}.jpg", ("x",), (box(5, 5, 90, 20, "x"),), 5000, 90) for n in range(10)])
    assert service(check_pictures(frame))["service_picture"] == "ERROR_INVALID_IMAGE_DIMENSION"


def test_boxes_and_labels_of_pictures_are_mixed(folder):
    frame = boxed_frame(folder, box(1, 1, 50, 50))
    frame.loc[5:, "boxes"] = pd.Series([None] * (len(frame) - 5), index=frame.index[5:], dtype=object)
    frame.loc[10:, "label"] = "other"
    assert service(check_pictures(frame))["service_kinds"] == "mixed_use_cases"


def test_pictures_without_boxes_are_advice(folder):
    found = boxed(folder)
    assert detail(found, "service_unused") == "WARNING_NO_ANNOTATIONS: 1 picture without boxes"
    assert found.ok


# --- real pictures --------------------------------------------------------------------------------------------------


def test_blood_cells_have_known_faults():
    found = ImageDataset.from_voc(shared("images", "detection", "bccd")).check()
    told = problems(found)
    assert set(told) == {"service_boxes", "repeated_boxes"}
    assert told["service_boxes"] == ["BloodImage_00343.jpg"], "a platelet of 0 x 0 pixels"
    assert len(told["repeated_boxes"]) == 4


def test_street_scenes_have_few_pictures_only():
    found = ImageDataset.from_yolo(shared("images", "detection", "coco")).check()
    assert set(problems(found)) == {"few_pictures", "imbalance"}


def test_logos_are_clear_and_few():
    found = ImageDataset.from_folder(shared("images", "aws_logo_sample")).check()
    assert set(problems(found)) == {"few_pictures", "mixed_sizes"}


def test_odd_files_are_reported_and_crash_nothing(tmp_path):
    table = pd.read_csv(shared("odd_images.csv"))
    root = shared("odd_images").parent
    frame = pd.DataFrame({"path": table["path"], "label": "odd"})
    found = ImageDataset.from_table(frame, root=root).check()
    unusable = set(found.findings[found.findings["problem"].isin(["unreadable", "missing_file"])]["path"])
    bad = {str(root / path) for path in table[table["pillow"] != "ok"]["path"]}
    assert len(table) == 960
    assert len(bad & unusable) > 60
    assert len(unusable) < 100
    assert str(found)
    found.save(tmp_path / "odd.html")


# --- how it shows itself --------------------------------------------------------------------------------------------


def test_it_prints_itself(folder):
    shutil.copy(folder / "cat" / "4.png", folder / "dog" / "copy.png")
    text = str(check(folder))
    assert text.startswith("21 pictures, 2 labels; PNG, JPEG\n1 error\nerror    duplicate_across_labels (1): the same")
    assert "dog/copy.png: the same bytes as ../cat/4.png, labelled cat" in text
    assert repr(check(folder)) == "<ImageCheck of 21 pictures: 1 error>"


def test_every_problem_is_told_with_severity_and_remedy(folder):
    saved(folder / "cat" / "wall.png", Image.new("RGB", (200, 200)))
    shutil.copy(folder / "cat" / "4.png", folder / "dog" / "copy.png")
    table = check(folder).findings
    assert list(table.columns) == ["severity", "problem", "path", "label", "detail", "remedy"]
    assert table["severity"].tolist() == ["error", "warning"], "the worst first"
    assert table["remedy"].tolist() == [PROBLEMS[problem].remedy for problem in table["problem"]]


def test_the_page_shows_the_pictures_and_is_escaped(folder):
    saved(folder / "<b>cow" / "<script>&.png", Image.new("RGB", (200, 200)))
    shutil.copy(folder / "cat" / "4.png", folder / "dog" / "copy.png")
    page = check(folder).save(folder / "new" / "check.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page and "<b>cow" not in page
    assert page.count('src="data:image/jpeg;base64,') == 3, "the blank one, the copy and the first"
    assert not re.search(r"href=|https?://|@import|url\(", page), "self-contained"
    assert "<title>Check of pictures" in page


def test_the_notebook_view_is_a_part_of_a_page(folder):
    shutil.copy(folder / "cat" / "4.png", folder / "dog" / "copy.png")
    view = check(folder)._repr_html_()
    assert "<html" not in view and "duplicate_across_labels" in view and "dog/copy.png" in view
