"""A running version: what is sent of an item, thresholds, what runs already, and what closing leaves."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.backends.rekognition.names import KEEP
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import colour_fit, painted

NOWHERE = ["s3:///a.png", "s3://bucket"]


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        yield aws, rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


@pytest.fixture
def aws(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> Iterator[OfflineAws]:
    yield fitted[0]
    fitted[0].heal()
    client = fitted[0].session.client("rekognition")
    if fitted[0].rekognition.running():
        client.stop_project_version(ProjectVersionArn=fitted[1].arn)
        fitted[1].status()
    client.untag_resource(ResourceArn=fitted[1].arn, TagKeys=[KEEP])
    fitted[0].ledger.write_text("")


@pytest.fixture
def model(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> mm.RekognitionModel:
    return fitted[1]


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def last_image(aws: OfflineAws) -> dict[str, Any]:
    """What was sent of the last picture."""
    return next(call for call in reversed(aws.calls) if call.operation == "DetectCustomLabels").parameters["Image"]


# -- what is sent -----------------------------------------------------------------------------------------------------


def large() -> Image.Image:
    """A red picture of more than 4 MB."""
    noise = np.random.RandomState(0).randint(-40, 41, (1400, 1400, 3))
    return Image.fromarray((np.array([200, 50, 50]) + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("a GIF", lambda: saved(painted("red", 1), "GIF")),
        ("a WebP", lambda: saved(painted("red", 1), "WEBP")),
        ("5,000 pixels wide", lambda: saved(painted("red", 1).resize((5000, 400)), "JPEG")),
        ("grey levels as fractions", lambda: np.asarray(painted("red", 1)) / 255),
        ("an image of Pillow's", lambda: painted("red", 1)),
        ("see-through", lambda: painted("red", 1).convert("RGBA")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_service_does_not_take_is_made_so(
    aws: OfflineAws, model: mm.RekognitionModel, kind: str, item: Any
) -> None:
    with model.deploy() as running:
        assert running.predict(item()).label == "red", kind
        assert "Bytes" in last_image(aws)


def test_jpeg_and_png_go_as_they_are(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    import base64

    with model.deploy() as running:
        for content in (saved(painted("red", 1), "PNG"), saved(painted("red", 1), "JPEG")):
            assert running.predict(content).label == "red"
            assert base64.b64decode(last_image(aws)["Bytes"]) == content


def test_more_than_4_mb_goes_by_s3_where_there_is_a_bucket(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    content = saved(large(), "PNG")
    assert len(content) > 4_000_000
    with model.deploy() as running:
        assert running.predict(content).label == "red"
        assert last_image(aws)["S3Object"]["Name"].startswith("mediaml/colours/requests/")
        connected = mm.connect(model.arn, session=aws.session)
        assert connected.predict(content).label == "red"
        assert "Bytes" in last_image(aws), "without a bucket it is made smaller"


def test_a_picture_on_s3_is_not_downloaded(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    client = aws.session.client("s3")
    client.put_object(Bucket=aws.bucket, Key="some/red.png", Body=saved(painted("red", 5), "PNG"))
    turned = painted("red", 5).resize((200, 100))
    exif = turned.getexif()
    exif[0x0112] = 6
    client.put_object(Bucket=aws.bucket, Key="some/turned.jpg", Body=saved(turned, "JPEG", exif=exif))
    with model.deploy() as running:
        one = running.predict(f"s3://{aws.bucket}/some/red.png")
        assert one.label == "red" and (one.width, one.height) == (80, 80)
        assert last_image(aws) == {"S3Object": {"Bucket": aws.bucket, "Name": "some/red.png"}}
        one = running.predict(f"s3://{aws.bucket}/some/turned.jpg")
        assert (one.width, one.height) == (100, 200) and "Bytes" in last_image(aws), "it is sent as a person sees it"
        with pytest.raises(mm.errors.ImageError, match=r"no-such\.png"):
            running.predict(f"s3://{aws.bucket}/no-such.png")


def test_bad_items_are_told_in_their_place(aws: OfflineAws, model: mm.RekognitionModel, tmp_path: Path) -> None:
    strip = Image.new("RGB", (4000, 80))
    strip.putpixel((0, 0), (255, 255, 255))
    good = saved(painted("blue", 1), "PNG")
    items: list[bytes | str | Path] = [good, b"", tmp_path / "none.png", saved(strip, "PNG"), *NOWHERE, good]
    with model.deploy() as running:
        found = running.predict(items, on_error="skip")
    assert [one.error is None for one in found] == [True, *[False] * 5, True]
    assert "20 to 1" in (found[3].error or "")
    assert [one.source for one in found[4:6]] == NOWHERE and "s3://bucket/key" in (found[4].error or "")


def test_files_are_read_in_turn(aws: OfflineAws, model: mm.RekognitionModel, tmp_path: Path) -> None:
    """A generator may close each file as soon as it has given it away."""
    for number, label in enumerate(("red", "green", "blue", "red")):
        painted(label, 1).save(tmp_path / f"{number}.png")

    def files() -> Iterator[Any]:
        for path in sorted(tmp_path.glob("*.png")):
            with path.open("rb") as file:
                yield file

    with model.deploy() as running:
        assert [one.label for one in running.predict(files())] == ["red", "green", "blue", "red"]


# -- thresholds -------------------------------------------------------------------------------------------------------


def test_thresholds_are_the_services_own_or_the_users(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    own = model.service_evaluation.thresholds
    red = saved(painted("red", 7), "PNG")
    with model.deploy(thresholds={"red": 1.0}) as running:
        assert running.thresholds == {**own, "red": 1.0}
        told = running.predict(red)
        assert told.label is None and told.reason == "low_confidence" and told.alternatives[0].label == "red"
        running.thresholds = own
        assert running.predict(red).label == "red"
        with pytest.raises(mm.errors.AwsValidationError, match="no label mauve"):
            running.thresholds = {"mauve": 0.5}
        with pytest.raises(mm.errors.AwsValidationError, match="from 0 to 1"):
            running.thresholds = {"red": 50}
        running.thresholds = None
        assert running.predict(red).label == "red"
        assert "MinConfidence" not in aws.calls[-1].parameters, "the service applies its own"
        connected = mm.connect(model.arn, session=aws.session, thresholds={"red": 0.0, "green": 1.0})
        assert connected.predict(red).labels == ("red",)
    with pytest.raises(mm.errors.AwsValidationError):
        model.deploy(thresholds={"mauve": 0.5})


# -- what costs -------------------------------------------------------------------------------------------------------


def test_nothing_is_started_by_asking(aws: OfflineAws, model: mm.RekognitionModel, parts: Parts) -> None:
    for verb in (lambda: model.predict(parts.test), lambda: model.evaluate(parts.test)):
        with pytest.raises(mm.errors.NotDeployedError, match="not deployed"):
            verb()
    with pytest.raises(mm.errors.NotDeployedError, match="does not run"):
        mm.connect(model.arn, session=aws.session).predict(saved(painted("red", 1), "PNG"))
    assert aws.running() == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"max_hours": None}, "give max_hours="),
        ({"max_hours": 0}, "above 0"),
        ({"inference_units": 0}, "1 or more"),
        ({"inference_units": 3, "max_inference_units": 2}, "at least as many"),
    ],
)
def test_what_would_cost_without_an_end_is_refused(
    aws: OfflineAws, model: mm.RekognitionModel, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(mm.errors.AwsValidationError, match=reason):
        model.deploy(**arguments)
    assert aws.running() == []


def test_what_it_costs_is_said_before_it_starts(
    aws: OfflineAws, model: mm.RekognitionModel, capsys: pytest.CaptureFixture[str]
) -> None:
    with model.deploy(2, max_inference_units=5, max_hours=0.5):
        told = capsys.readouterr().err
        assert "2 to 5 inference units, billed by the hour, idle or not" in told and "0.5 hours" in told
        status = model.status()
        assert (status.units, status.max_units, status.bills) == (2, 5, True)


def test_units_of_a_version_that_runs_already_are_told(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    with model.deploy(2, max_hours=1), pytest.warns(UserWarning, match="with 2 inference units: close it first .* 3"):
        model.deploy(3, max_hours=1)


def test_it_ends_when_its_time_is_over(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    import time

    running = model.deploy(max_hours=1e-5)
    for _ in range(2000):
        if not Ledger(aws.ledger).standing():
            break
        time.sleep(0.02)
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []
    running.close()


def test_a_version_that_runs_unknown_to_the_ledger_is_warned_of_and_left_alone(
    aws: OfflineAws, model: mm.RekognitionModel
) -> None:
    aws.session.client("rekognition").start_project_version(ProjectVersionArn=model.arn, MinInferenceUnits=1)
    model.status()
    with pytest.warns(UserWarning, match="ran already, and this machine's ledger does not have it"):
        running = model.deploy()
    assert running.predict(saved(painted("red", 1), "PNG")).label == "red"
    running.close()
    assert len(aws.running()) == 1


def test_one_that_is_to_stay_stays(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    model.deploy(keep=True).close()
    assert len(aws.running()) == 1
    (line,) = Ledger(aws.ledger).standing()
    assert line.keep and line.resource.kind == "rekognition-model"
    with model.deploy(max_hours=1):
        pass
    assert len(aws.running()) == 1, "somebody said that it stays"


def test_what_is_said_of_a_start_ends_with_it(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    """A version that was to stay, and was stopped, does not stay when it is started for an hour."""
    model.deploy(keep=True)
    aws.session.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
    model.deploy(max_hours=1).close()
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []


def test_a_closed_deployment_is_closed(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    running = model.deploy()
    with pytest.raises(TypeError, match=r"mm\.connect"):
        pickle.dumps(running)
    running.close()
    running.close()
    assert running.closed and "closed" in repr(running)
    with pytest.raises(mm.errors.NotDeployedError, match="was closed"):
        running.predict(b"x")


def test_a_running_version_is_not_deleted(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    with model.deploy():
        for everything in (False, True):
            with pytest.raises(mm.errors.AwsNotReadyError, match="stop it"):
                model.delete(project=everything)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("arn:aws:rekognition:us-east-1:1:project/x", {}, "is not the ARN of a version"),
        ("arn:aws:rekognition:us-east-1:123456789012:project/x/version/v/1", {"kind": "async"}, "kind is of"),
        ("an-endpoint", {"thresholds": {}}, "thresholds are of"),
    ],
)
def test_connecting_is_to_one_service_or_the_other(
    aws: OfflineAws, name: str, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(mm.errors.AwsValidationError, match=reason):
        mm.connect(name, session=aws.session, **arguments)


def test_a_version_is_connected_to_in_its_own_region(aws: OfflineAws) -> None:
    arn = "arn:aws:rekognition:eu-west-1:123456789012:project/x/version/v/1"
    with pytest.raises(mm.errors.AwsValidationError, match="eu-west-1"):
        mm.connect(arn, session=aws.session)
    connected = mm.connect(arn)
    with pytest.raises(mm.errors.NotDeployedError, match="no version x/v any more"):
        connected.predict(saved(painted("red", 1), "PNG"))
    connected.close()


def test_a_service_that_only_asks_needs_no_other_right(aws: OfflineAws, model: mm.RekognitionModel) -> None:
    arn = model.arn
    with model.deploy():
        first = len(aws.calls)
        connected = mm.connect(arn, session=aws.session)
        connected.predict([saved(painted("red", 1), "PNG")] * 3)
        connected.close()
        assert {(call.service, call.operation) for call in aws.calls[first:]} == {("rekognition", "DetectCustomLabels")}


def test_a_picture_that_shows_nothing_counts_in_a_report_and_is_not_asked_about(model, aws, parts, tmp_path):
    red, blank = tmp_path / "red.png", tmp_path / "blank.png"
    painted("red", 5).save(red)
    Image.new("RGB", (64, 64), (90, 90, 90)).save(blank)
    rows = pd.DataFrame({"path": [str(red), str(blank)], "label": ["red", "red"]})

    with model.deploy(max_hours=1, unattended_ok=True) as endpoint:
        seen = endpoint.predict(blank)
        report = model.evaluate(mm.ImageDataset.from_table(rows))

    assert (seen.label, seen.reason, seen.confidence) == (None, "blank", 0.0)
    assert {one.label for one in seen.alternatives} == set(model.labels)
    assert len(report.outcomes) == 2
    assert report.coverage == 0.5
