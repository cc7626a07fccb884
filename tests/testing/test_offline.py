"""What the offline AWS is, and that nothing of it is left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import boto3
import pytest

from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.rekognition.learner import usual
from tests.colours import colour_fit
from tests.testing.containers import create_endpoint, create_model, ended, job_request, put, status, until, up

pytest_plugins = ["mediaml.testing.plugin"]


def test_the_account_exists() -> None:
    with offline_aws("eu-west-1") as aws:
        assert (aws.region, aws.account) == ("eu-west-1", "123456789012")
        assert aws.session.region_name == "eu-west-1"
        assert aws.session.client("sts").get_caller_identity()["Account"] == aws.account
        role = aws.session.client("iam").get_role(RoleName=aws.role.rpartition("/")[2])["Role"]
        assert role["Arn"] == aws.role
        assert aws.session.client("s3").head_bucket(Bucket=aws.bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
        create_model(aws, "there")
        told = aws.session.client("sagemaker").describe_model(ModelName="there")
        assert told["ModelArn"] == f"arn:aws:sagemaker:eu-west-1:{aws.account}:model/there"


def test_what_learns_in_the_place_of_custom_labels_may_be_given() -> None:
    with offline_aws(learner=colour_fit) as aws:
        assert aws.rekognition.fit is colour_fit
    with offline_aws() as aws:
        assert aws.rekognition.fit is usual


def test_an_account_forgets_the_one_before_it() -> None:
    for _ in range(2):
        with offline_aws() as aws:
            assert aws.running() == []
            assert aws.calls == []
            assert aws.session.client("s3").list_objects_v2(Bucket=aws.bucket)["KeyCount"] == 0
            create_model(aws, "again")


def test_nothing_is_left_when_the_block_ends(tmp_path: Path) -> None:
    from moto.core.botocore_stubber import BotocoreStubber

    before = (BotocoreStubber.__call__, dict(os.environ), set(threading.enumerate()))
    with pytest.raises(RuntimeError, match="on the way"), offline_aws(folder=tmp_path) as aws:
        request = job_request(aws, "asleep", "sleeps")
        aws.session.client("sagemaker").create_training_job(**request)
        create_endpoint(aws, "up")
        up(aws, "up")
        put(aws, "in/a.wav", b"sleep")
        until(lambda: len(processes(tmp_path)) == 2, "a script and a server run")
        assert status(aws, "up") == "InService"
        raise RuntimeError("on the way")
    assert processes(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert BotocoreStubber.__call__ is before[0]
    assert dict(os.environ) == before[1]
    assert [one.name for one in set(threading.enumerate()) - before[2] if "offline" in one.name] == []


def test_outside_of_the_block_boto3_is_boto3() -> None:
    with offline_aws() as aws:
        aws.session.client("sts").get_caller_identity()
        made = len(aws.calls)
    client = boto3.Session("a", "b", region_name="us-east-1").client("sts", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(Exception, match="127"):
        client.get_caller_identity()
    assert len(aws.calls) == made


def test_the_fixture_is_an_account(offline_aws: OfflineAws) -> None:
    assert offline_aws.session.client("s3").list_buckets()["Buckets"][0]["Name"] == offline_aws.bucket


def test_importing_it_imports_neither_moto_nor_boto3() -> None:
    code = "import sys, mediaml.testing; print([n for n in ('moto', 'boto3', 'botocore', 'mxnet') if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_states_can_be_seen_one_by_one() -> None:
    with offline_aws() as aws:
        client = aws.session.client("sagemaker")
        client.create_training_job(**job_request(aws, "stepped"))
        ended(aws, "stepped")
        client.create_training_job(**job_request(aws, "watched"))
        ended(aws, "watched")
        aws.step_states()
        seen = []
        for _ in range(8):
            told = client.describe_training_job(TrainingJobName="stepped")
            seen.append((told["TrainingJobStatus"], told["SecondaryStatus"]))
        assert seen[:5] == [
            ("InProgress", "Starting"),
            ("InProgress", "Downloading"),
            ("InProgress", "Training"),
            ("InProgress", "Uploading"),
            ("Completed", "Completed"),
        ]
        assert set(seen[5:]) == {("Completed", "Completed")}
        told = client.describe_training_job(TrainingJobName="watched")
        assert "ModelArtifacts" not in told, "what a job has made is not told before it is over"


def processes(folder: Path) -> list[str]:
    """What runs below a folder."""
    found = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    below = []
    for line in found.splitlines()[1:]:
        pid = line.split()[0]
        try:
            at = Path(f"/proc/{pid}/cwd").readlink()
        except OSError:
            continue
        if at.is_relative_to(folder):
            below.append(line)
    return below
