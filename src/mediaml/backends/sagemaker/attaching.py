"""A training that was started elsewhere: what it was told to do, and with which settings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from mediaml.aws.s3 import Storage, location
from mediaml.backends.sagemaker.job import Job
from mediaml.backends.sagemaker.request import NAME
from mediaml.errors import AwsValidationError
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.runtime.spec import Spec

SERVING_IMAGE = "serving_image_uri"
"""In a job's document, and of the constructor."""


class Started(NamedTuple):
    """A training as it was started.

    Parameters
    ----------
    builder
        Of its spectrograms.
    settings
        Of the model, as its constructor takes them.
    site
        Where it was trained, as the constructor takes it.
    """

    builder: SpectrogramBuilder
    settings: dict[str, Any]
    site: dict[str, Any]


def started(job: Job, storage: Storage) -> Started:
    """Read how a training was started.

    Raises
    ------
    AwsNotFoundError
        There is no such job.
    AwsValidationError
        It is not one of mediaml's.
    """
    found = job.described()
    document = _document(storage, found)
    tags = job.workshop.tags(found["TrainingJobArn"])
    output = location(found["OutputDataConfig"]["S3OutputPath"])
    site = {
        **_site_of(found),
        SERVING_IMAGE: document.get(SERVING_IMAGE),  # jobs that an older mediaml has started have none
        "tags": {key: value for key, value in tags.items() if not key.startswith("mediaml:")},
        "bucket": output.bucket,
        "prefix": os.path.dirname(output.key.rstrip("/")),  # noqa: PTH120  a key, no path
    }
    return Started(SpectrogramBuilder.from_spec(Spec.from_dict(document["spectrogram"])), document["model"], site)


def _document(storage: Storage, found: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a job was told to do."""
    channels = {
        row["ChannelName"]: row["DataSource"]["S3DataSource"]["S3Uri"] for row in found.get("InputDataConfig", ())
    }
    if "job" not in channels or not str(found["TrainingJobName"]).startswith(NAME):
        raise AwsValidationError(f"the training job {found['TrainingJobName']} is not one of mediaml's")
    from mediaml.runtime.train import JOB as FILE

    told: dict[str, Any] = json.loads(storage.get(location(channels["job"]) / FILE, own=True))
    return told


def _site_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings that a job was started with, as far as AWS keeps them."""
    network = found.get("VpcConfig") or {}
    return {
        "role": found["RoleArn"],
        "instance_type": found["ResourceConfig"]["InstanceType"],
        "spot": bool(found.get("EnableManagedSpotTraining")),
        "max_hours": found["StoppingCondition"]["MaxRuntimeInSeconds"] / 3600,
        "image_uri": found["AlgorithmSpecification"]["TrainingImage"],
        "kms_key": found["OutputDataConfig"].get("KmsKeyId") or None,
        "subnets": tuple(network.get("Subnets", ())),
        "security_groups": tuple(network.get("SecurityGroupIds", ())),
    }
