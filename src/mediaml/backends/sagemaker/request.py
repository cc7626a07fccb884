"""The requests that start a training and a transform: plain dictionaries, made by pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from mediaml.aws.s3 import Location
from mediaml.aws.staging import ENTRY
from mediaml.backends.sagemaker.settings import Site

NAME = "mediaml"
LONGEST_NAME = 63
GIGABYTE = 1 << 30
LEAST_DISK, SPARE_DISK = 30, 20  # GB
MEASURED = ("training_loss", "validation_loss", "validation_accuracy")
CHECKPOINTS = "/opt/ml/checkpoints"


class Inputs(NamedTuple):
    """Where the job's data lies on S3.

    Parameters
    ----------
    channels
        The start of the keys by the channel's name.
    source
        sourcedir.tar.gz.
    size
        Bytes of all channels.
    """

    channels: Mapping[str, Location]
    source: Location
    size: int


def job_name(document: Mapping[str, Any], source_digest: str, site: Site) -> str:
    """Give the name of a job: the same data, settings and code have the same name."""
    told = json.dumps(
        [{k: v for k, v in document.items() if k != "training"}, source_digest, site.instance_type, site.image_uri],
        sort_keys=True,
    )
    return f"{NAME}-{document['network']}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def training_request(
    name: str, site: Site, role: str, image: str, inputs: Inputs, output: Location, region: str
) -> dict[str, Any]:
    """Give the request of CreateTrainingJob."""
    seconds = int(site.max_hours * 3600)
    stopping = {"MaxRuntimeInSeconds": seconds}
    if site.spot:
        stopping["MaxWaitTimeInSeconds"] = 2 * seconds  # spare capacity may have to be waited for
    key = {"KmsKeyId": site.kms_key} if site.kms_key else {}
    disk = {"VolumeKmsKeyId": site.kms_key} if site.kms_key else {}
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": one, "Regex": rf"\b{one}=([-+.0-9e]+)"} for one in MEASURED],
        },
        # the toolkit reads each value as JSON
        "HyperParameters": {
            "sagemaker_program": json.dumps(ENTRY),
            "sagemaker_submit_directory": json.dumps(inputs.source.uri),
            "sagemaker_container_log_level": "30",
            "sagemaker_region": json.dumps(region),
            "sagemaker_job_name": json.dumps(name),
        },
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": at.uri,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for channel, at in inputs.channels.items()
        ],
        "OutputDataConfig": {"S3OutputPath": output.uri, **key},
        "ResourceConfig": {
            "InstanceType": site.instance_type,
            "InstanceCount": 1,
            "VolumeSizeInGB": max(LEAST_DISK, SPARE_DISK + -(-2 * inputs.size // GIGABYTE)),
            **disk,
        },
        "StoppingCondition": stopping,
        "EnableManagedSpotTraining": site.spot,
        "CheckpointConfig": {"S3Uri": (output / name / "checkpoints").uri, "LocalPath": CHECKPOINTS},
        "Tags": site.tag_list(owner=NAME, job=name),
        **site.network,
    }
