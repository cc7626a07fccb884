"""A training that is attached to is served as it was meant to be."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.toolkits import Quick

OURS = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:ours"
THEIRS = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:theirs"


@pytest.fixture(scope="module")
def started(parts: tuple[mm.AudioDataset, ...]) -> Iterator[tuple[OfflineAws, str]]:
    with offline_aws(toolkit=Quick()) as aws:
        model = sagemaker_model(aws, epochs=1, serving_image_uri=OURS)
        yield aws, model.fit(parts[0], parts[1], progress=False).job
        assert aws.running() == []


def attached(aws: OfflineAws, job: str, serving_image_uri: str | None = None) -> mm.SageMakerAudioModel:
    return mm.SageMakerAudioModel.attach(job, serving_image_uri=serving_image_uri, session=aws.session, clock=aws.clock)


def served(aws: OfflineAws, model: mm.SageMakerAudioModel) -> str:
    """The image that an endpoint of it has."""
    model.deploy().close()
    made = [call.parameters for call in aws.calls if call.operation == "CreateModel"]
    return str(made[-1]["PrimaryContainer"]["Image"])


def test_in_the_users_own_image(started: tuple[OfflineAws, str]) -> None:
    aws, job = started
    model = attached(aws, job)
    assert (model.site.image_uri, model.site.serving_image_uri) == (aws.image, OURS)
    assert served(aws, model) == OURS


def test_in_another_one_that_is_given(started: tuple[OfflineAws, str]) -> None:
    aws, job = started
    assert served(aws, attached(aws, job, THEIRS)) == THEIRS


def test_a_job_of_an_older_mediaml_has_noted_none(started: tuple[OfflineAws, str]) -> None:
    aws, job = started
    client, at = aws.session.client("s3"), {"Bucket": aws.bucket, "Key": f"mediaml/jobs/{job}/job/job.json"}
    before = client.get_object(**at)["Body"].read()
    told = json.loads(before)
    del told["serving_image_uri"]
    client.put_object(**at, Body=json.dumps(told).encode())
    assert attached(aws, job).site.serving_image_uri is None
    assert attached(aws, job, THEIRS).site.serving_image_uri == THEIRS
    client.put_object(**at, Body=before)


def test_another_serving_image_is_no_reason_to_train_again(
    started: tuple[OfflineAws, str], parts: tuple[mm.AudioDataset, ...]
) -> None:
    aws, job = started
    again = sagemaker_model(aws, epochs=1, serving_image_uri=THEIRS).fit(parts[0], parts[1], progress=False)
    assert again.job == job
