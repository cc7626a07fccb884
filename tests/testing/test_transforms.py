"""A batch transform of the offline AWS hears every file under a prefix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws, offline_aws
from tests.testing.containers import create_model, get, put, until

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        create_model(account, "model")
        yield account


def start(aws: OfflineAws, name: str, source: dict[str, str] | None = None, **more: Any) -> None:
    source = source or {"S3DataType": "S3Prefix", "S3Uri": f"s3://{aws.bucket}/{name}/in/"}
    aws.session.client("sagemaker").create_transform_job(
        TransformJobName=name,
        ModelName="model",
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "audio/wav"},
        TransformOutput={"S3OutputPath": f"s3://{aws.bucket}/{name}/out/", "Accept": "application/json"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **more,
    )


def ended(aws: OfflineAws, name: str) -> dict[str, Any]:
    client = aws.session.client("sagemaker")

    def over() -> bool:
        told = client.describe_transform_job(TransformJobName=name)
        return told["TransformJobStatus"] in ("Completed", "Failed", "Stopped")

    until(over, f"{name} ends")
    told: dict[str, Any] = client.describe_transform_job(TransformJobName=name)
    return told


def test_every_file_under_the_prefix_is_heard(aws: OfflineAws) -> None:
    put(aws, "all/in/a.wav", b"12345")
    put(aws, "all/in/deep/b.wav", b"1234567")
    start(aws, "all", Tags=[{"Key": "project", "Value": "tones"}])
    assert aws.running() == [("transform-job", "all")]
    told = ended(aws, "all")
    assert told["TransformJobStatus"] == "Completed"
    assert aws.running() == []
    for name, size in (("a.wav", 5), ("deep/b.wav", 7)):
        heard = json.loads(get(aws, f"s3://{aws.bucket}/all/out/{name}.out"))
        assert (heard["size"], heard["content_type"], heard["accept"]) == (size, "audio/wav", "application/json")
    client = aws.session.client("sagemaker")
    assert client.list_tags(ResourceArn=told["TransformJobArn"])["Tags"] == [{"Key": "project", "Value": "tones"}]
    assert told["ModelName"] == "model"


def test_only_the_files_of_a_manifest_are_heard(aws: OfflineAws) -> None:
    for name in ("a.wav", "deep/b.wav", "c.wav"):
        put(aws, f"listed/in/{name}", b"12345")
    lines = [{"prefix": f"s3://{aws.bucket}/listed/in/"}, "a.wav", "deep/b.wav"]
    put(aws, "listed/manifest", json.dumps(lines).encode())
    start(aws, "listed", {"S3DataType": "ManifestFile", "S3Uri": f"s3://{aws.bucket}/listed/manifest"})
    assert ended(aws, "listed")["TransformJobStatus"] == "Completed"
    rows = aws.session.client("s3").list_objects_v2(Bucket=aws.bucket, Prefix="listed/out/")["Contents"]
    assert [row["Key"] for row in rows] == ["listed/out/a.wav.out", "listed/out/deep/b.wav.out"]


def test_a_manifest_that_lists_what_is_not_there_fails_the_job(aws: OfflineAws) -> None:
    put(aws, "unlisted/manifest", json.dumps([{"prefix": f"s3://{aws.bucket}/unlisted/in/"}, "a.wav"]).encode())
    start(aws, "unlisted", {"S3DataType": "ManifestFile", "S3Uri": f"s3://{aws.bucket}/unlisted/manifest"})
    assert ended(aws, "unlisted")["TransformJobStatus"] == "Failed"


def test_a_file_that_the_model_refuses_fails_the_job(aws: OfflineAws) -> None:
    put(aws, "refused/in/a.wav", b"break")
    start(aws, "refused")
    told = ended(aws, "refused")
    assert told["TransformJobStatus"] == "Failed"
    assert told["FailureReason"] == "AlgorithmError: See job logs for more information"
    logs, group = aws.session.client("logs"), "/aws/sagemaker/TransformJobs"
    lines = [row["message"] for row in logs.filter_log_events(logGroupName=group)["events"]]
    assert any("RuntimeError: the network broke" in line for line in lines)


def test_a_file_may_be_as_large_as_the_job_allows(aws: OfflineAws) -> None:
    put(aws, "small/in/a.wav", bytes(MEGABYTE))
    start(aws, "small", MaxPayloadInMB=1)
    assert ended(aws, "small")["TransformJobStatus"] == "Completed"
    put(aws, "large/in/a.wav", bytes(MEGABYTE + 1))
    start(aws, "large", MaxPayloadInMB=1)
    told = ended(aws, "large")
    assert told["TransformJobStatus"] == "Failed"
    assert "MaxPayloadInMB" in told["FailureReason"]


def test_a_job_without_files_fails(aws: OfflineAws) -> None:
    start(aws, "empty")
    told = ended(aws, "empty")
    assert told["TransformJobStatus"] == "Failed"
    assert f"s3://{aws.bucket}/empty/in/" in told["FailureReason"]


def test_a_stopped_job_stops(aws: OfflineAws) -> None:
    for number in range(200):
        put(aws, f"many/in/{number:03d}.wav", b"x")
    start(aws, "many")
    client = aws.session.client("sagemaker")
    client.stop_transform_job(TransformJobName="many")
    assert ended(aws, "many")["TransformJobStatus"] == "Stopped"
    heard = aws.session.client("s3").list_objects_v2(Bucket=aws.bucket, Prefix="many/out/")["KeyCount"]
    assert heard < 200
    with pytest.raises(ClientError, match="ValidationException"):
        client.stop_transform_job(TransformJobName="many")


def test_names_are_given_once_and_models_must_exist(aws: OfflineAws) -> None:
    put(aws, "once/in/a.wav", b"x")
    client = aws.session.client("sagemaker")
    start(aws, "once")
    with pytest.raises(client.exceptions.ResourceInUse):
        start(aws, "once")
    ended(aws, "once")
    rows = client.list_transform_jobs(NameContains="onc")["TransformJobSummaries"]
    assert [(row["TransformJobName"], row["TransformJobStatus"]) for row in rows] == [("once", "Completed")]
    with pytest.raises(ClientError, match="ValidationException"):
        client.describe_transform_job(TransformJobName="never")
    create_model(aws, "short")
    client.delete_model(ModelName="short")
    with pytest.raises(ClientError, match="Could not find"):
        client.create_transform_job(
            TransformJobName="no-model",
            ModelName="short",
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/c"}}},
            TransformOutput={"S3OutputPath": "s3://b/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
