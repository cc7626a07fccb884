"""Tiny scripts that play a user's training and inference, and the requests that run them: no network framework."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mediaml.testing import OfflineAws

PATIENCE = 20.0  # seconds

TRAIN = """
import argparse, json, os, pathlib, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--mode", default="well")
parser.add_argument("--epochs", type=int, default=2)
args = parser.parse_args()
model = pathlib.Path(os.environ["SM_MODEL_DIR"])
kept = pathlib.Path(os.environ["MEDIAML_CHECKPOINT_DIR"])
if args.mode == "fails":
    pathlib.Path(os.environ["MEDIAML_OUTPUT_DIR"], "failure").write_text("ValueError: the data is empty")
    sys.exit(3)
if args.mode == "dies":
    raise KeyError("nobody wrote a failure file")
if args.mode == "sleeps":
    (model / "partial.txt").write_text("half")
    print("asleep", flush=True)
    time.sleep(60)
if args.mode == "resumes":
    told = kept / "epoch.txt"
    first = int(told.read_text()) + 1 if told.exists() else 0
    print("begins at", first, "with", sorted(one.name for one in model.iterdir()), flush=True)
    told.write_text(str(first))
    (model / "of-this-machine.txt").write_text(str(first))
    if first == 0:
        time.sleep(60)
for epoch in range(args.epochs):
    print("epoch=%d loss=%.2f" % (epoch, 1.0 / (epoch + 1)), flush=True)
channels = {name: os.environ["SM_CHANNEL_" + name.upper()] for name in json.loads(os.environ["SM_CHANNELS"])}
seen = {
    name: {str(one.relative_to(path)): one.read_text() for one in pathlib.Path(path).rglob("*") if one.is_file()}
    for name, path in channels.items()
}
told = {"argv": sys.argv[1:], "seen": seen, "cwd": os.getcwd(), "environment": dict(os.environ)}
(model / "told.json").write_text(json.dumps(told))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "curve.txt").write_text("1.0 0.5")
"""

INFERENCE = """
import json, pathlib, sys, time

class Refused(Exception):
    def __init__(self, status_code, message):
        super().__init__(message)
        self.status_code, self.message = status_code, message

def model_fn(model_dir):
    return pathlib.Path(model_dir, "name.txt").read_text()

def transform_fn(model, data, content_type, accept):
    if data in (b"refuse", "refuse"):
        raise Refused(415, "no such sound")
    if data in (b"break", "break"):
        raise RuntimeError("the network broke")
    if data == b"sleep":
        time.sleep(30)
    if data == b"raw":
        return bytes(range(256)), "application/octet-stream"
    told = {"model": model, "type": type(data).__name__, "size": len(data), "content_type": content_type}
    told["accept"], told["mediaml"] = accept, "mediaml" in sys.modules
    return json.dumps(told)
"""


def archive(files: Mapping[str, str]) -> bytes:
    """A tar.gz of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """The files of a tar.gz."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = {entry.name: tar.extractfile(entry) for entry in tar.getmembers() if entry.isfile()}
        return {name: file.read() for name, file in found.items() if file is not None}


def put(aws: OfflineAws, key: str, body: bytes) -> str:
    """A file in the account's bucket."""
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key=key, Body=body)
    return f"s3://{aws.bucket}/{key}"


def get(aws: OfflineAws, uri: str) -> bytes:
    """What a file holds."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content: bytes = aws.session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def until(true: Callable[[], object], what: str) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.02)


# -- jobs --------------------------------------------------------------------------------------------------------------


def job_request(aws: OfflineAws, name: str, mode: str = "well", **more: Any) -> dict[str, Any]:
    """What CreateTrainingJob is sent, with its data and its source in the bucket."""
    put(aws, "data/train/a.txt", b"alpha")
    put(aws, "data/train/deep/b.txt", b"beta")
    source = put(aws, "code/sourcedir.tar.gz", archive({"train.py": TRAIN}))
    hyper = {"mode": mode, "epochs": 2, "sagemaker_program": "train.py", "sagemaker_submit_directory": source}
    return {
        "TrainingJobName": name,
        "RoleArn": aws.role,
        "AlgorithmSpecification": {
            "TrainingImage": aws.image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+)"}],
        },
        "HyperParameters": {key: json.dumps(value) for key, value in hyper.items()},
        "InputDataConfig": [channel("train", f"s3://{aws.bucket}/data/train/")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{aws.bucket}/jobs"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **more,
    }


def channel(name: str, uri: str) -> dict[str, Any]:
    """A channel of everything under a prefix."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def ended(aws: OfflineAws, name: str) -> dict[str, Any]:
    """The description of a job when it is over."""
    client = aws.session.client("sagemaker")

    def over() -> bool:
        return client.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] in (
            "Completed",
            "Failed",
            "Stopped",
        )

    until(over, f"{name} ends")
    told: dict[str, Any] = client.describe_training_job(TrainingJobName=name)
    return told


def phases(told: Mapping[str, Any]) -> list[str]:
    """The states that a job went through."""
    return [one["Status"] for one in told["SecondaryStatusTransitions"]]


def log(aws: OfflineAws, name: str) -> list[str]:
    """What a job has printed."""
    logs, group = aws.session.client("logs"), "/aws/sagemaker/TrainingJobs"
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
    return [
        event["message"]
        for stream in found
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)[
            "events"
        ]
    ]


# -- endpoints ---------------------------------------------------------------------------------------------------------


def create_model(aws: OfflineAws, name: str, inference: str = INFERENCE, tags: Sequence[dict[str, str]] = ()) -> None:
    """A model in the account."""
    files = {"name.txt": "little", "code/inference.py": inference}
    where = put(aws, f"models/{name}/model.tar.gz", archive(files))
    aws.session.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={"Image": aws.image, "ModelDataUrl": where, "Environment": {"LANGUAGE": "tones"}},
        ExecutionRoleArn=aws.role,
        Tags=list(tags),
    )


def create_endpoint(aws: OfflineAws, name: str, kind: str = "realtime", inference: str = INFERENCE) -> None:
    """A model, a configuration and an endpoint of one name."""
    client = aws.session.client("sagemaker")
    create_model(aws, name, inference)
    client.create_endpoint_config(EndpointConfigName=name, **config(aws, name, kind))
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)


def config(aws: OfflineAws, model: str, kind: str) -> dict[str, Any]:
    """What CreateEndpointConfig is sent beside the name."""
    variant: dict[str, Any] = {"VariantName": "AllTraffic", "ModelName": model}
    if kind == "serverless":
        return {"ProductionVariants": [{**variant, "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1}}]}
    machines = {"ProductionVariants": [{**variant, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]}
    if kind == "async":
        where = {"S3OutputPath": f"s3://{aws.bucket}/said/", "S3FailurePath": f"s3://{aws.bucket}/unsaid/"}
        return {**machines, "AsyncInferenceConfig": {"OutputConfig": where}}
    return machines


def status(aws: OfflineAws, name: str) -> str:
    """An endpoint's status."""
    return str(aws.session.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"])


def up(aws: OfflineAws, name: str) -> None:
    """Wait until an endpoint is up, or has failed."""
    until(lambda: status(aws, name) != "Creating", f"{name} is up")
