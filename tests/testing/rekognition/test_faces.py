"""The offline face collections: requests that are refused, pages, filters, likeness. With plain boto3."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageFilter

from mediaml.samples import crowd
from mediaml.samples.face_pictures import portrait
from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.rekognition.faces import finding, likeness, quality
from mediaml.testing.rekognition.faces.finding import FoundFace
from tests.testing.rekognition.lives import face_png
from tests.testing.rekognition.test_operations import refused

NO_ID = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def account() -> Iterator[OfflineAws]:
    with offline_aws() as aws:
        yield aws


@pytest.fixture
def client(account: OfflineAws) -> Iterator[Any]:
    client = account.session.client("rekognition")
    client.create_collection(CollectionId="c")
    yield client
    client.delete_collection(CollectionId="c")


def packed(pixels: Any, kind: str = "PNG") -> dict[str, bytes]:
    out = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(out, kind)
    return {"Bytes": out.getvalue()}


def stored(client: Any, person: str, number: int = 0, **more: Any) -> dict[str, Any]:
    answer = client.index_faces(
        CollectionId="c", Image={"Bytes": face_png(person, number)}, **{"ExternalImageId": person, **more}
    )
    return dict(answer)


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("create_collection", {"CollectionId": "c"}, "ResourceAlreadyExistsException"),
        ("create_collection", {"CollectionId": "our people"}, "InvalidParameterException"),
        ("create_collection", {"CollectionId": "x", "Tags": {"aws:x": "y"}}, "InvalidParameterException"),
        ("describe_collection", {"CollectionId": "x"}, "ResourceNotFoundException"),
        ("delete_collection", {"CollectionId": "x"}, "ResourceNotFoundException"),
        ("list_faces", {"CollectionId": "x"}, "ResourceNotFoundException"),
        ("list_faces", {"CollectionId": "c", "MaxResults": 4097}, "InvalidParameterException"),
        ("list_faces", {"CollectionId": "c", "NextToken": "none of ours"}, "InvalidPaginationTokenException"),
        ("delete_faces", {"CollectionId": "x", "FaceIds": [NO_ID]}, "ResourceNotFoundException"),
        ("delete_faces", {"CollectionId": "c", "FaceIds": ["no id"]}, "InvalidParameterException"),
        ("search_faces", {"CollectionId": "c", "FaceId": NO_ID}, "InvalidParameterException"),
        ("index_faces", {"CollectionId": "x", "Image": {"Bytes": b"1"}}, "ResourceNotFoundException"),
        ("index_faces", {"CollectionId": "c", "Image": {}}, "InvalidParameterException"),
        ("index_faces", {"CollectionId": "c", "Image": {"Bytes": b"1"}}, "InvalidImageFormatException"),
        (
            "index_faces",
            {"CollectionId": "c", "Image": {"Bytes": b"1"}, "ExternalImageId": "Anna M"},
            "InvalidParameterException",
        ),
        (
            "index_faces",
            {"CollectionId": "c", "Image": {"S3Object": {"Bucket": "no-bucket", "Name": "x"}}},
            "InvalidS3ObjectException",
        ),
        ("search_faces_by_image", {"CollectionId": "x", "Image": {"Bytes": b"1"}}, "ResourceNotFoundException"),
        (
            "search_faces_by_image",
            {"CollectionId": "c", "Image": {"Bytes": b"1"}, "FaceMatchThreshold": 101},
            "InvalidParameterException",
        ),
        ("detect_faces", {"Image": {"Bytes": bytes(5_242_881)}}, "InvalidParameterException"),
    ],
)
def test_what_the_service_does_not_take_is_refused(
    client: Any, operation: str, request_: dict[str, Any], code: str
) -> None:
    assert refused(getattr(client, operation), **request_) == code


def test_pictures_that_are_too_small_or_of_another_format_are_refused(client: Any) -> None:
    noise = np.random.RandomState(0).randint(0, 256, (79, 200, 3)).astype(np.uint8)
    assert refused(client.detect_faces, Image=packed(noise)) == "InvalidParameterException"
    gif = packed(Image.fromarray(noise), "GIF")
    assert refused(client.detect_faces, Image=gif) == "InvalidImageFormatException"


def test_a_picture_without_a_face_is_no_search(client: Any) -> None:
    plain = packed(np.tile(np.arange(120, dtype=np.uint8), (120, 1)))
    assert client.detect_faces(Image=plain)["FaceDetails"] == []
    assert client.index_faces(CollectionId="c", Image=plain)["FaceRecords"] == []
    with pytest.raises(ClientError, match=r"There are no faces in the image\. Should be at least 1\.") as raised:
        client.search_faces_by_image(CollectionId="c", Image=plain)
    assert raised.value.response["Error"]["Code"] == "InvalidParameterException"


# -- faces ------------------------------------------------------------------------------------------------------------


def test_the_same_picture_under_the_same_name_is_stored_once(client: Any) -> None:
    first, again = stored(client, "Ada"), stored(client, "Ada")
    assert first["FaceRecords"] == again["FaceRecords"]
    stored(client, "Ada", ExternalImageId="another.name")
    assert client.describe_collection(CollectionId="c")["FaceCount"] == 2


def test_faces_are_listed_page_by_page_and_by_their_ids(client: Any) -> None:
    for number in range(5):
        stored(client, "Ada", number)
    pages = list(client.get_paginator("list_faces").paginate(CollectionId="c", PaginationConfig={"PageSize": 2}))
    assert [len(page["Faces"]) for page in pages] == [2, 2, 1]
    ids = [face["FaceId"] for page in pages for face in page["Faces"]]
    assert len(set(ids)) == 5
    assert [one["FaceId"] for one in client.list_faces(CollectionId="c", FaceIds=ids[3:])["Faces"]] == ids[3:]
    gone = client.delete_faces(CollectionId="c", FaceIds=[ids[0], NO_ID])
    assert gone["DeletedFaces"] == ids[:1]
    assert gone["UnsuccessfulFaceDeletions"] == [{"FaceId": NO_ID, "Reasons": ["FACE_NOT_FOUND"]}]


def test_the_largest_faces_are_stored_and_the_others_named(client: Any) -> None:
    image = packed(crowd(["Ada", "Béla", "Chloé"], size=120)[0])
    found = client.detect_faces(Image=image)["FaceDetails"]
    areas = [one["BoundingBox"]["Width"] * one["BoundingBox"]["Height"] for one in found]
    assert len(areas) == 3 and areas == sorted(areas, reverse=True)
    answer = client.index_faces(CollectionId="c", Image=image, MaxFaces=2)
    assert len(answer["FaceRecords"]) == 2
    assert [one["Reasons"] for one in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]]


def test_blurred_and_dark_faces_do_not_pass_the_filter(client: Any) -> None:
    image = Image.open(io.BytesIO(face_png("Ada")))
    blurred, dark = image.filter(ImageFilter.GaussianBlur(2)), image.point(lambda level: level // 3)
    for changed, reason in ((blurred, "LOW_SHARPNESS"), (dark, "LOW_BRIGHTNESS")):
        answer = client.index_faces(CollectionId="c", Image=packed(changed), QualityFilter="HIGH")
        assert [one["Reasons"] for one in answer["UnindexedFaces"]] == [[reason]], reason
        assert client.index_faces(CollectionId="c", Image=packed(changed), QualityFilter="NONE")["FaceRecords"]


def test_matches_fall_and_reach_the_threshold(client: Any) -> None:
    for person in ("Ada", "Jun", "Lena"):
        for number in range(2):
            stored(client, person, number)
    image = {"Bytes": face_png("Jun", 4)}
    everyone = client.search_faces_by_image(CollectionId="c", Image=image, FaceMatchThreshold=0)["FaceMatches"]
    alike = [one["Similarity"] for one in everyone]
    assert len(alike) == 6 and alike == sorted(alike, reverse=True)
    assert everyone[0]["Face"]["ExternalImageId"] == "Jun"
    some = client.search_faces_by_image(CollectionId="c", Image=image, FaceMatchThreshold=alike[2] - 1e-9)
    assert [one["Similarity"] for one in some["FaceMatches"]] == alike[:3]
    few = client.search_faces_by_image(CollectionId="c", Image=image, FaceMatchThreshold=0, MaxFaces=4)
    assert [one["Similarity"] for one in few["FaceMatches"]] == alike[:4]
    first = everyone[0]["Face"]["FaceId"]
    by_id = client.search_faces(CollectionId="c", FaceId=first, FaceMatchThreshold=0)["FaceMatches"]
    assert len(by_id) == 5 and first not in {one["Face"]["FaceId"] for one in by_id}


# -- what plays the service's eyes ------------------------------------------------------------------------------------


def test_tests_may_look_otherwise(account: OfflineAws, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    corner = FoundFace(0.0, 0.0, 60.0, 60.0, 0.9)
    monkeypatch.setattr(account.rekognition.faces, "find", lambda pixels: [corner])
    monkeypatch.setattr(account.rekognition.faces, "describe", lambda face: np.ones(1, np.float32))
    assert stored(client, "Ada")["FaceRecords"][0]["Face"]["BoundingBox"]["Width"] == 0.5
    found = client.search_faces_by_image(CollectionId="c", Image={"Bytes": face_png("Béla")})
    assert found["SearchedFaceConfidence"] == pytest.approx(90)
    assert found["FaceMatches"][0]["Similarity"] == pytest.approx(100)


def test_without_opencv_the_whole_picture_is_a_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "find_spec", lambda name: None)
    monkeypatch.setattr(finding, "_CASCADE", finding._Cascade())
    assert finding.usual(np.zeros((100, 80, 3), np.uint8)) == [FoundFace(0.0, 0.0, 80.0, 100.0, 1.0)]


def test_a_face_is_most_like_itself_and_light_matters_little() -> None:
    face = np.asarray(portrait("Ada", 0, 120) // 2, np.uint8)
    one = likeness.usual(face)
    brighter, other = likeness.usual(np.asarray(face + 40, np.uint8)), likeness.usual(portrait("Kofi", 0, 120))
    assert np.linalg.norm(one) == pytest.approx(1)
    alike = likeness.similarities(one, np.stack([one, brighter, other]))
    assert alike[0] == pytest.approx(1) and alike[1] > 0.99 and alike[2] < 0.01


def test_the_filters_ask_for_more_and_more() -> None:
    bars = [quality.BARS[name] for name in ("NONE", "LOW", "AUTO", "MEDIUM", "HIGH")]
    for one, other in pairwise(bars):
        assert all(lower <= higher for lower, higher in zip(one, other, strict=True))
    assert quality.reasons(quality.Seen(1, 1), 10, "AUTO") == ["SMALL_BOUNDING_BOX", "LOW_BRIGHTNESS", "LOW_SHARPNESS"]
