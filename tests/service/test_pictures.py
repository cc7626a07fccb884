"""A model of pictures as a service."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import mediaml as mm
from mediaml.service import ServiceSettings, create_app
from tests.pictures import drawn, pretrained, small_image_model, write_shapes
from tests.service.conftest import form

pytestmark = pytest.mark.slow
JPEG = {"Content-Type": "image/jpeg"}


def picture(label: str, number: int = 50, side: int = 96) -> bytes:
    out = io.BytesIO()
    drawn(label, number, side).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> mm.LocalImageModel:
    pretrained()
    shapes = mm.ImageDataset.from_folder(write_shapes(tmp_path_factory.mktemp("shapes"), 8))
    return small_image_model(accept=1.0).fit(shapes, progress=False)


@pytest.fixture(scope="module")
def client(model: mm.LocalImageModel) -> Iterator[TestClient]:
    with TestClient(create_app(model, ServiceSettings(max_seconds=5.0))) as made:
        yield made


def test_files_are_answered_by_the_models_predictions(client: TestClient, model: mm.LocalImageModel) -> None:
    sent = [picture("circle"), b"no picture", picture("stripes", side=301)]
    answer = client.post("/v1/predict", files=form(*sent))
    found = [mm.ImagePrediction.model_validate(one) for one in answer.json()["predictions"]]
    expected = model.predict([sent[0], sent[2]])
    assert [one.label for one in (found[0], found[2])] == [one.label for one in expected] == ["circle", "stripes"]
    assert found[2].width == 301 and found[1].error == "1.wav: is no picture of a kind that can be read"


def test_what_is_served(client: TestClient, model: mm.LocalImageModel) -> None:
    told = client.get("/v1/model").json()
    assert (told["kind"], told["network"], tuple(told["labels"])) == ("picture", "efficientnet-lite0", model.labels)
    paths = client.get("/openapi.json").json()
    assert "ImagePrediction" in paths["components"]["schemas"]
    assert "image/jpeg" in paths["paths"]["/invocations"]["post"]["requestBody"]["content"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (picture("cross"), JPEG, 200),
        (picture("cross"), {"Content-Type": "application/octet-stream", "Accept": "*/*"}, 200),
        (b"no picture", JPEG, 400),
        (picture("cross"), {"Content-Type": "audio/wav"}, 415),
        (picture("cross"), {**JPEG, "Accept": "text/csv"}, 406),
    ],
    ids=["a picture", "bytes", "no picture", "a sound", "no JSON"],
)
def test_invocations(client: TestClient, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = client.post("/invocations", content=body, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert mm.ImagePrediction.model_validate(answer.json()).label == "cross"
    else:
        assert answer.headers["Content-Type"].startswith("text/plain") and answer.text


def test_a_picture_with_too_many_pixels_is_an_error_of_its_own(client: TestClient) -> None:
    from tests.security.test_bombs import png

    found = client.post("/v1/predict", files=form(png(100_000, 100_000), picture("circle"))).json()
    bomb, good = found["predictions"]
    assert "too many" in bomb["error"] and good["label"] == "circle"


def test_a_video_has_a_timeline_and_a_long_one_is_refused(
    client: TestClient, model: mm.LocalImageModel, tmp_path: Path
) -> None:
    pytest.importorskip("av", reason="needs the extra 'video'")
    from tests.media import coloured

    short = coloured(tmp_path / "short.mp4", [("red", 1.0), ("blue", 1.0)])
    expected = model.detect(short, every=0.5, progress=False)
    answer = client.post("/v1/detect", params={"every": 0.5}, files={"file": ("short.mp4", short.read_bytes())})
    assert answer.status_code == 200, answer.text
    found = mm.Timeline.model_validate(answer.json())
    assert (found.source, found.duration, found.events) == ("short.mp4", expected.duration, expected.events)
    long = coloured(tmp_path / "long.mp4", [("red", 6.0)])
    answer = client.post("/v1/detect", files={"file": ("long.mp4", long.read_bytes())})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:mediaml:problem:too-large")
    answer = client.post("/v1/detect", files={"file": ("a.mp4", b"no video")})
    assert answer.status_code == 400, answer.text
