"""Datasets of pictures: the same contract as datasets of sounds, with boxes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import mediaml as mm
from mediaml.errors import AwsNotFoundError, DataError, LabelError, SplitError, TableError
from mediaml.testing import offline_aws
from tests.pictures import SHAPES, drawn, write_shapes
from tests.shared_data import shared


def box(label: str, left: float = 1) -> mm.Box:
    return mm.Box(label=label, left=left, top=2, width=10, height=8)


def boxed(folder: Path) -> mm.ImageDataset:
    """Three pictures with boxes, one in which nothing is, and one that nobody looked at."""
    rows = [(box("cat"), box("dog", 20)), (box("cat"),), (box("dog"), box("dog", 30)), (), None]
    pictures = []
    for number, boxes in enumerate(rows):
        path = folder / f"{number}.png"
        drawn("circle", number).save(path)
        labels = tuple(sorted({one.label for one in boxes or ()}))
        pictures.append(mm.Picture(path=str(path), labels=labels, boxes=boxes, width=96, height=96))
    frame = pd.DataFrame(
        {
            "path": [one.path for one in pictures],
            "label": [one.labels if len(one.labels) > 1 else (one.labels or (None,))[0] for one in pictures],
            "boxes": pd.Series([one.boxes for one in pictures], dtype=object),
            "width": pd.array([96] * 5, dtype="Int64"),
            "height": pd.array([96] * 5, dtype="Int64"),
            "group": [Path(one.path).name for one in pictures],
        }
    )
    frame["boxes"] = frame["boxes"].astype(object).where(frame["boxes"].notna(), None)
    return mm.ImageDataset(frame)


class TestReading:
    def test_a_folder_per_label(self, tmp_path: Path) -> None:
        found = mm.ImageDataset.from_folder(write_shapes(tmp_path / "a", 3))
        assert (len(found), found.labels, found.has_boxes) == (9, SHAPES, False)
        assert str(found) == "ImageDataset: 9 pictures, 3 labels"
        assert next(iter(found)).labels == ("circle",)

    def test_a_folder_without_labels(self, tmp_path: Path) -> None:
        found = mm.ImageDataset.from_folder(write_shapes(tmp_path / "a", 2), None)
        assert len(found.unlabelled) == 6 and len(found.labelled) == 0

    def test_recordings_beside_the_pictures_are_passed_over(self, tmp_path: Path) -> None:
        write_shapes(tmp_path / "a", 1)
        (tmp_path / "a" / "circle" / "voice.wav").write_bytes(b"RIFF")
        assert len(mm.ImageDataset.from_folder(tmp_path / "a")) == 3

    def test_a_folder_without_pictures_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="no picture below this folder"):
            mm.ImageDataset.from_folder(tmp_path)

    def test_a_table_with_groups_and_other_columns(self, tmp_path: Path) -> None:
        write_shapes(tmp_path, 2)
        table = tmp_path / "pictures.csv"
        table.write_text("path,label,camera,split\ncircle/0.png,round,A,train\ncross/1.png,round;edgy,A,test\n")
        found = mm.ImageDataset.from_table(table, group_column="camera", root=tmp_path, label_separator=";")
        assert found.frame["label"].tolist() == ["round", ("edgy", "round")]
        assert found.frame["group"].tolist() == ["A", "A"]
        assert len(found.where(split="test")) == 1
        with pytest.raises(TableError, match="no column 'no'"):
            mm.ImageDataset.from_table(table, "no", root=tmp_path)

    def test_real_pictures_in_every_format(self, tmp_path: Path) -> None:
        cells = shared("images", "detection", "bccd")
        voc = mm.ImageDataset.from_voc(cells)
        coco = mm.ImageDataset.from_coco(cells / "derived.coco.json", cells)
        manifest = mm.ImageDataset.from_manifest(cells / "derived.output.manifest", images=cells / "images")
        assert str(voc) == "ImageDataset: 120 pictures, 3 labels, 1,606 boxes"
        for other in (coco, manifest):
            assert str(other) == str(voc)
            assert set(other.frame["path"]) == set(voc.frame["path"])
        yolo = mm.ImageDataset.from_yolo(shared("images", "detection", "coco"))
        assert len(yolo) == 38 and yolo.has_boxes


class TestRows:
    def test_boxes_say_what_is_labelled(self, tmp_path: Path) -> None:
        found = boxed(tmp_path)
        assert len(found.labelled) == 4, "nothing in it is an answer, too"
        assert len(found.unlabelled) == 1
        assert found.labels == ("cat", "dog") and "5 boxes" in str(found)

    def test_relabel_renames_boxes(self, tmp_path: Path) -> None:
        found = boxed(tmp_path).relabel({"cat": "pet", "dog": None})
        assert found.labels == ("pet",)
        assert [None if own is None else [one.label for one in own] for own in found.frame["boxes"]] == [
            ["pet"], ["pet"], [], [], None,
        ]  # fmt: skip
        with pytest.raises(LabelError, match="'cow'"):
            boxed(tmp_path).relabel({"cow": "pet"})

    def test_the_newer_row_of_a_picture_counts(self, tmp_path: Path) -> None:
        old = mm.ImageDataset.from_folder(write_shapes(tmp_path / "a", 2))
        mended = old.where(label="cross").relabel({"cross": "plus"})
        both = old.union(mended)
        assert len(both) == 6 and both.labels == ("circle", "plus", "stripes")
        assert len(boxed(tmp_path).union(boxed(tmp_path))) == 5

    def test_identical_files_stay_together(self, tmp_path: Path) -> None:
        folder = write_shapes(tmp_path / "a", 6)
        for number in range(6):
            content = (folder / "circle" / f"{number}.png").read_bytes()
            (folder / "circle" / f"copy of {number}.png").write_bytes(content)
        parts = mm.ImageDataset.from_folder(folder).split(0.5, 0.5, seed=3, near_duplicates=False)
        contents = [{Path(path).read_bytes() for path in part.frame["path"]} for part in parts]
        assert not contents[0] & contents[1]

    def test_a_label_with_too_few_pictures_is_named(self, tmp_path: Path) -> None:
        folder = write_shapes(tmp_path / "a", 2)
        with pytest.raises(SplitError, match=r"only 2 pictures, cannot be in 3 parts.*Add pictures"):
            mm.ImageDataset.from_folder(folder).split(near_duplicates=False)

    def test_a_row_a_box(self, tmp_path: Path) -> None:
        found = boxed(tmp_path).to_frame()
        assert len(found) == 7 and found["label"].tolist()[:3] == ["cat", "dog", "cat"]
        assert found["left"].isna().sum() == 2

    def test_the_content_hash_knows_boxes_and_no_names(self, tmp_path: Path) -> None:
        one = boxed(tmp_path)
        (tmp_path / "b").mkdir()
        assert one.content_hash() == boxed(tmp_path / "b").content_hash()
        assert one.content_hash() != one.relabel({"cat": "pet"}).content_hash()


class TestWriting:
    def test_a_manifest_needs_a_bucket(self, tmp_path: Path) -> None:
        found = boxed(tmp_path)
        with pytest.raises(DataError, match="no address on S3"):
            found.to_manifest(tmp_path / "a.manifest")
        written = found.to_manifest(tmp_path / "a.manifest", bucket="media", prefix="cells/")
        assert (written.pictures, written.boxes, written.lost) == (5, 5, ())
        back = mm.ImageDataset.from_manifest(tmp_path / "a.manifest")
        assert back.frame["path"][0] == "s3://media/cells/0.png"
        assert back.frame["boxes"].tolist()[3:] == [(), None]

    @pytest.mark.parametrize("kind", ["coco", "voc", "yolo"])
    def test_other_formats_read_back(self, tmp_path: Path, kind: str) -> None:
        (tmp_path / "images").mkdir()
        found = boxed(tmp_path / "images")
        if kind == "coco":
            found.to_coco(tmp_path / "a.json")
            back = mm.ImageDataset.from_coco(tmp_path / "a.json", tmp_path / "images")
        elif kind == "voc":
            found.to_voc(tmp_path)
            back = mm.ImageDataset.from_voc(tmp_path)
        else:
            found.to_yolo(tmp_path)
            back = mm.ImageDataset.from_yolo(tmp_path)
        boxes = {one.path: one.boxes for one in back}
        for one in found.labelled:
            assert [
                (other.label, *(round(place, 6) for place in (other.left, other.top, other.width, other.height)))
                for other in boxes[one.path] or ()
            ] == [(own.label, own.left, own.top, own.width, own.height) for own in one.boxes or ()]

    def test_sizes_come_from_the_files(self, tmp_path: Path) -> None:
        found = boxed(tmp_path)
        frame = found.frame.assign(width=pd.array([None] * 5, dtype="Int64"))
        written = mm.ImageDataset(frame).to_manifest(tmp_path / "a.manifest", bucket="media")
        assert written.pictures == 5
        Path(frame["path"][0]).unlink()
        with pytest.raises(DataError, match=r"0\.png.*not known"):
            mm.ImageDataset(frame).to_manifest(tmp_path / "a.manifest", bucket="media")


class TestOnS3:
    def test_up_and_down_again(self, tmp_path: Path) -> None:
        found = mm.ImageDataset.from_folder(write_shapes(tmp_path / "a", 2))
        with offline_aws() as aws:
            aws.session.client("s3").create_bucket(Bucket="media")
            there = found.upload("s3://media/shapes/", session=aws.session, progress=False)
            assert there.frame["path"][0] == "s3://media/shapes/circle/0.png"
            assert there.to_manifest(tmp_path / "a.manifest").pictures == 6
            again = mm.ImageDataset.from_manifest(tmp_path / "a.manifest")
            local = again.fetch(tmp_path / "here", session=aws.session, progress=False)
            assert [Path(path).read_bytes() for path in local.frame["path"]] == [
                Path(path).read_bytes() for path in found.frame["path"]
            ]
            folders = mm.ImageDataset.from_s3(
                "s3://media/shapes", to=tmp_path / "s3", session=aws.session, progress=False
            )
            assert str(folders) == str(found)
            with pytest.raises(AwsNotFoundError):
                found.upload("s3://no-such-bucket/", session=aws.session, progress=False)


def test_pictures_are_shown_with_their_boxes(tmp_path: Path) -> None:
    figure = boxed(tmp_path).show(4)
    titles = [axis.get_title() for axis in figure.axes]
    assert len(titles) == 4 and "no label" in titles
    assert figure._repr_png_()[:4] == b"\x89PNG"  # type: ignore[attr-defined]
    Path(tmp_path / "0.png").write_bytes(b"no picture")
    damaged = mm.ImageDataset.from_folder(tmp_path, None)
    assert damaged.show(20)._repr_png_()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="nothing to show"):
        damaged.show(0)


def test_a_notebook_shows_the_labels(tmp_path: Path) -> None:
    html = boxed(tmp_path)._repr_html_()
    assert re.search(r"<th[^>]*>cat</th><td[^>]*><span[^>]*></span></td><td[^>]*>2</td>", html)
