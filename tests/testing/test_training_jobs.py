"""A training job of the offline AWS really runs, and says of itself what AWS's would say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws, offline_aws
from tests.testing.containers import archive, channel, ended, get, job_request, log, members, phases, put, until


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


def test_a_job_trains_on_the_bucket_and_its_artifact_is_in_the_bucket(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    made = client.create_training_job(**job_request(aws, "well", Environment={"COLOUR": "green"}))
    assert made["TrainingJobArn"] == f"arn:aws:sagemaker:us-east-1:{aws.account}:training-job/well"
    assert aws.running() == [("training-job", "well")]
    told = ended(aws, "well")
    assert (told["TrainingJobStatus"], told["SecondaryStatus"]) == ("Completed", "Completed")
    assert phases(told) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert told["TrainingTimeInSeconds"] == told["BillableTimeInSeconds"] >= 0
    assert "FailureReason" not in told
    artifact = told["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == f"s3://{aws.bucket}/jobs/well/output/model.tar.gz"
    heard = json.loads(members(get(aws, artifact))["told.json"])
    assert heard["argv"] == ["--epochs", "2", "--mode", "well"]
    assert heard["seen"] == {"train": {"a.txt": "alpha", "deep/b.txt": "beta"}}
    assert heard["environment"]["COLOUR"] == "green"
    assert json.loads(heard["environment"]["SM_HPS"]) == {"epochs": 2, "mode": "well"}
    assert heard["environment"]["SM_HP_EPOCHS"] == "2"
    assert heard["environment"]["SM_CURRENT_HOST"] == "algo-1"
    assert heard["cwd"].endswith("/code")
    assert not any(name.startswith("AWS_") for name in heard["environment"])
    output = members(get(aws, f"s3://{aws.bucket}/jobs/well/output/output.tar.gz"))
    assert output == {"curve.txt": b"1.0 0.5"}
    assert aws.running() == []


def test_what_it_prints_is_in_the_logs_and_its_metrics_are_read_from_there(aws: OfflineAws) -> None:
    aws.session.client("sagemaker").create_training_job(**job_request(aws, "prints"))
    told = ended(aws, "prints")
    assert log(aws, "prints") == ["epoch=0 loss=1.00", "epoch=1 loss=0.50"]
    assert [(one["MetricName"], one["Value"]) for one in told["FinalMetricDataList"]] == [("loss", 0.5)]


def test_a_description_has_all_that_was_asked_for(aws: OfflineAws) -> None:
    more: dict[str, Any] = {
        "Environment": {"A": "b"},
        "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        "CheckpointConfig": {"S3Uri": f"s3://{aws.bucket}/kept"},
        "EnableManagedSpotTraining": True,
        "EnableNetworkIsolation": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90},
        "Tags": [{"Key": "project", "Value": "tones"}],
    }
    request = job_request(aws, "asked", **more)
    client = aws.session.client("sagemaker")
    client.create_training_job(**request)
    told = ended(aws, "asked")
    for name in set(request) - {"Tags"}:
        assert told[name] == request[name], name
    assert client.list_tags(ResourceArn=told["TrainingJobArn"])["Tags"] == more["Tags"]
    client.add_tags(ResourceArn=told["TrainingJobArn"], Tags=[{"Key": "project", "Value": "other"}])
    assert client.list_tags(ResourceArn=told["TrainingJobArn"])["Tags"] == [{"Key": "project", "Value": "other"}]


def test_a_script_that_fails_says_why(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    client.create_training_job(**job_request(aws, "fails", "fails"))
    client.create_training_job(**job_request(aws, "dies", "dies"))
    told = ended(aws, "fails")
    assert (told["TrainingJobStatus"], told["SecondaryStatus"]) == ("Failed", "Failed")
    assert told["FailureReason"] == "AlgorithmError: ValueError: the data is empty"
    assert "ModelArtifacts" not in told
    assert ended(aws, "dies")["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1")
    assert any("nobody wrote a failure file" in line for line in log(aws, "dies"))


def test_missing_data_fails_the_job_and_is_named(aws: OfflineAws) -> None:
    client, nowhere = aws.session.client("sagemaker"), f"s3://{aws.bucket}/nowhere/"
    client.create_training_job(**job_request(aws, "no-data", InputDataConfig=[channel("train", nowhere)]))
    told = ended(aws, "no-data")
    assert told["TrainingJobStatus"] == "Failed"
    assert nowhere in told["FailureReason"]
    request = job_request(aws, "no-code")
    request["HyperParameters"]["sagemaker_submit_directory"] = json.dumps(f"s3://{aws.bucket}/no/source.tar.gz")
    client.create_training_job(**request)
    assert "no/source.tar.gz" in ended(aws, "no-code")["FailureReason"]


def test_an_archive_that_points_out_of_its_folder_is_not_unpacked(aws: OfflineAws) -> None:
    request = job_request(aws, "escapes")
    where = put(aws, "code/escapes.tar.gz", archive({"../escaped.py": "", "train.py": ""}))
    request["HyperParameters"]["sagemaker_submit_directory"] = json.dumps(where)
    aws.session.client("sagemaker").create_training_job(**request)
    assert ended(aws, "escapes")["TrainingJobStatus"] == "Failed"


def test_names_are_checked_and_given_once(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    client.create_training_job(**job_request(aws, "once"))
    with pytest.raises(client.exceptions.ResourceInUse):
        client.create_training_job(**job_request(aws, "once"))
    for name in ("under_score", "-begins", "x" * 64):
        with pytest.raises(ClientError, match="ValidationException"):
            client.create_training_job(**job_request(aws, name))
    for ask in (client.describe_training_job, client.stop_training_job):
        with pytest.raises(ClientError, match=r"ValidationException.*Requested resource not found\."):
            ask(TrainingJobName="never-made")
    ended(aws, "once")


def test_a_stopped_job_keeps_what_it_had(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    client.create_training_job(**job_request(aws, "stopped", "sleeps"))
    until(lambda: _printed(aws, "stopped", "asleep"), "the script sleeps")
    client.stop_training_job(TrainingJobName="stopped")
    told = ended(aws, "stopped")
    assert (told["TrainingJobStatus"], told["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert members(get(aws, told["ModelArtifacts"]["S3ModelArtifacts"])) == {"partial.txt": b"half"}
    with pytest.raises(ClientError, match="ValidationException"):
        client.stop_training_job(TrainingJobName="stopped")


def test_a_job_ends_when_its_time_is_over(aws: OfflineAws) -> None:
    request = job_request(aws, "long", "sleeps", StoppingCondition={"MaxRuntimeInSeconds": 1})
    aws.session.client("sagemaker").create_training_job(**request)
    told = ended(aws, "long")
    assert (told["TrainingJobStatus"], told["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_spot_job_that_is_interrupted_goes_on_from_its_checkpoint(aws: OfflineAws) -> None:
    kept = {"CheckpointConfig": {"S3Uri": f"s3://{aws.bucket}/kept/spot"}, "EnableManagedSpotTraining": True}
    stopping = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 900}
    request = job_request(aws, "spot", "resumes", StoppingCondition=stopping, **kept)
    aws.session.client("sagemaker").create_training_job(**request)
    until(lambda: _printed(aws, "spot", "begins at 0 with []"), "the first machine trains")
    aws.interrupt("spot")
    told = ended(aws, "spot")
    assert told["TrainingJobStatus"] == "Completed"
    assert phases(told).count("Interrupted") == 1
    assert phases(told).count("Training") == 2
    assert _printed(aws, "spot", "begins at 1 with []"), "the second machine is an empty one, with the checkpoint"
    assert get(aws, f"s3://{aws.bucket}/kept/spot/epoch.txt") == b"1"


def test_only_spot_jobs_are_interrupted(aws: OfflineAws) -> None:
    aws.session.client("sagemaker").create_training_job(**job_request(aws, "own"))
    with pytest.raises(ValueError, match="spot"):
        aws.interrupt("own")
    ended(aws, "own")


def test_a_job_can_be_told_to_fail_without_running(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    aws.fail_job("CapacityError: none left")
    client.create_training_job(**job_request(aws, "no-capacity"))
    told = client.describe_training_job(TrainingJobName="no-capacity")
    assert (told["TrainingJobStatus"], told["FailureReason"]) == ("Failed", "CapacityError: none left")
    assert "Training" not in phases(told)
    client.create_training_job(**job_request(aws, "capacity"))
    assert ended(aws, "capacity")["TrainingJobStatus"] == "Completed", "one job fails, not the one after it"


def test_jobs_are_listed(aws: OfflineAws) -> None:
    client = aws.session.client("sagemaker")
    client.create_training_job(**job_request(aws, "listed"))
    ended(aws, "listed")
    rows = client.list_training_jobs(NameContains="liste", StatusEquals="Completed")["TrainingJobSummaries"]
    assert [row["TrainingJobName"] for row in rows] == ["listed"]
    assert client.list_training_jobs(NameContains="listed", StatusEquals="Failed")["TrainingJobSummaries"] == []


def test_what_aws_does_itself_is_no_call_of_the_user(aws: OfflineAws) -> None:
    before = len(aws.calls)
    aws.session.client("sagemaker").create_training_job(**job_request(aws, "quiet"))
    ended(aws, "quiet")
    made = {(call.service, call.operation) for call in aws.calls[before:]}
    assert made == {("s3", "PutObject"), ("sagemaker", "CreateTrainingJob"), ("sagemaker", "DescribeTrainingJob")}
    sent = next(call for call in aws.calls[before:] if call.operation == "CreateTrainingJob")
    assert sent.parameters["TrainingJobName"] == "quiet"


def _printed(aws: OfflineAws, job: str, line: str) -> bool:
    client = aws.session.client("logs")
    try:
        return line in log(aws, job)
    except client.exceptions.ResourceNotFoundException:
        return False
