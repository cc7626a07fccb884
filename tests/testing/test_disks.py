"""A key for the disks of a machine that encrypts its own is refused, wherever one can be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws, offline_aws
from tests.testing.containers import create_model, job_request, until

OWN, OTHER = "ml.g4dn.xlarge", "ml.m5.large"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        create_model(account, "model")
        yield account


def endpoint(aws: OfflineAws, name: str, instance_type: str) -> None:
    variant = {"VariantName": "All", "ModelName": "model", "InstanceType": instance_type, "InitialInstanceCount": 1}
    aws.session.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], KmsKeyId=KEY
    )


def training(aws: OfflineAws, name: str, instance_type: str) -> None:
    machines: dict[str, Any] = {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 5}
    request = job_request(aws, name, ResourceConfig={**machines, "VolumeKmsKeyId": KEY})
    aws.session.client("sagemaker").create_training_job(**request)


def transform(aws: OfflineAws, name: str, instance_type: str) -> None:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{aws.bucket}/nothing/"}
    aws.session.client("sagemaker").create_transform_job(
        TransformJobName=name,
        ModelName="model",
        TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": f"s3://{aws.bucket}/out/"},
        TransformResources={"InstanceType": instance_type, "InstanceCount": 1, "VolumeKmsKeyId": KEY},
    )


@pytest.mark.parametrize("start", [endpoint, training, transform], ids=lambda start: start.__name__)
def test_a_key_for_disks_that_are_encrypted_by_themselves_is_refused(
    aws: OfflineAws, start: Callable[[OfflineAws, str, str], None]
) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*KMS key is not supported.*ml\.g4dn\.xlarge"):
        start(aws, "refused", OWN)
    assert aws.running() == []
    start(aws, f"taken-{start.__name__}", OTHER)
    until(lambda: aws.running() == [], "it is over")
