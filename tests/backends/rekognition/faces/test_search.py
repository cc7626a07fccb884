"""Who is in a picture: a person, or nobody recognised with the reason; how well, and whom to forget."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.aws.ledger import ledger
from mediaml.backends.inventory import inventory, stop
from mediaml.testing import Fault, OfflineAws
from mediaml.testing.rekognition.faces.finding import FoundFace
from tests.backends.rekognition.faces.conftest import PEOPLE, SIZE, collection, operations
from tests.backends.rekognition.faces.neighbours import GREEN, RED, Pixels, alone, beside, find, of_colours
from tests.shared_data import SHARED, shared

LENIENT = 0.05


@pytest.fixture(scope="module")
def known(aws: OfflineAws, album: mm.ImageDataset) -> Iterator[mm.FaceCollection]:
    """A collection that knows three people."""
    made = collection(aws, "known", threshold=LENIENT).create()
    made.index(album, several="largest", progress=False)
    yield made
    made.delete()


@pytest.fixture
def image(others: mm.ImageDataset) -> Path:
    """A picture of the first person that was not indexed."""
    return Path(others.where(label=PEOPLE[0]).frame["path"][0])


# -- verdicts ---------------------------------------------------------------------------------------------------------


def test_people_are_known_again_on_other_pictures(known: mm.FaceCollection, others: mm.ImageDataset) -> None:
    found = known.search(others)
    assert [one.label for one in found] == [picture.labels[0] for picture in others]
    for one in found:
        assert one.confidence == one.alternatives[0].confidence == one.score >= LENIENT
        assert [box.label for box in one.boxes] == [one.label]
        assert {score.label for score in one.alternatives} == set(PEOPLE)
    assert known.search(found[0].source) == found[0], "one item gives one result"


def test_a_result_says_where_the_face_is_and_which_stored_faces_are_like_it(
    aws: OfflineAws, known: mm.FaceCollection, image: Path
) -> None:
    one = known.search(image)
    (face,) = one.faces
    assert 0 <= face.box.left < face.box.right <= SIZE == one.width
    similarities = [match.similarity for match in face.matches]
    assert similarities == sorted(similarities, reverse=True) and len(similarities) == 18
    listed = aws.session.client("rekognition").list_faces(CollectionId="known")["Faces"]
    assert {match.face_id for match in face.matches} == {row["FaceId"] for row in listed}
    assert str(one).startswith(f"{PEOPLE[0]} at ") and str(face.best).startswith(f"{PEOPLE[0]} ")


def test_a_stranger_is_nobody_and_a_threshold_decides(known: mm.FaceCollection, stranger: Path) -> None:
    assert (known.search(stranger).label, known.search(stranger).reason) == (None, "low_confidence")
    assert str(known.search(stranger)) == "nothing recognised (low confidence)"
    assert known.search(stranger, threshold=0.0).label in PEOPLE
    assert mm.FaceCollection("known", session=known.aws.session).threshold == 0.99, "what AWS recommends"


def test_what_holds_no_face_says_so(aws: OfflineAws, known: mm.FaceCollection, tmp_path: Path) -> None:
    nobody = np.tile(np.arange(SIZE, dtype=np.uint8), (SIZE, 1))
    first = len(aws.calls)
    assert known.search(nobody).reason == "no_face"
    assert known.search(nobody, every_face=True).reason == "no_face"
    assert operations(aws, first) == ["SearchFacesByImage", "DetectFaces"]
    first = len(aws.calls)
    assert known.search(np.full((SIZE, SIZE, 3), 7, np.uint8)).reason == "blank"
    assert known.search(nobody[:70]).reason == "too_small"
    assert operations(aws, first) == [], "what nothing can be seen in is not sent"


def test_every_face_of_a_picture_is_given_its_person(known: mm.FaceCollection) -> None:
    pixels, boxes = mm.samples.crowd([*PEOPLE, "Kofi"], size=SIZE)
    one = known.search(pixels, every_face=True, threshold=LENIENT)
    assert len(one.faces) == 4
    assert set(one.labels) <= set(PEOPLE) and len(one.labels) >= 2
    for box in one.boxes:
        (true,) = [other for other in boxes if other.label == box.label]
        assert box.iou(true) > 0.4
    assert len(known.search(pixels).faces) == 1, "the largest alone, where nothing else is said"


@pytest.fixture
def coloured(
    aws: OfflineAws, people: mm.FaceCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> mm.FaceCollection:
    """A collection that knows a red and a green person."""
    of_colours(aws, monkeypatch)
    for person, colour in (("Red", RED), ("Green", GREEN)):
        (tmp_path / person).mkdir()
        Image.fromarray(alone(colour)).save(tmp_path / person / "portrait.png")
    people.index(mm.ImageDataset.from_folder(tmp_path), progress=False)
    return people


def test_a_small_face_is_not_given_the_name_of_a_larger_one_beside_it(
    aws: OfflineAws, coloured: mm.FaceCollection
) -> None:
    first = len(aws.calls)
    one = coloured.search(beside(), every_face=True)
    told = [(round(face.box.width), face.best.person if face.best else None) for face in one.faces]
    assert told == [(200, "Red"), (60, "Green")]
    assert operations(aws, first) == ["DetectFaces"] + ["SearchFacesByImage"] * 3, "closer once, for the small one"


def test_a_face_that_cannot_be_told_from_its_neighbour_has_no_matches(
    aws: OfflineAws, coloured: mm.FaceCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = beside()

    def only_the_red_one(pixels: Pixels) -> list[FoundFace]:
        return find(pixels) if pixels.shape == whole.shape else find(pixels, (RED,))

    monkeypatch.setattr(aws.rekognition.faces, "find", only_the_red_one)
    one = coloured.search(whole, every_face=True)
    assert [[match.person for match in face.matches][:1] for face in one.faces] == [["Red"], []]
    assert one.labels == ("Red",)


def test_an_empty_collection_knows_nobody(people: mm.FaceCollection, image: Path) -> None:
    one = people.search(image)
    assert (one.label, one.reason, one.alternatives, one.faces[0].best) == (None, "low_confidence", (), None)


# -- items ------------------------------------------------------------------------------------------------------------


def test_all_kinds_of_items_are_searched_for(aws: OfflineAws, known: mm.FaceCollection, image: Path) -> None:
    content = image.read_bytes()
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="who.png", Body=content)
    items: list[Any] = [str(image), content, io.BytesIO(content), np.asarray(Image.open(image)), Image.open(image)]
    items.append(f"s3://{aws.bucket}/who.png")
    for every_face in (False, True):
        items[2] = io.BytesIO(content)
        found = known.search(items, every_face=every_face)
        assert {one.label for one in found} == {PEOPLE[0]}
        assert [one.source for one in found[1:4]] == ["bytes", "file", "array"]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(known: mm.FaceCollection, image: Path) -> None:
    nowhere = ["s3://no-such-bucket/x.png", "s3:///x.png", "s3://bucket"]
    items: list[Any] = [image, image.parent / "missing.png", image.read_bytes()[:500], *nowhere, image]
    found = known.search(items, on_error="skip")
    assert [one.error is None for one in found] == [True, *[False] * 5, True]
    assert [one.source for one in found[3:6]] == nowhere
    assert "missing.png" in found[1].source and "no such file" in str(found[1].error).lower()
    with pytest.raises(mm.errors.ImageError, match=r"missing\.png"):
        known.search(items)
    with pytest.raises(ValueError, match="on_error is"):
        known.search(items, on_error="stop")  # type: ignore[call-overload]


def test_results_come_one_by_one_and_nothing_is_read_far_ahead(known: mm.FaceCollection, image: Path) -> None:
    taken = 0

    def items() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield image

    seen = known.look(items())
    assert next(seen).label == PEOPLE[0]  # type: ignore[union-attr]
    assert taken <= 64
    seen.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.LOST_AFTER])
def test_refused_calls_are_made_again_in_order(
    aws: OfflineAws, known: mm.FaceCollection, others: mm.ImageDataset, fault: Fault
) -> None:
    aws.fail("rekognition", "SearchFacesByImage", fault, times=3, after=1)
    assert [one.label for one in known.search(others)] == [picture.labels[0] for picture in others]


# -- measuring --------------------------------------------------------------------------------------------------------


def test_a_threshold_is_judged_on_labelled_pictures(known: mm.FaceCollection, others: mm.ImageDataset) -> None:
    report = known.evaluate(others, progress=False)
    assert isinstance(report, mm.ImageReport)
    assert (report.accuracy, report.coverage, report.accepted_accuracy) == (1.0, 1.0, 1.0)
    assert report.model["threshold"] == LENIENT and report.model["faces"] == 18
    strict = known.evaluate(others, threshold=1.0, progress=False)
    assert (strict.accuracy, strict.coverage) == (1.0, 0.0)


def test_the_report_is_written_as_those_of_all_models(
    known: mm.FaceCollection, others: mm.ImageDataset, tmp_path: Path
) -> None:
    report = known.evaluate(others, progress=False)
    page = report.save(tmp_path / "faces.html").read_text()
    assert "Rekognition face collection" in page and all(person in page for person in PEOPLE)
    assert mm.ImageReport.model_validate_json(report.save(tmp_path / "faces.json").read_text()).accuracy == 1.0


@pytest.mark.slow
def test_another_process_searches_over_http(
    aws: OfflineAws, known: mm.FaceCollection, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import sys, mediaml as mm\nprint(mm.FaceCollection('known', threshold=0.05).search(sys.argv[1]).label)"
    with aws.serve() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        ran = subprocess.run([sys.executable, "-c", program, image], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == PEOPLE[0]


def test_pictures_that_the_collection_holds_are_told_in_the_report(
    known: mm.FaceCollection, album: mm.ImageDataset
) -> None:
    report = known.evaluate(album, progress=False)
    assert report.data["known_files"] == report.data["files"] == 18
    assert any("18 of the 18 files" in warning for warning in report.warnings)


def test_a_picture_without_a_face_counts_as_wrong_and_not_by_chance_as_right(
    known: mm.FaceCollection, others: mm.ImageDataset, tmp_path: Path
) -> None:
    import pandas as pd

    Image.fromarray(np.tile(np.arange(SIZE, dtype=np.uint8), (SIZE, 1))).save(tmp_path / "nobody.png")
    rows = [(str(tmp_path / "nobody.png"), person) for person in PEOPLE]
    report = known.evaluate(
        others.union(mm.ImageDataset.from_table(pd.DataFrame(rows[:1], columns=["path", "label"]))), progress=False
    )
    assert report.pictures == 7 and len(report.mistakes) == 1
    assert report.mistakes[0].prediction.reason == "no_face"


def test_people_whom_nobody_indexed_cannot_be_measured(known: mm.FaceCollection, stranger: Path) -> None:
    with pytest.raises(mm.errors.LabelError, match="Kofi"):
        known.evaluate(mm.ImageDataset.from_folder(stranger.parents[1]), progress=False)


# -- forgetting -------------------------------------------------------------------------------------------------------


def test_a_person_is_deleted_and_the_others_stay(
    people: mm.FaceCollection, portraits: mm.ImageDataset, others: mm.ImageDataset
) -> None:
    people.index(portraits, progress=False)
    assert people.delete_person(PEOPLE[0]) == 2
    assert people.people() == dict.fromkeys(sorted(PEOPLE[1:]), 2)
    assert PEOPLE[0] not in {one.label for one in people.search(others, threshold=0.0)}
    assert people.delete_person(PEOPLE[0]) == 0, "deleting again is no error"
    assert people.delete_person("nobody of this name") == 0


def test_a_collection_goes_with_all_its_faces_and_what_is_gone_is_no_error(
    aws: OfflineAws, portraits: mm.ImageDataset
) -> None:
    made = collection(aws, "passing").create()
    made.index(portraits, several="largest", progress=False)
    assert made.delete() == 6
    assert made.delete() == 0
    assert "passing" not in aws.session.client("rekognition").list_collections()["CollectionIds"]


def test_the_ledger_knows_a_collection_and_nothing_but_delete_ends_it(
    aws: OfflineAws, portraits: mm.ImageDataset
) -> None:
    made = collection(aws, "noted").create()
    made.index(portraits, several="largest", progress=False)
    (line,) = [one for one in ledger().standing() if one.resource.name == "noted"]
    assert (line.resource.kind, line.keep) == ("rekognition-faces", True)
    (found,) = [one for one in inventory(made.aws, ledger()).found if one.name == "noted"]
    assert (found.status, found.bills, found.keep) == ("6 faces", True, True)
    assert stop(made.aws, ledger(), [found]) == [] and sum(made.people().values()) == 6
    made.delete()
    assert "noted" not in {one.resource.name for one in ledger().standing()}


def test_a_collection_that_went_otherwise_is_struck_off(aws: OfflineAws) -> None:
    made = collection(aws, "deleted-elsewhere").create()
    aws.session.client("rekognition").delete_collection(CollectionId="deleted-elsewhere")
    assert "deleted-elsewhere" not in {one.name for one in inventory(made.aws, ledger()).found}
    assert "deleted-elsewhere" not in {one.resource.name for one in ledger().standing()}


def test_a_lost_answer_of_its_making_leaves_it_in_the_ledger(aws: OfflineAws) -> None:
    aws.fail("rekognition", "CreateCollection", KeyboardInterrupt(), acts=True)
    with pytest.raises(KeyboardInterrupt):
        collection(aws, "cut-off").create()
    assert "cut-off" in {one.resource.name for one in ledger().standing()}
    assert collection(aws, "cut-off").create().delete() == 0


def test_faces_that_others_have_indexed_are_people_too(
    aws: OfflineAws, people: mm.FaceCollection, image: Path, stranger: Path
) -> None:
    client = aws.session.client("rekognition")
    client.index_faces(CollectionId=people.name, Image={"Bytes": image.read_bytes()}, ExternalImageId="badge_17")
    unnamed = client.index_faces(CollectionId=people.name, Image={"Bytes": stranger.read_bytes()})
    face_id = unnamed["FaceRecords"][0]["Face"]["FaceId"]
    assert people.people() == {"badge_17": 1, face_id: 1}
    assert people.search(image).label == "badge_17"
    assert people.delete_person("badge_17") == people.delete_person(face_id) == 1


def test_faces_that_the_service_keeps_are_an_error(
    aws: OfflineAws, people: mm.FaceCollection, portraits: mm.ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.index(portraits, progress=False)
    kept = aws.session.client("rekognition").list_faces(CollectionId=people.name)["Faces"][0]["FaceId"]
    monkeypatch.setitem(aws._wire.operations, ("rekognition", "DeleteFaces"), _keeping(kept))
    with pytest.raises(mm.errors.AwsNotReadyError, match=r"1 of 2 faces stay .*ASSOCIATED_TO_AN_EXISTING_USER"):
        people.delete_person(PEOPLE[0])


def _keeping(face_id: str):
    from mediaml.testing.wire import Reply

    def delete(request: dict[str, object]) -> Reply:
        ids = list(request["FaceIds"])  # type: ignore[call-overload]
        stays = {"FaceId": face_id, "UserId": "u", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
        return Reply({"DeletedFaces": [one for one in ids if one != face_id], "UnsuccessfulFaceDeletions": [stays]})

    return delete


def test_thousands_of_faces_are_counted_and_deleted_page_by_page(aws: OfflineAws, people: mm.FaceCollection) -> None:
    count = 9000
    add_faces(aws, people.name, {f"person {number % 3}": count // 3 for number in range(3)})
    first = len(aws.calls)
    assert people.people() == {f"person {number}": count // 3 for number in range(3)}
    assert operations(aws, first) == ["ListFaces"] * 3
    assert people.delete_person("person 1") == count // 3
    assert sum(people.people().values()) == people.delete() == count - count // 3


def add_faces(aws: OfflineAws, name: str, counts: dict[str, int]) -> None:
    """Put faces into a collection that were never seen: what is asked is how many there are."""
    import uuid

    from mediaml.backends.rekognition.faces.names import external_id
    from mediaml.testing.rekognition.faces.operations import StoredFace

    store = aws.rekognition.faces.stores[name]
    for person, count in counts.items():
        for number in range(count):
            face_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{person} {number}"))
            told = {"FaceId": face_id, "ExternalImageId": external_id(person, f"{number:032x}")}
            store.faces[face_id] = StoredFace(np.zeros(1, np.float32), told, "")


# -- real faces -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_offline_collection_knows_real_people_again(aws: OfflineAws, people: mm.FaceCollection) -> None:
    """What is measured is the offline AWS's, never AWS's; benchmarks/faces.py measures more of it."""
    dataset = mm.ImageDataset.from_table(shared("images", "faces_orl.csv"), root=SHARED)
    assert people.index(dataset.where(split="train"), progress=False).faces == 140
    report = people.evaluate(dataset.where(split="test"), progress=False)
    assert report.accuracy >= 0.9 and report.coverage >= 0.75
    assert report.accepted_accuracy is not None and report.accepted_accuracy >= 0.95
