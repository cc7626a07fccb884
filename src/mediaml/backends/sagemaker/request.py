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
OWN_DISKS = {  # beside all whose family ends with d or dn
    *("g5", "g6", "g6e", "g7", "g7e", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200"),
    *("dl1", "trn1", "trn1n", "trn2", "i3", "i3en"),
}
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


def job_name(document: Mapping[str, Any], source_digest: str, instance_type: str, image: str) -> str:
    """Give the name of a job: the same data, settings and code have the same name."""
    told = json.dumps(
        [{k: v for k, v in document.items() if k != "training"}, source_digest, instance_type, image],
        sort_keys=True,
    )
    return f"{NAME}-{document['network']}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def volume_key(kms_key: str | None, instance_type: str, name: str = "VolumeKmsKeyId") -> dict[str, str]:
    """Give the key of a volume; machines with disks of their own take none (they encrypt these themselves)."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    own_disks = family in OWN_DISKS or family.endswith(("d", "dn"))
    return {name: kms_key} if kms_key and not own_disks else {}


def training_request(
    name: str, site: Site, role: str, image: str, inputs: Inputs, output: Location, region: str
) -> dict[str, Any]:
    """Give the request of CreateTrainingJob."""
    seconds = int(site.max_hours * 3600)
    stopping = {"MaxRuntimeInSeconds": seconds}
    if site.spot:
        stopping["MaxWaitTimeInSeconds"] = 2 * seconds  # spare capacity may have to be waited for
    key = {"KmsKeyId": site.kms_key} if site.kms_key else {}
    disk = volume_key(site.kms_key, site.instance_type)
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
