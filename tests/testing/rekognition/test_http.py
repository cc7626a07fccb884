"""The offline AWS over HTTP: the life of a model, by plain boto3 of another process, and by ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

import mediaml as mm
from mediaml.testing import Fault, OfflineAws
from tests.colours import colours

LIFE = """
import io, json, sys, time
import boto3
from PIL import Image

COLOURS = {"red": (200, 40, 40), "blue": (50, 60, 210)}
bucket = sys.argv[1]
s3, client = boto3.client("s3"), boto3.client("rekognition")


def picture(label, number):
    out = io.BytesIO()
    image = Image.new("RGB", (80, 80), COLOURS[label])
    image.putpixel((number, 0), (255, 255, 255))
    image.save(out, "PNG")
    return out.getvalue()


def line(label, number):
    key = f"http/{label}/{number}.png"
    s3.put_object(Bucket=bucket, Key=key, Body=picture(label, number))
    about = {"confidence": 1, "class-name": label, "human-annotated": "yes", "creation-date": "2020-03-06T17:46:39.176"}
    about["type"] = "groundtruth/image-classification"
    return json.dumps({"source-ref": f"s3://{bucket}/{key}", "c": 1, "c-metadata": about})


def until(look, wanted):
    for _ in range(200):
        if (found := look()) == wanted:
            return
        time.sleep(0.02)
    raise AssertionError((found, wanted))


project = client.create_project(ProjectName="http")["ProjectArn"]
for kind, numbers in (("TRAIN", range(10)), ("TEST", range(20, 24))):
    lines = [line(label, number) for label in COLOURS for number in numbers]
    s3.put_object(Bucket=bucket, Key=f"http/{kind}.manifest", Body="\\n".join(lines).encode())
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": f"http/{kind}.manifest"}}}
    arn = client.create_dataset(ProjectArn=project, DatasetType=kind, DatasetSource=source)["DatasetArn"]
    until(lambda: client.describe_dataset(DatasetArn=arn)["DatasetDescription"]["Status"], "CREATE_COMPLETE")
client.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": line("red", 30).encode()})
until(lambda: client.describe_dataset(DatasetArn=arn)["DatasetDescription"]["DatasetStats"]["TotalEntries"], 9)
output = {"S3Bucket": bucket, "S3KeyPrefix": "http/out"}
version = client.create_project_version(ProjectArn=project, VersionName="v1", OutputConfig=output)["ProjectVersionArn"]
client.get_waiter("project_version_training_completed").wait(ProjectArn=project, VersionNames=["v1"])
found = client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"][0]
at = found["EvaluationResult"]["Summary"]["S3Object"]
summary = json.loads(s3.get_object(Bucket=at["Bucket"], Key=at["Name"])["Body"].read())
assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 9, summary
try:
    client.detect_custom_labels(ProjectVersionArn=version, Image={"Bytes": picture("red", 40)})
    raise AssertionError("it does not run yet")
except client.exceptions.ResourceNotReadyException as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
client.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
client.get_waiter("project_version_running").wait(ProjectArn=project, VersionNames=["v1"])
for label in COLOURS:
    answer = client.detect_custom_labels(ProjectVersionArn=version, Image={"Bytes": picture(label, 40)})
    assert [one["Name"] for one in answer["CustomLabels"]] == [label], answer
client.stop_project_version(ProjectVersionArn=version)
versions = lambda: client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
until(lambda: versions()[0]["Status"], "STOPPED")
client.delete_project_version(ProjectVersionArn=version)
until(versions, [])
for one in client.describe_projects()["ProjectDescriptions"][0]["Datasets"]:
    client.delete_dataset(DatasetArn=one["DatasetArn"])
until(lambda: client.describe_projects()["ProjectDescriptions"][0]["Datasets"], [])
client.delete_project(ProjectArn=project)
until(lambda: client.describe_projects()["ProjectDescriptions"], [])
print("lived")
"""


def environment(address: str) -> dict[str, str]:
    own = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    return {**os.environ, **own, "AWS_DEFAULT_REGION": "us-east-1"}


def test_a_life_by_plain_boto3_of_another_process(aws: OfflineAws, tmp_path: Path) -> None:
    script = tmp_path / "life.py"
    script.write_text(LIFE)
    with aws.serve() as address:
        done = subprocess.run(
            [sys.executable, str(script), aws.bucket],
            env=environment(address),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.stdout == "lived\n", done.stderr
    assert {"CreateProject", "DetectCustomLabels", "DeleteProject"} <= {call.operation for call in aws.calls}


def test_our_model_over_http(aws: OfflineAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, validation = colours(tmp_path / "c", 14).split(0.8, 0.2, seed=1, near_duplicates=False)
    with aws.serve() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setattr("moto.core.botocore_stubber.BotocoreStubber.enabled", False, raising=False)
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        model = mm.RekognitionModel("wire", bucket=aws.bucket, session=session, clock=aws.clock)
        model.fit(train, validation, progress=False)
        aws.fail("rekognition", "DetectCustomLabels", Fault.THROTTLED, times=2)
        with model.deploy() as running:
            assert [one.label for one in running.predict(validation)] == list(validation.frame["label"])
        model.delete(project=True)
    assert aws.running() == []
