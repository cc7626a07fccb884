"""What the offline AWS answers has the shape that botocore knows AWS's answers to have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.wire import Reply
from tests.colours import colour_fit
from tests.testing.containers import create_endpoint, ended, job_request, put, until, up
from tests.testing.rekognition.lives import everything

HEADERS = {"OutputLocation", "FailureLocation"}  # of an asynchronous answer: they are read from headers


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


@pytest.fixture(scope="module")
def replies(aws: OfflineAws) -> dict[tuple[str, str], Reply]:
    """What every operation that is ours answers in a life of everything."""
    heard: dict[tuple[str, str], Reply] = {}
    ours = aws._wire.operations
    for key, operation in list(ours.items()):
        ours[key] = _noting(operation, key, heard)
    live(aws)
    assert set(heard) == set(ours), "the life below leaves out what is ours"
    return heard


def _noting(operation: Callable[[Any], Reply], key: tuple[str, str], heard: dict[Any, Reply]) -> Any:
    def noted(request: dict[str, Any]) -> Reply:
        heard[key] = operation(request)
        return heard[key]

    return noted


def live(aws: OfflineAws) -> None:
    """Use everything once."""
    client, runtime = aws.session.client("sagemaker"), aws.session.client("sagemaker-runtime")
    client.create_training_job(**job_request(aws, "job", Tags=[{"Key": "a", "Value": "b"}]))
    client.create_training_job(**job_request(aws, "stopped", "sleeps"))
    client.stop_training_job(TrainingJobName="stopped")
    told = ended(aws, "job")
    client.list_training_jobs()
    client.add_tags(ResourceArn=told["TrainingJobArn"], Tags=[{"Key": "c", "Value": "d"}])
    client.list_tags(ResourceArn=told["TrainingJobArn"])
    create_endpoint(aws, "e", "async")
    up(aws, "e")
    runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    runtime.invoke_endpoint_async(EndpointName="e", InputLocation=put(aws, "in/x", b"x"))
    client.describe_model(ModelName="e")
    client.describe_endpoint_config(EndpointConfigName="e")
    client.list_endpoints()
    for lister in ("list_models", "list_endpoint_configs"):
        getattr(client, lister)()
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{aws.bucket}/in/"}}
    for name in ("t", "u"):
        client.create_transform_job(
            TransformJobName=name,
            ModelName="e",
            TransformInput={"DataSource": source},
            TransformOutput={"S3OutputPath": f"s3://{aws.bucket}/out/"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
    client.stop_transform_job(TransformJobName="u")
    client.list_transform_jobs()
    until(lambda: ("transform-job", "t") not in aws.running(), "the transform ends")
    client.describe_transform_job(TransformJobName="t")
    client.delete_endpoint(EndpointName="e")
    client.delete_endpoint_config(EndpointConfigName="e")
    client.delete_model(ModelName="e")
    aws.session.client("pricing").get_products(ServiceCode="AmazonSageMaker")
    aws.session.client("iam").simulate_principal_policy(PolicySourceArn=aws.role, ActionNames=["iam:PassRole"])
    quotas = aws.session.client("service-quotas")
    quotas.list_service_quotas(ServiceCode="sagemaker")
    quotas.list_aws_default_service_quotas(ServiceCode="sagemaker")
    aws.rekognition.fit = colour_fit
    everything(aws)


def shape_of(service: str, operation: str, side: str) -> Any:
    import botocore.session

    model = botocore.session.get_session().get_service_model(service)
    return getattr(model.operation_model(operation), f"{side}_shape")


def strangers(value: Any, shape: Any, where: str) -> list[str]:
    """What a value holds that its shape does not have, and what it lacks that its shape needs."""
    if shape.type_name == "structure":
        found = [f"{where}.{name} is unknown" for name in value if name not in shape.members]
        found += [f"{where}.{name} is missing" for name in shape.required_members if name not in value]
        known = [name for name in value if name in shape.members]
        return found + [s for name in known for s in strangers(value[name], shape.members[name], f"{where}.{name}")]
    if shape.type_name == "list":
        return [s for one in value for s in strangers(one, shape.member, f"{where}[]")]
    if shape.type_name == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        return [f"{where}={value!r} is none of {shape.enum}"]
    return []


@pytest.mark.slow
def test_answers_have_the_members_that_aws_answers_have_and_all_that_it_always_has(
    replies: dict[tuple[str, str], Reply],
) -> None:
    found = []
    for (service, operation), reply in replies.items():
        shape = shape_of(service, operation, "output")
        if reply.body is not None:
            assert "Body" in shape.members
            continue
        if shape is None or not shape.members:
            assert reply.members == {}, f"{operation} answers nothing"
            continue
        found += strangers(reply.members, shape, operation)
    assert found == []


@pytest.mark.slow
@pytest.mark.usefixtures("replies")
def test_a_request_without_what_it_must_have_is_no_request(aws: OfflineAws) -> None:
    before = len(aws.calls)
    for service, operation in aws._wire.operations:
        required = shape_of(service, operation, "input").required_members
        client = aws.session.client(service)
        ask = {called: python for python, called in client.meta.method_to_api_mapping.items()}[operation]
        if required:
            with pytest.raises(ParamValidationError, match=required[0]):
                getattr(client, ask)()
    assert len(aws.calls) == before
