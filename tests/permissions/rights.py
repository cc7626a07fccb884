"""Which rights a call needs: AWS's Service Authorization Reference, for the operations that mediaml calls.

A call of an operation that does not stand here is an error: whoever adds one says which rights it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.permissions.page import Right
from tests.permissions.recording import Made

REGION, ACCOUNT = "eu-west-1", "123456789012"
ANY = "*"
PASSED = "iam:PassedToService"
SAGEMAKER = re.compile(
    r"(Create|Describe|Stop|Delete)(?P<thing>TrainingJob|TransformJob|Model|EndpointConfig|Endpoint)"
)
KINDS = {
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
    "Model": "model",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
}
ON_FILES = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "DeleteObject": "s3:DeleteObject",
}
ON_BUCKETS = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
}
FOR_THE_CALLER = ("s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectVersion", "s3:GetObjectTagging")
"""What Custom Labels does with pictures and manifests by the caller's rights, as AWS's guide lists it."""
OF_THE_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket")
"""The same with their bucket."""


def rights(made: Iterable[Made]) -> set[Right]:
    """Give all rights that calls need."""
    return {right for one in made for right in BY_SERVICE[one.service](one)}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _passing(role: str, service: str) -> Right:
    return Right("iam:PassRole", role, ((PASSED, service),))


# -- SageMaker --------------------------------------------------------------------------------------------------------


def _sagemaker(made: Made) -> Iterator[Right]:
    action, given = f"sagemaker:{made.operation}", made.parameters
    if made.operation in ("ListTrainingJobs", "ListTransformJobs", "ListEndpoints"):
        yield Right(action, ANY)
        return
    if made.operation in ("ListTags", "AddTags"):
        yield Right(action, given["ResourceArn"])
        return
    found = SAGEMAKER.fullmatch(made.operation)
    if found is None:
        raise KeyError(f"which rights does {action} need?")
    resource = _arn("sagemaker", f"{KINDS[found['thing']]}/{given[found['thing'] + 'Name']}")
    yield Right(action, resource)
    if made.operation == "CreateEndpoint":
        yield Right(action, _arn("sagemaker", f"endpoint-config/{given['EndpointConfigName']}"))
    if "Tags" in given:
        yield Right("sagemaker:AddTags", resource)
    role = given.get("RoleArn") or given.get("ExecutionRoleArn")
    if role is not None:
        yield _passing(role, "sagemaker.amazonaws.com")


def _invoking(made: Made) -> Iterator[Right]:
    if made.operation not in ("InvokeEndpoint", "InvokeEndpointAsync"):
        raise KeyError(f"which rights does sagemaker:{made.operation} need?")
    yield Right(f"sagemaker:{made.operation}", _arn("sagemaker", f"endpoint/{made.parameters['EndpointName']}"))


# -- Rekognition ------------------------------------------------------------------------------------------------------


def _rekognition(made: Made) -> Iterator[Right]:
    action, given = f"rekognition:{made.operation}", made.parameters
    if made.operation in ("CreateProject", "DescribeProjects", "CreateCollection", "DetectFaces"):
        yield Right(action, ANY)
    elif "CollectionId" in given:
        yield Right(action, _arn("rekognition", f"collection/{given['CollectionId']}"))
    else:
        named = [given[key] for key in ("ProjectVersionArn", "DatasetArn", "ProjectArn", "ResourceArn") if key in given]
        named += [one["Arn"] for one in given.get("Datasets", ())]
        if not named:
            raise KeyError(f"which rights does {action} need?")
        yield from (Right(action, one) for one in named)
    if "Tags" in given and made.operation.startswith("Create"):
        yield Right("rekognition:TagResource", _tagged(made))
    yield from _for_the_caller(made)


def _tagged(made: Made) -> str:
    """Name what is about to be made; the service adds the time."""
    given = made.parameters
    if made.operation == "CreateCollection":
        return _arn("rekognition", f"collection/{given['CollectionId']}")
    if made.operation == "CreateProject":
        return _arn("rekognition", f"project/{given['ProjectName']}/0")
    project = given["ProjectArn"].rpartition("/")[0]
    if made.operation == "CreateDataset":
        return f"{project}/dataset/{given['DatasetType'].lower()}/0"
    return f"{project}/version/{given['VersionName']}/0"


def _for_the_caller(made: Made) -> Iterator[Right]:
    given = made.parameters
    places = [
        given.get("DatasetSource", {}).get("GroundTruthManifest", {}).get("S3Object"),
        given.get("Image", {}).get("S3Object"),
    ]
    if made.operation.endswith("Faces") or "CollectionId" in given:  # all that AWS's guide asks for there
        yield from (Right("s3:GetObject", _file(one["Bucket"], one["Name"])) for one in places if one is not None)
        return
    for place in places:
        if place is not None:
            yield from (Right(one, _file(place["Bucket"], place["Name"])) for one in FOR_THE_CALLER)
            yield from (Right(one, _bucket(place["Bucket"])) for one in OF_THE_BUCKET)
    if "OutputConfig" in given:
        output = given["OutputConfig"]
        yield Right("s3:PutObject", _file(output["S3Bucket"], f"{output['S3KeyPrefix']}/x"))


# -- S3 ---------------------------------------------------------------------------------------------------------------


def _file(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def _bucket(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"


def _s3(made: Made) -> Iterator[Right]:
    given = made.parameters
    if made.operation in ON_BUCKETS:
        yield Right(ON_BUCKETS[made.operation], _bucket(given["Bucket"]))
        return
    yield Right(ON_FILES[made.operation], _file(given["Bucket"], given["Key"]))
    if made.missing:  # without it S3 says "forbidden", and not that there is none
        yield Right("s3:ListBucket", _bucket(given["Bucket"]))


def _account(made: Made) -> Iterator[Right]:
    yield Right({"GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock"}[made.operation], ANY)


# -- others -----------------------------------------------------------------------------------------------------------


def _logs(made: Made) -> Iterator[Right]:
    group = f"log-group:{made.parameters['logGroupName']}"
    on_groups = made.operation in ("DescribeLogStreams", "CreateLogGroup")
    resource = group if on_groups else f"{group}:log-stream:{made.parameters['logStreamName']}"
    yield Right(f"logs:{made.operation}", _arn("logs", resource))


def _scheduler(made: Made) -> Iterator[Right]:
    given = made.parameters
    yield Right(f"scheduler:{made.operation}", _arn("scheduler", f"schedule/default/{given['Name']}"))
    if "Target" in given:
        yield _passing(given["Target"]["RoleArn"], "scheduler.amazonaws.com")


def _iam(made: Made) -> Iterator[Right]:
    given = made.parameters
    role = f"arn:aws:iam::{ACCOUNT}:role/{given.get('RoleName')}"
    yield Right(f"iam:{made.operation}", given.get("PolicySourceArn", role))


def _quotas(made: Made) -> Iterator[Right]:
    yield Right(f"servicequotas:{made.operation}", ANY)


def _pricing(made: Made) -> Iterator[Right]:
    yield Right(f"pricing:{made.operation}", ANY)


def _sts(made: Made) -> Iterator[Right]:
    """Everyone may ask who they are; all else would need a right."""
    if made.operation != "GetCallerIdentity":
        raise KeyError(f"which rights does sts:{made.operation} need?")
    yield from ()


BY_SERVICE: dict[str, Any] = {
    "sagemaker": _sagemaker,
    "sagemaker-runtime": _invoking,
    "rekognition": _rekognition,
    "s3": _s3,
    "s3control": _account,
    "logs": _logs,
    "scheduler": _scheduler,
    "iam": _iam,
    "service-quotas": _quotas,
    "pricing": _pricing,
    "sts": _sts,
}
