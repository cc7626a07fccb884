"""The offline Custom Labels: requests that are refused, states, pages, limits. With plain boto3."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from mediaml.testing import OfflineAws, SteppedClock, offline_aws
from tests.colours import colour_fit
from tests.testing.rekognition.lives import dataset, described, line, manifest, pictures, png, project, put, version


def refused(call: Any, **request: Any) -> str:
    """The code with which a request is refused."""
    with pytest.raises(ClientError) as raised:
        call(**request)
    return str(raised.value.response["Error"]["Code"])


@pytest.fixture
def client(aws: OfflineAws) -> Any:
    return aws.session.client("rekognition")


def plain(side: int) -> bytes:
    """A large picture of few bytes."""
    out = io.BytesIO()
    Image.new("RGB", (side, side // 8)).save(out, "PNG")
    return out.getvalue()


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_project", {"ProjectName": "a b"}),
        ("create_project", {"ProjectName": "x" * 256}),
        ("create_project", {"ProjectName": "x", "Feature": "CONTENT_MODERATION"}),
        ("create_project", {"ProjectName": "x", "Feature": "NONE"}),
        ("create_project", {"ProjectName": "x", "Tags": {"aws:x": "y"}}),
        ("describe_projects", {"MaxResults": 101}),
        ("describe_dataset", {"DatasetArn": "arn:aws:rekognition:us-east-1:123456789012:project/x/1"}),
        ("start_project_version", {"ProjectVersionArn": "x" * 30, "MinInferenceUnits": 1}),
        ("detect_custom_labels", {"ProjectVersionArn": "x" * 30, "Image": {}}),
    ],
)
def test_what_botocore_lets_through_is_refused(client: Any, operation: str, request_: dict[str, Any]) -> None:
    assert refused(getattr(client, operation), **request_) == "InvalidParameterException"


def test_names_are_taken_once(aws: OfflineAws) -> None:
    client, arn = project(aws)
    assert refused(client.create_project, ProjectName="colours") == "ResourceInUseException"
    assert refused(client.create_dataset, ProjectArn=arn, DatasetType="TRAIN") == "ResourceAlreadyExistsException"
    version(aws, client, arn)
    output = {"S3Bucket": aws.bucket, "S3KeyPrefix": ""}
    assert (
        refused(client.create_project_version, ProjectArn=arn, VersionName="v1", OutputConfig=output)
        == "ResourceInUseException"
    )
    assert refused(client.delete_project, ProjectArn=arn) == "ResourceInUseException"


def test_what_is_not_there_is_not_found(aws: OfflineAws, client: Any) -> None:
    base = f"arn:aws:rekognition:us-east-1:{aws.account}:project"
    for call, request in (
        (client.delete_project, {"ProjectArn": f"{base}/x/1"}),
        (client.describe_dataset, {"DatasetArn": f"{base}/x/dataset/train/1"}),
        (client.describe_project_versions, {"ProjectArn": f"{base}/x/1"}),
        (client.stop_project_version, {"ProjectVersionArn": f"{base}/x/version/v/1"}),
        (client.list_tags_for_resource, {"ResourceArn": f"{base}/x/version/v/1"}),
    ):
        assert refused(call, **request) == "ResourceNotFoundException"
    assert client.describe_projects(ProjectNames=["none"])["ProjectDescriptions"] == []


def test_a_manifest_that_cannot_be_read_is_refused(aws: OfflineAws, client: Any) -> None:
    arn = client.create_project(ProjectName="x")["ProjectArn"]
    missing = {"GroundTruthManifest": {"S3Object": {"Bucket": aws.bucket, "Name": "none.manifest"}}}
    assert (
        refused(client.create_dataset, ProjectArn=arn, DatasetType="TRAIN", DatasetSource=missing)
        == "InvalidS3ObjectException"
    )
    there = manifest(aws, "some.manifest", pictures(aws, "some"))
    aws.rekognition.forbidden.add(aws.bucket)
    assert (
        refused(client.create_dataset, ProjectArn=arn, DatasetType="TRAIN", DatasetSource=there)
        == "InvalidS3ObjectException"
    )


def test_a_training_needs_both_datasets(aws: OfflineAws, client: Any) -> None:
    arn = client.create_project(ProjectName="x")["ProjectArn"]
    request = {"ProjectArn": arn, "VersionName": "v", "OutputConfig": {"S3Bucket": aws.bucket, "S3KeyPrefix": ""}}
    assert refused(client.create_project_version, **request) == "InvalidParameterException"
    source = manifest(aws, "some.manifest", pictures(aws, "some"))
    client.create_dataset(ProjectArn=arn, DatasetType="TRAIN", DatasetSource=source)
    assert refused(client.create_project_version, **request) == "InvalidParameterException"
    assert client.describe_project_versions(ProjectArn=arn)["ProjectVersionDescriptions"] == []


# -- datasets ---------------------------------------------------------------------------------------------------------


def test_bad_lines_are_dropped_without_a_word_and_others_told(aws: OfflineAws, client: Any) -> None:
    arn = client.create_project(ProjectName="x")["ProjectArn"]
    good = pictures(aws, "some")
    bad = [good[0], "no JSON", line(f"s3://{aws.bucket}/y.png", "x" * 300)]
    found = client.create_dataset(
        ProjectArn=arn, DatasetType="TRAIN", DatasetSource=manifest(aws, "m.manifest", [*good, *bad])
    )["DatasetArn"]
    stats = client.describe_dataset(DatasetArn=found)["DatasetDescription"]["DatasetStats"]
    assert stats == {"LabeledEntries": 12, "TotalEntries": 13, "TotalLabels": 3, "ErrorEntries": 1}
    (told,) = client.list_dataset_entries(DatasetArn=found, HasErrors=True)["DatasetEntries"]
    assert json.loads(told)["errors"][0]["code"] == "ERROR_INVALID_LABEL_NAME_LENGTH"
    red = client.list_dataset_entries(DatasetArn=found, ContainsLabels=["red"], SourceRefContains="/red/")
    assert len(red["DatasetEntries"]) == 4
    assert client.list_dataset_entries(DatasetArn=found, Labeled=False)["DatasetEntries"] == [told]
    labels = client.list_dataset_labels(DatasetArn=found)["DatasetLabelDescriptions"]
    assert {one["LabelName"]: one["LabelStats"]["EntryCount"] for one in labels} == dict.fromkeys(
        ("red", "green", "blue"), 4
    )


def test_entries_are_replaced_by_their_picture(aws: OfflineAws) -> None:
    client, _arn = project(aws)
    train = dataset(client, "colours")
    changed = line(f"s3://{aws.bucket}/colours/TRAIN/red/0.png", "blue")
    client.update_dataset_entries(DatasetArn=train, Changes={"GroundTruth": f"{changed}\n".encode()})
    stats = client.describe_dataset(DatasetArn=train)["DatasetDescription"]
    assert stats["Status"] == "UPDATE_COMPLETE" and stats["DatasetStats"]["TotalEntries"] == 12
    assert len(client.list_dataset_entries(DatasetArn=train, ContainsLabels=["blue"])["DatasetEntries"]) == 5


def test_a_dataset_that_moves_is_left_alone(aws: OfflineAws) -> None:
    client, arn = project(aws)
    train = dataset(client, "colours")
    aws.rekognition.pace = "by hand"
    client.update_dataset_entries(DatasetArn=train, Changes={"GroundTruth": b"{}"})
    assert (
        refused(client.update_dataset_entries, DatasetArn=train, Changes={"GroundTruth": b"{}"})
        == "ResourceInUseException"
    )
    assert refused(client.list_dataset_entries, DatasetArn=train) == "ResourceInUseException"
    assert refused(client.delete_dataset, DatasetArn=train) == "ResourceInUseException"
    output = {"S3Bucket": aws.bucket, "S3KeyPrefix": ""}
    assert (
        refused(client.create_project_version, ProjectArn=arn, VersionName="v", OutputConfig=output)
        == "ResourceInUseException"
    )
    aws.rekognition.step()
    assert client.list_dataset_entries(DatasetArn=train)["DatasetEntries"]


def test_pages_are_followed_by_their_tokens(aws: OfflineAws) -> None:
    client, _ = project(aws)
    train = dataset(client, "colours")
    pages = [
        page["DatasetEntries"]
        for page in client.get_paginator("list_dataset_entries").paginate(
            DatasetArn=train, PaginationConfig={"PageSize": 5}
        )
    ]
    assert [len(one) for one in pages] == [5, 5, 2] and len({one for page in pages for one in page}) == 12
    assert (
        refused(client.list_dataset_entries, DatasetArn=train, NextToken="bm9uZQ==")
        == "InvalidPaginationTokenException"
    )


# -- states -----------------------------------------------------------------------------------------------------------


def test_states_by_hand(aws: OfflineAws) -> None:
    client, arn = project(aws)
    aws.rekognition.pace = "by hand"
    assert version(aws, client, arn)["Status"] == "TRAINING_IN_PROGRESS"
    assert described(client, arn)["Status"] == "TRAINING_IN_PROGRESS"
    aws.rekognition.step()
    found = described(client, arn)
    assert found["Status"] == "TRAINING_COMPLETED" and found["BillableTrainingTimeInSeconds"] >= 0
    trained = found["ProjectVersionArn"]
    client.start_project_version(ProjectVersionArn=trained, MinInferenceUnits=1)
    for call in (client.start_project_version, client.stop_project_version, client.delete_project_version):
        more = {"MinInferenceUnits": 1} if call == client.start_project_version else {}
        assert refused(call, ProjectVersionArn=trained, **more) == "ResourceInUseException"
    asked = {"ProjectVersionArn": trained, "Image": {"Bytes": png("red", 1)}}
    assert refused(client.detect_custom_labels, **asked) == "ResourceNotReadyException"
    aws.rekognition.step()
    assert client.detect_custom_labels(**asked)["CustomLabels"][0]["Name"] == "red"
    client.stop_project_version(ProjectVersionArn=trained)
    assert refused(client.detect_custom_labels, **asked) == "ResourceNotReadyException"
    assert described(client, arn)["Status"] == "STOPPING"
    aws.rekognition.step()
    assert described(client, arn)["Status"] == "STOPPED"


def test_states_by_the_clock() -> None:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit = colour_fit
        client, arn = project(aws)
        aws.rekognition.pace = "by clock"
        assert version(aws, client, arn)["Status"] == "TRAINING_IN_PROGRESS"
        aws.clock.sleep(3599)
        assert described(client, arn)["Status"] == "TRAINING_IN_PROGRESS"
        aws.clock.sleep(1)
        found = described(client, arn)
        assert found["Status"] == "TRAINING_COMPLETED" and found["BillableTrainingTimeInSeconds"] == 3600


def test_who_looks_at_projects_only_sees_datasets_come_and_go(aws: OfflineAws) -> None:
    client, arn = project(aws)
    aws.step_states()

    def states() -> list[str]:
        (found,) = client.describe_projects()["ProjectDescriptions"]
        return [one["Status"] for one in found["Datasets"]]

    client.delete_dataset(DatasetArn=dataset(client, "colours", "TEST"))
    assert [states(), states()] == [["CREATE_COMPLETE", "DELETE_IN_PROGRESS"], ["CREATE_COMPLETE"]]
    client.create_dataset(ProjectArn=arn, DatasetType="TEST")
    assert [states(), states()] == [["CREATE_COMPLETE", one] for one in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE")]


def test_states_by_look(aws: OfflineAws) -> None:
    aws.step_states()
    client = aws.session.client("rekognition")
    client.create_project(ProjectName="x")
    states = [client.describe_projects()["ProjectDescriptions"][0]["Status"] for _ in range(3)]
    assert states == ["CREATING", "CREATED", "CREATED"]


# -- asking -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(aws: OfflineAws) -> tuple[OfflineAws, Any, str]:
    client, arn = project(aws)
    trained = version(aws, client, arn)["ProjectVersionArn"]
    client.start_project_version(ProjectVersionArn=trained, MinInferenceUnits=2)
    described(client, arn)
    return aws, client, trained


def test_confidences_and_results_are_limited(running: tuple[OfflineAws, Any, str]) -> None:
    _, client, arn = running
    image = {"Bytes": png("red", 3)}

    def names(**request: Any) -> list[str]:
        found = client.detect_custom_labels(ProjectVersionArn=arn, Image=image, **request)["CustomLabels"]
        assert [one["Confidence"] for one in found] == sorted((one["Confidence"] for one in found), reverse=True)
        return [one["Name"] for one in found]

    assert names() == ["red"], "the model's own thresholds"
    assert len(names(MinConfidence=0)) == 3 and names(MinConfidence=0)[0] == "red"
    assert names(MinConfidence=0, MaxResults=2)[0] == "red" and len(names(MinConfidence=0, MaxResults=2)) == 2
    assert names(MaxResults=0) == []


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (lambda aws: {}, "InvalidParameterException"),
        (lambda aws: {"Bytes": b"none"}, "InvalidImageFormatException"),
        (lambda aws: {"Bytes": b"x" * (4 * 1024 * 1024 + 1)}, "ImageTooLargeException"),
        (lambda aws: {"Bytes": png("red", 1, 63)}, "InvalidParameterException"),
        (lambda aws: {"Bytes": plain(4097)}, "ImageTooLargeException"),
        (lambda aws: {"S3Object": {"Bucket": aws.bucket, "Name": "none.png"}}, "InvalidS3ObjectException"),
        (lambda aws: {"S3Object": {"Bucket": "no-such-bucket", "Name": "x.png"}}, "InvalidS3ObjectException"),
    ],
    ids=["nothing", "no picture", "5 MB", "small", "large", "no file", "no bucket"],
)
def test_pictures_that_are_not_taken(running: tuple[OfflineAws, Any, str], image: Any, code: str) -> None:
    aws, client, arn = running
    assert refused(client.detect_custom_labels, ProjectVersionArn=arn, Image=image(aws)) == code


def test_pictures_on_s3_are_taken(running: tuple[OfflineAws, Any, str]) -> None:
    aws, client, arn = running
    at = put(aws, "a/green.png", png("green", 1))
    found = client.detect_custom_labels(ProjectVersionArn=arn, Image={"S3Object": at})["CustomLabels"]
    assert found[0]["Name"] == "green" and "Geometry" not in found[0]


def test_units_are_what_is_answered_in_a_second(
    running: tuple[OfflineAws, Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws, _client, arn = running
    clock = SteppedClock()
    monkeypatch.setattr(aws.rekognition._account, "clock", clock)
    aws.rekognition.calls_per_second = 3

    def answered(calls: int) -> int:
        from botocore.config import Config

        once = aws.session.client("rekognition", config=Config(retries={"total_max_attempts": 1}))
        done = 0
        for _ in range(calls):
            try:
                once.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": png("red", 1)})
                done += 1
            except once.exceptions.ProvisionedThroughputExceededException:
                continue
        return done

    assert answered(20) == 6, "two units of three"
    clock.sleep(0.5)
    assert answered(20) == 3
    clock.sleep(100)
    assert answered(20) == 6, "what was not used is lost"
