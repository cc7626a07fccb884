"""The edges of the offline AWS that need an account of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import pytest

from mediaml.testing import LocalToolkit, OfflineAws, offline_aws
from mediaml.testing.toolkit import Answer
from tests.testing.containers import (
    archive,
    create_endpoint,
    create_model,
    ended,
    job_request,
    log,
    put,
    status,
    until,
    up,
)


def with_script(aws: OfflineAws, name: str, script: str) -> dict[str, object]:
    request = job_request(aws, name)
    where = put(aws, f"code/{name}.tar.gz", archive({"train.py": script}))
    request["HyperParameters"]["sagemaker_submit_directory"] = json.dumps(where)
    return request


def account() -> Iterator[OfflineAws]:
    with offline_aws() as aws:
        yield aws


def test_jobs_that_start_together_share_their_log_group() -> None:
    with offline_aws() as aws:
        client = aws.session.client("sagemaker")
        names = [f"together-{number}" for number in range(6)]
        for request in [with_script(aws, name, "print('here')") for name in names]:
            client.create_training_job(**request)
        for name in names:
            told = ended(aws, name)
            assert told["TrainingJobStatus"] == "Completed", told.get("FailureReason")
            assert log(aws, name) == ["here"]


class Dead(LocalToolkit):
    """Servers that are up, and gone when they are asked."""

    def serve(self, base: Path, environment: Mapping[str, str]) -> Gone:  # type: ignore[override]
        return Gone()


class Gone:
    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        raise TimeoutError("no answer")

    def output(self) -> str:
        return ""

    def close(self) -> None:
        pass


def test_a_container_that_does_not_answer_is_a_model_error() -> None:
    with offline_aws(toolkit=Dead()) as aws:
        create_endpoint(aws, "dead", "async")
        up(aws, "dead")
        runtime = aws.session.client("sagemaker-runtime")
        with pytest.raises(runtime.exceptions.ModelError) as refused:
            runtime.invoke_endpoint(EndpointName="dead", Body=b"x")
        assert refused.value.response["OriginalStatusCode"] == 0
        made = runtime.invoke_endpoint_async(EndpointName="dead", InputLocation=put(aws, "in/x", b"x"))
        until(lambda: _exists(aws, made["FailureLocation"]), "the failure is told")


def test_leaving_does_not_wait_for_an_endpoint_that_is_coming_up() -> None:
    with offline_aws() as aws:
        create_endpoint(aws, "slow", inference="import time; time.sleep(60)")
        until(lambda: list(aws.ledger.parent.glob("serve*/port*")), "it is coming up")
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


def test_states_of_endpoints_and_transforms_can_be_seen_one_by_one() -> None:
    with offline_aws() as aws:
        aws.step_states()
        client = aws.session.client("sagemaker")
        create_endpoint(aws, "stepped")
        until(lambda: aws._endpoints.endpoints["stepped"].status == "InService", "the server is up")
        assert [status(aws, "stepped") for _ in range(3)] == ["Creating", "InService", "InService"]
        put(aws, "in/a", b"x")
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{aws.bucket}/in/"}}
        client.create_transform_job(
            TransformJobName="t",
            ModelName="stepped",
            TransformInput={"DataSource": source},
            TransformOutput={"S3OutputPath": f"s3://{aws.bucket}/out/"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        until(lambda: aws.running() == [("endpoint", "stepped")], "the transform ends")
        seen = [client.describe_transform_job(TransformJobName="t")["TransformJobStatus"] for _ in range(3)]
        assert seen == ["InProgress", "Completed", "Completed"]
        told = client.describe_transform_job(TransformJobName="t")
        assert told["TransformStartTime"] <= told["TransformEndTime"]


def test_the_users_own_settings_of_aws_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")
    with offline_aws() as aws:
        create_model(aws, "here")
        assert aws.session.get_credentials().token != "mine"
        assert boto3.Session().client("sts").get_caller_identity()["Account"] == aws.account


def _exists(aws: OfflineAws, uri: str) -> bool:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bool(aws.session.client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))
