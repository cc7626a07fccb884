"""An endpoint of the offline AWS really answers, within AWS's limits and in AWS's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws, offline_aws
from tests.testing.containers import config, create_endpoint, create_model, get, put, status, until, up

REALTIME, SERVERLESS = 6291456, 4194304
OCTETS = "application/octet-stream"


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        for kind in ("realtime", "serverless", "async"):
            create_endpoint(account, kind, kind)
        for kind in ("realtime", "serverless", "async"):
            up(account, kind)
        yield account


def ask(aws: OfflineAws, name: str, body: bytes, content_type: str = OCTETS, accept: str = "*/*") -> Any:
    client = aws.session.client("sagemaker-runtime")
    return client.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=accept)


def said(aws: OfflineAws, name: str, body: bytes, content_type: str = OCTETS, accept: str = "*/*") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ask(aws, name, body, content_type, accept)["Body"].read())
    return told


def test_an_endpoint_comes_up_answers_and_is_gone(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    create_endpoint(aws, "brief")
    assert ("endpoint", "brief") in aws.running()
    assert status(aws, "brief") in ("Creating", "InService")
    client.get_waiter("endpoint_in_service").wait(EndpointName="brief", WaiterConfig={"Delay": 0, "MaxAttempts": 2000})
    assert said(aws, "brief", b"abc")["model"] == "little"
    client.delete_endpoint(EndpointName="brief")
    assert ("endpoint", "brief") not in aws.running()
    for gone in (client.describe_endpoint, client.delete_endpoint):
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find"):
            gone(EndpointName="brief")
    client.get_waiter("endpoint_deleted").wait(EndpointName="brief")
    with pytest.raises(ClientError, match="ValidationError"):
        ask(aws, "brief", b"abc")


def test_bodies_reach_the_model_as_aws_hands_them_over(aws: OfflineAws) -> None:
    told = said(aws, "realtime", bytes(range(256)), "audio/wav")
    assert told["type"] == "bytearray"
    assert told["size"] == 256
    assert told["content_type"] == "audio/wav"
    assert told["accept"] == "application/json"
    assert told["mediaml"] is False, "the model brings its own code"
    assert said(aws, "realtime", b"{}", "application/json")["type"] == "str"
    assert said(aws, "realtime", b"a,b", "text/csv")["type"] == "str"
    assert said(aws, "realtime", b"{}", "application/json; charset=utf-8")["type"] == "bytearray"
    assert said(aws, "realtime", b"x", accept="application/x-npy")["accept"] == "application/x-npy"


def test_an_answer_may_be_any_bytes_of_any_type(aws: OfflineAws) -> None:
    answer = ask(aws, "realtime", b"raw")
    assert answer["ContentType"] == OCTETS
    assert answer["Body"].read() == bytes(range(256))


@pytest.mark.parametrize(("name", "most"), [("realtime", REALTIME), ("serverless", SERVERLESS)])
def test_a_request_may_be_as_large_as_its_kind_of_endpoint_allows(aws: OfflineAws, name: str, most: int) -> None:
    assert said(aws, name, bytes(most))["size"] == most
    with pytest.raises(ClientError) as refused:
        ask(aws, name, bytes(most + 1))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@pytest.mark.parametrize(
    ("body", "code", "words"), [(b"refuse", 415, "no such sound"), (b"break", 500, "RuntimeError: the network broke")]
)
def test_what_the_container_refuses_is_a_model_error(aws: OfflineAws, body: bytes, code: int, words: str) -> None:
    client = aws.session.client("sagemaker-runtime")
    with pytest.raises(client.exceptions.ModelError) as refused:
        client.invoke_endpoint(EndpointName="realtime", Body=body)
    told = refused.value.response
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert told["OriginalStatusCode"] == code
    assert words in told["OriginalMessage"]
    assert "/aws/sagemaker/Endpoints/realtime" in told["LogStreamArn"]
    assert f"Received server error ({code}) from primary" in told["Error"]["Message"]
    assert said(aws, "realtime", b"after it")["size"] == 8, "the endpoint goes on"


def test_a_model_that_does_not_load_fails_its_endpoint(aws: OfflineAws) -> None:
    create_endpoint(aws, "broken", inference="raise ImportError('no such module')")
    up(aws, "broken")
    told = aws.session.client("sagemaker").describe_endpoint(EndpointName="broken")
    assert told["EndpointStatus"] == "Failed"
    assert "no such module" in told["FailureReason"]
    assert ("endpoint", "broken") in aws.running(), "a failed endpoint exists until it is deleted"
    with pytest.raises(ClientError, match="ValidationError"):
        ask(aws, "broken", b"abc")
    aws.session.client("sagemaker").delete_endpoint(EndpointName="broken")


def test_an_endpoint_that_is_not_up_yet_does_not_answer(aws: OfflineAws) -> None:
    create_endpoint(aws, "slow", inference="import time; time.sleep(1)")
    assert status(aws, "slow") == "Creating"
    with pytest.raises(ClientError, match="ValidationError"):
        ask(aws, "slow", b"abc")


def test_an_asynchronous_answer_is_in_the_bucket(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker-runtime")
    where = put(aws, "asked/sound", bytes(range(256)))
    made = client.invoke_endpoint_async(EndpointName="async", InputLocation=where, ContentType="audio/wav")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert made["OutputLocation"].startswith(f"s3://{aws.bucket}/said/")
    until(lambda: exists(aws, made["OutputLocation"]), "there is an answer")
    told = json.loads(get(aws, made["OutputLocation"]))
    assert (told["size"], told["content_type"]) == (256, "audio/wav")
    assert not exists(aws, made["FailureLocation"])


def test_what_fails_asynchronously_is_where_failures_go(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker-runtime")
    made = client.invoke_endpoint_async(EndpointName="async", InputLocation=put(aws, "asked/bad", b"refuse"))
    assert made["FailureLocation"].startswith(f"s3://{aws.bucket}/unsaid/")
    until(lambda: exists(aws, made["FailureLocation"]), "the failure is told")
    assert b"no such sound" in get(aws, made["FailureLocation"])
    assert not exists(aws, made["OutputLocation"])
    with pytest.raises(ClientError, match="ValidationError"):
        client.invoke_endpoint_async(EndpointName="realtime", InputLocation=put(aws, "asked/bad", b"x"))


def test_names_are_given_once(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    with pytest.raises(ClientError, match=r"ValidationException.*Cannot create already existing"):
        create_model(aws, "realtime")
    with pytest.raises(ClientError, match=r"ValidationException.*Cannot create already existing"):
        client.create_endpoint_config(EndpointConfigName="realtime", **config(aws, "realtime", "realtime"))
    with pytest.raises(ClientError, match=r"ValidationException.*Cannot create already existing"):
        client.create_endpoint(EndpointName="realtime", EndpointConfigName="realtime")


def test_what_is_missing_is_said_to_be_missing(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    asks = (
        lambda: client.describe_model(ModelName="none"),
        lambda: client.delete_model(ModelName="none"),
        lambda: client.describe_endpoint_config(EndpointConfigName="none"),
        lambda: client.delete_endpoint_config(EndpointConfigName="none"),
        lambda: client.create_endpoint_config(EndpointConfigName="new", **config(aws, "none", "realtime")),
        lambda: client.create_endpoint(EndpointName="new", EndpointConfigName="none"),
        lambda: client.describe_endpoint(EndpointName="none"),
    )
    for one in asks:
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find"):
            one()
    nowhere = {"Image": aws.image, "ModelDataUrl": f"s3://{aws.bucket}/nowhere.tar.gz"}
    with pytest.raises(ClientError, match="nowhere"):
        client.create_model(ModelName="new", PrimaryContainer=nowhere, ExecutionRoleArn=aws.role)


def test_endpoints_are_listed_and_described_as_they_were_made(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    rows = client.list_endpoints(NameContains="realtim")["Endpoints"]
    assert [(row["EndpointName"], row["EndpointStatus"]) for row in rows] == [("realtime", "InService")]
    assert client.describe_endpoint(EndpointName="realtime")["EndpointConfigName"] == "realtime"
    for kind in ("realtime", "serverless", "async"):
        told = client.describe_endpoint_config(EndpointConfigName=kind)
        asked = config(aws, kind, kind)
        assert {name: told[name] for name in asked} == asked
    model = client.describe_model(ModelName="realtime")
    assert model["PrimaryContainer"]["Environment"] == {"LANGUAGE": "tones"}
    assert model["ExecutionRoleArn"] == aws.role


def test_tags_are_kept(aws: OfflineAws) -> None:
    client, tags = aws.session.client("sagemaker"), [{"Key": "project", "Value": "tones"}]
    create_model(aws, "tagged", tags=tags)
    client.create_endpoint_config(EndpointConfigName="tagged", Tags=tags, **config(aws, "tagged", "realtime"))
    arns = (
        client.describe_model(ModelName="tagged")["ModelArn"],
        client.describe_endpoint_config(EndpointConfigName="tagged")["EndpointConfigArn"],
    )
    for arn in arns:
        assert client.list_tags(ResourceArn=arn)["Tags"] == tags


def exists(aws: OfflineAws, uri: str) -> bool:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bool(aws.session.client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))
