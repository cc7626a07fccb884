"""Pictures of people become faces of a collection, each once, whatever happens in between."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

import mediaml as mm
from mediaml.backends.rekognition.faces.indexing import Several
from mediaml.testing import Fault, OfflineAws
from mediaml.testing.rekognition.faces.quality import BARS, Bar
from mediaml.values.geometry import Box
from tests.backends.rekognition.faces.conftest import PEOPLE, SIZE, collection, operations
from tests.backends.rekognition.faces.neighbours import (
    GREEN,
    LARGE,
    RED,
    SMALL,
    Pixels,
    alone,
    beside,
    find,
    of_colours,
)


def table(rows: list[tuple[object, str]]) -> mm.ImageDataset:
    return mm.ImageDataset.from_table(pd.DataFrame(rows, columns=["path", "label"]))


def with_boxes(picture: Path, boxes: Sequence[Box]) -> mm.ImageDataset:
    """A dataset of one picture, with a box around each face, as COCO has it."""
    with Image.open(picture) as image:
        width, height = image.size
    people = sorted({box.label for box in boxes})
    document = {
        "images": [{"id": 1, "file_name": picture.name, "width": width, "height": height}],
        "categories": [{"id": number, "name": person} for number, person in enumerate(people)],
        "annotations": [
            {
                "id": number,
                "image_id": 1,
                "category_id": people.index(box.label),
                "bbox": [box.left, box.top, box.width, box.height],
            }
            for number, box in enumerate(boxes)
        ],
    }
    path = picture.with_suffix(".json")
    path.write_text(json.dumps(document))
    return mm.ImageDataset.from_coco(path)


def first_of(portraits: mm.ImageDataset, person: str) -> Path:
    return Path(portraits.where(label=person).frame["path"].iloc[0])


def test_a_collection_is_made_once_and_says_what_it_costs(aws: OfflineAws, capsys: pytest.CaptureFixture[str]) -> None:
    made = collection(aws, "tagged", tags={"team": "archive"}).create()
    assert "billed by the month, until it is deleted" in capsys.readouterr().err
    made.create()
    assert capsys.readouterr().err == ""
    client = aws.session.client("rekognition")
    arn = client.describe_collection(CollectionId="tagged")["CollectionARN"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "archive", "mediaml:owner": "mediaml"}


def test_every_person_is_stored_with_as_many_faces_as_pictures(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset
) -> None:
    report = people.index(portraits, progress=False)
    assert report.indexed == dict.fromkeys(sorted(PEOPLE), 2) == people.people()
    assert (report.faces, report.already, report.refused) == (6, 0, ())
    assert str(report) == f"6 faces of 3 people indexed into {people.name}"


def test_what_is_there_is_not_sent_again(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset, tmp_path: Path
) -> None:
    people.index(portraits, progress=False)
    renamed = shutil.copy(first_of(portraits, PEOPLE[0]), tmp_path / "other name.png")
    first = len(aws.calls)
    report = people.index(portraits.union(table([(renamed, PEOPLE[0])])), progress=False)
    assert (report.faces, report.already) == (0, 7)
    assert operations(aws, first) == ["ListFaces"]
    assert sum(people.people().values()) == 6


def test_a_plan_sends_nothing_and_names_calls_and_faces(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset
) -> None:
    first = len(aws.calls)
    plan = people.plan_index(portraits)
    assert "12 calls, each billed" in str(plan) and "6 faces at most" in str(plan)
    assert plan.cost is None, "faces are billed until somebody deletes them: there is no bound"
    assert "6 calls, each billed" in str(people.plan_index(portraits, several="largest"))
    assert set(operations(aws, first)) == {"ListFaces"}
    people.index(portraits, progress=False)
    assert people.plan_index(portraits).cost == 0


def test_pictures_that_cannot_be_used_are_named_and_the_others_go_on(
    aws: OfflineAws, portraits: mm.ImageDataset, tmp_path: Path
) -> None:
    person, other = PEOPLE[:2]
    good = first_of(portraits, person)
    image = Image.open(good)
    Image.new("RGB", (160, 160), (90, 90, 90)).save(tmp_path / "blank.png")
    Image.fromarray(np.random.RandomState(0).randint(0, 256, (60, 200, 3)).astype(np.uint8)).save(tmp_path / "low.png")
    Image.fromarray(np.tile(np.arange(160, dtype=np.uint8), (160, 1))).save(tmp_path / "nobody.png")
    Image.fromarray(mm.samples.crowd(PEOPLE[:2], size=SIZE)[0]).save(tmp_path / "two.png")
    image.filter(ImageFilter.GaussianBlur(3)).save(tmp_path / "blurred.png")
    (tmp_path / "torn.png").write_bytes(good.read_bytes()[:2000])
    (tmp_path / "empty.png").write_bytes(b"")
    names = ["blank", "low", "nobody", "two", "blurred", "torn", "empty"]
    rows: list[tuple[object, str]] = [(tmp_path / f"{name}.png", person) for name in names]
    same = shutil.copy(good, tmp_path / "same.png")
    people = collection(aws, "strict", quality="HIGH").create()
    report = people.index(table([(good, person), (same, other), *rows]), progress=False)
    assert report.indexed == {person: 1} == people.people()
    told = {Path(one.path).stem: one for one in report.refused}
    assert {name: one.reason for name, one in told.items()} == {
        "blank": "blank",
        "low": "too_small",
        "nobody": "no_face",
        "two": "several_faces",
        "blurred": "low_quality",
        "torn": "not_readable",
        "empty": "not_readable",
        "same": "another_person",
    }
    assert told["blurred"].detail == "LOW_SHARPNESS"
    assert "there are 2" in told["two"].detail and f"delete_person('{person}')" in told["same"].detail
    assert report.reasons["not_readable"] == 2 and "2 refused (not readable)" in str(report)


def test_nobody_who_stands_beside_is_ever_stored(aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path) -> None:
    Image.fromarray(mm.samples.crowd(PEOPLE[:2], size=SIZE)[0]).save(tmp_path / "two.png")
    first = len(aws.calls)
    people.index(table([(tmp_path / "two.png", PEOPLE[0])]), progress=False)
    assert "IndexFaces" not in operations(aws, first)
    report = people.index(table([(tmp_path / "two.png", PEOPLE[0])]), several="largest", progress=False)
    assert report.indexed == {PEOPLE[0]: 1}


def test_boxes_say_whose_face_is_which(
    aws: OfflineAws, people: mm.FaceCollection, others: mm.ImageDataset, tmp_path: Path
) -> None:
    pixels, boxes = mm.samples.crowd(PEOPLE, size=SIZE)
    Image.fromarray(pixels).save(tmp_path / "crowd.png")
    crowd = with_boxes(tmp_path / "crowd.png", boxes)
    assert people.index(crowd, progress=False).indexed == dict.fromkeys(sorted(PEOPLE), 1)
    assert people.index(crowd, progress=False).already == 3
    found = people.search(others, threshold=0.0)
    assert np.mean([one.label == picture.labels[0] for one, picture in zip(found, others, strict=True)]) >= 0.8


def test_a_picture_that_was_indexed_by_boxes_is_told_in_a_report(people: mm.FaceCollection, tmp_path: Path) -> None:
    path = tmp_path / "crowd.png"
    pixels, boxes = mm.samples.crowd(PEOPLE[:2], size=SIZE)
    Image.fromarray(pixels).save(path)
    assert people.index(with_boxes(path, boxes), progress=False).faces == 2, "each box is a picture of its own"
    report = people.evaluate(table([(path, PEOPLE[0])]), progress=False)
    assert (report.data["files"], report.data["known_files"]) == (1, 1)


SIDES = [(LARGE, "Red"), (SMALL, "Green")]


def coloured(folder: Path, pixels: Pixels, *sides: tuple[tuple[int, int, int], str]) -> mm.ImageDataset:
    Image.fromarray(pixels).save(folder / "beside.png")
    boxes = [Box(label=person, left=left, top=top, width=side, height=side) for (left, top, side), person in sides]
    return with_boxes(folder / "beside.png", boxes)


@pytest.mark.parametrize("several", ["refuse", "largest"])
def test_a_box_around_a_small_face_stores_not_the_larger_one_beside_it(
    aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several: Several
) -> None:
    of_colours(aws, monkeypatch)
    dataset = coloured(tmp_path, beside(), *SIDES)
    assert "6 calls, each billed" in str(people.plan_index(dataset, several=several))
    report = people.index(dataset, several=several, progress=False)
    assert (report.indexed, report.refused) == ({"Green": 1, "Red": 1}, ())
    for person, colour in (("Red", RED), ("Green", GREEN)):
        assert people.search(alone(colour)).label == person


@pytest.mark.parametrize("several", ["refuse", "largest"])
def test_a_box_without_a_face_of_its_own_stores_nobody(
    aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several: Several
) -> None:
    of_colours(aws, monkeypatch)
    monkeypatch.setattr(aws.rekognition.faces, "find", lambda pixels: find(pixels, (RED,)))
    first = len(aws.calls)
    report = people.index(coloured(tmp_path, beside(), SIDES[1]), several=several, progress=False)
    (refused,) = report.refused
    assert (refused.reason, refused.detail) == ("no_face", "there is none in the box")
    assert "IndexFaces" not in operations(aws, first)


def test_a_box_of_several_faces_is_told_to_be_drawn_closer(
    aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_colours(aws, monkeypatch)
    both = ((0, 0, 300), "Red")
    (refused,) = people.index(coloured(tmp_path, beside(), both), progress=False).refused
    assert refused.reason == "several_faces"
    assert "there are 2" in refused.detail and "draw it closely" in refused.detail
    report = people.index(coloured(tmp_path, beside(), both), several="largest", progress=False)
    assert report.indexed == {"Red": 1} and people.search(alone(RED)).label == "Red"


def test_a_neighbour_that_the_filter_takes_instead_is_deleted_again(
    aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_colours(aws, monkeypatch)
    monkeypatch.setitem(BARS, "AUTO", Bar(brightness=20, sharpness=0, side=10))
    pixels, (left, top, side) = beside(), SMALL
    pixels[top : top + side, left : left + side] = (0, 64, 0)  # too dark
    first = len(aws.calls)
    report = people.index(coloured(tmp_path, pixels, SIDES[1]), several="largest", progress=False)
    (refused,) = report.refused
    assert (report.faces, refused.reason, people.people()) == (0, "low_quality", {})
    assert "one beside it" in refused.detail
    assert operations(aws, first)[-3:-1] == ["IndexFaces", "DeleteFaces"], "it was stored"


def test_names_of_any_language_come_back_as_they_were(
    people: mm.FaceCollection, stranger: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(("Zoë O'Hara", "_20: x", "李雷", "a/b\\c")):
        other = tmp_path / f"{number}.png"
        image = Image.open(stranger)
        image.putpixel((0, 0), (number, 0, 0))
        image.save(other)
        people.index(table([(other, name)]), progress=False)
        assert name in people.people()
    with pytest.raises(mm.errors.LabelError, match=r"1 to 222 characters.*relabel"):
        people.index(table([(stranger, "x" * 223)]), progress=False)


def test_pictures_of_s3_are_sent_by_their_address(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset
) -> None:
    client = aws.session.client("s3")
    rows: list[tuple[object, str]] = []
    for number, picture in enumerate(list(portraits)[:2]):
        client.upload_file(picture.path, aws.bucket, f"faces/{number}.png")
        rows.append((f"s3://{aws.bucket}/faces/{number}.png", picture.labels[0]))
    rows.append((f"s3://{aws.bucket}/faces/missing.png", PEOPLE[0]))
    first = len(aws.calls)
    report = people.index(table(rows), progress=False)
    assert (report.faces, report.reasons) == (2, {"not_readable": 1})
    sent = [one.parameters["Image"]["S3Object"] for one in aws.calls[first:] if one.operation == "IndexFaces"]
    assert sorted(one["Name"] for one in sent) == ["faces/0.png", "faces/1.png"]
    assert people.index(portraits, progress=False).already == 2, "the same content on this machine is the same picture"


def test_a_picture_of_s3_that_may_not_be_read_is_refused_and_the_others_go_on(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset
) -> None:
    address = f"s3://{aws.bucket}/faces/closed.png"
    aws.session.client("s3").upload_file(first_of(portraits, PEOPLE[0]), aws.bucket, "faces/closed.png")
    aws.fail("s3", "GetObject", Fault.ACCESS_DENIED)
    report = people.index(portraits.union(table([(address, PEOPLE[0])])), progress=False)
    (refused,) = report.refused
    assert (report.faces, refused.path, refused.reason) == (6, address, "not_readable")
    assert f"reading {address}" in refused.detail and "AccessDenied" in refused.detail


@pytest.mark.slow
def test_pictures_that_are_too_large_for_a_request_are_made_smaller(
    people: mm.FaceCollection, stranger: Path, tmp_path: Path
) -> None:
    random = np.random.RandomState(0)
    face = np.asarray(Image.open(stranger).resize((1600, 1600)), int)
    noisy = np.clip(face + random.randint(-20, 21, face.shape), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "PNG")
    assert len(out.getvalue()) > 5_242_880
    (tmp_path / "large.png").write_bytes(out.getvalue())
    assert people.index(table([(tmp_path / "large.png", "Kofi")]), progress=False).faces == 1


# -- what goes wrong in between ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 3])
def test_an_interrupt_leaves_what_was_stored_and_the_same_call_ends_it(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset, after: int
) -> None:
    aws.fail("rekognition", "IndexFaces", KeyboardInterrupt(), after=after)
    with pytest.raises(KeyboardInterrupt):
        people.index(portraits, progress=False)
    before = sum(people.people().values())
    assert after <= before < 6
    report = people.index(portraits, progress=False)
    assert (report.faces, report.already) == (6 - before, before)
    assert people.people() == dict.fromkeys(sorted(PEOPLE), 2)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_AFTER,
        *(pytest.param(one, marks=pytest.mark.slow) for one in (Fault.THROTTLED, Fault.INTERNAL, Fault.LOST_BEFORE)),
    ],
)
def test_calls_that_fail_are_made_again_and_store_no_face_twice(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset, fault: Fault
) -> None:
    for operation in ("DetectFaces", "IndexFaces"):
        aws.fail("rekognition", operation, fault, times=2, after=1)
    assert people.index(portraits, progress=False).faces == 6
    assert people.people() == dict.fromkeys(sorted(PEOPLE), 2)


def test_a_right_that_is_missing_ends_it(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset
) -> None:
    aws.fail("rekognition", "IndexFaces", Fault.ACCESS_DENIED)
    with pytest.raises(mm.errors.AwsAccessError, match=r"docs/permissions\.md"):
        people.index(portraits, progress=False)


def test_a_missing_collection_says_what_makes_it(aws: OfflineAws, portraits: mm.ImageDataset, stranger: Path) -> None:
    people = collection(aws, "nobody")
    for ask in (
        lambda: people.index(portraits, progress=False),
        lambda: people.plan_index(portraits),
        lambda: people.search(stranger),
        lambda: people.evaluate(portraits, progress=False),
        people.people,
        lambda: people.delete_person("Ada"),
    ):
        with pytest.raises(mm.errors.AwsNotFoundError, match=r"no face collection nobody in us-east-1: create\(\)"):
            ask()


def test_what_cannot_be_meant_is_refused_before_anything_is_asked(aws: OfflineAws, portraits: mm.ImageDataset) -> None:
    first = len(aws.calls)
    with pytest.raises(mm.errors.AwsValidationError, match="letters, digits"):
        collection(aws, "our people")
    with pytest.raises(mm.errors.AwsValidationError, match="from 0 to 1, not 99"):
        collection(aws, "x", threshold=99)
    with pytest.raises(ValueError, match="quality is 'NONE' or"):
        collection(aws, "x", quality="BEST")
    people = collection(aws, "x")
    with pytest.raises(ValueError, match="several is 'refuse' or 'largest'"):
        people.index(portraits, several="all")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="pictures come as an ImageDataset"):
        people.index([portraits])  # type: ignore[arg-type]
    assert operations(aws, first) == []


def test_a_picture_of_several_people_wants_boxes(people: mm.FaceCollection, stranger: Path) -> None:
    both = mm.ImageDataset.from_table(
        pd.DataFrame({"path": [str(stranger)], "label": ["Ada;Kofi"]}), label_separator=";"
    )
    for ask in (people.index, people.evaluate):
        with pytest.raises(mm.errors.LabelError, match=r"has 2 labels .*draw boxes"):
            ask(both, progress=False)


@pytest.mark.slow
@pytest.mark.parametrize("acts", [False, True])
def test_an_end_at_any_call_leaves_what_the_same_call_completes(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset, acts: bool
) -> None:
    cases = 0
    for operation, most in (("ListFaces", 1), ("DetectFaces", 6), ("IndexFaces", 6)):
        for after in range(most):
            for what in (KeyboardInterrupt(), Fault.ACCESS_DENIED):
                people.create()
                aws.fail("rekognition", operation, what, after=after, acts=acts)
                with pytest.raises((KeyboardInterrupt, mm.errors.AwsAccessError)):
                    people.index(portraits, progress=False)
                aws.heal()
                people.index(portraits, progress=False)
                case = f"{what} at {operation} {after}"
                assert people.people() == dict.fromkeys(sorted(PEOPLE), 2), case
                assert people.delete() == 6, case
                cases += 1
    assert cases == 26
    people.create()
