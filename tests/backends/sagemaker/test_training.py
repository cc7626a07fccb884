"""Jobs that are watched, left, interrupted, refused, and that fail."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from botocore.exceptions import ClientError

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.backends.sagemaker.job import Job
from mediaml.backends.sagemaker.request import volume_key
from mediaml.errors import (
    AwsAccessError,
    AwsNotFoundError,
    AwsQuotaError,
    AwsValidationError,
    Detached,
    JobFailedError,
    LabelError,
    MissingExtraError,
    NotFittedError,
)
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model

Parts = tuple[mm.AudioDataset, ...]


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


def weights(model: mm.SageMakerAudioModel) -> dict[str, np.ndarray]:
    local = model.to_local()
    assert isinstance(local, mm.LocalAudioModel) and local._fitted is not None
    return local._fitted.network.arrays()


def wait_for(condition: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "this never came"
        time.sleep(0.02)


def epochs_in_log(aws: OfflineAws, job: str) -> int:
    from mediaml.aws.logs import last_lines
    from mediaml.aws.session import aws as session_of

    lines = last_lines(session_of(aws.session, aws.clock), "/aws/sagemaker/TrainingJobs", f"{job}/", 1000)
    return len({line for line in lines if line.startswith("epoch=")})


@pytest.mark.slow
def test_a_spot_training_that_is_interrupted_twice_ends_with_the_same_weights(aws: OfflineAws, parts: Parts) -> None:
    unbroken = sagemaker_model(aws, epochs=8, prefix="one").fit(parts[0], parts[1], progress=False)
    broken = sagemaker_model(aws, epochs=8, prefix="two", instance_type="ml.c5.xlarge")
    broken.fit(parts[0], parts[1], wait=False, progress=False)
    assert broken.job != unbroken.job
    for epochs in (2, 4):
        wait_for(lambda epochs=epochs: epochs_in_log(aws, broken.job) >= epochs or broken.status().over)
        assert not broken.status().over, "the training was over before it could be interrupted: this proves nothing"
        aws.interrupt(broken.job)
        wait_for(lambda: "Interrupted" in phases(aws, broken.job)[-4:])
    broken.wait(progress=False)
    assert phases(aws, broken.job).count("Interrupted") == 2
    expected, got = weights(unbroken), weights(broken)
    assert all(np.array_equal(expected[name], got[name]) for name in expected)


def phases(aws: OfflineAws, job: str) -> list[str]:
    told = aws.session.client("sagemaker").describe_training_job(TrainingJobName=job)
    return [row["Status"] for row in told["SecondaryStatusTransitions"]]


def test_ctrl_c_leaves_the_job_alone_and_says_how_to_come_back(aws: OfflineAws, parts: Parts) -> None:
    model = sagemaker_model(aws, epochs=3)
    aws.fail("sagemaker", "DescribeTrainingJob", KeyboardInterrupt(), after=3)
    with pytest.raises(Detached, match=r"goes on, and costs.*SageMakerAudioModel\.attach\('mediaml-cnn-") as caught:
        model.fit(parts[0], parts[1], progress=False)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert [one.resource.name for one in Ledger(aws.ledger).standing()] == [caught.value.job]
    again = mm.SageMakerAudioModel.attach(caught.value.job, session=aws.session, clock=aws.clock)
    assert again.wait(progress=False).labels == ("hiss", "hum", "whistle")
    assert Ledger(aws.ledger).standing() == []


def test_the_log_is_shown_as_it_comes(aws: OfflineAws, parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    aws.step_states()
    sagemaker_model(aws, epochs=2).fit(parts[0], parts[1])
    told = capsys.readouterr().err
    assert "mediaml starts the training job" in told and "4 hours at most" in told
    for part in ("Starting", "Downloading", "Training", "Completed", "epoch=2 training_loss=", "s are billed"):
        assert part in told, told
    assert ": Starting the training job" in told and ": Downloading input data" in told
    assert "Starting Starting" not in told and "Downloading Downloading" not in told


@pytest.mark.slow
def test_without_the_right_to_read_logs_the_training_goes_on(
    aws: OfflineAws, parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.fail("logs", "DescribeLogStreams", Fault.ACCESS_DENIED, times=1000)
    sagemaker_model(aws, epochs=1).fit(parts[0], parts[1])
    told = capsys.readouterr().err
    assert told.count("the log cannot be shown") == 1


def test_the_metrics_are_the_services_too(aws: OfflineAws, parts: Parts) -> None:
    model = sagemaker_model(aws, epochs=2).fit(parts[0], parts[1], progress=False)
    assert set(model.status().metrics) == {"training_loss", "validation_loss", "validation_accuracy"}
    assert 0 <= model.status().metrics["validation_accuracy"] <= 1


class TestFailures:
    @pytest.mark.slow
    def test_a_job_that_gets_no_machine(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1)
        aws.fail_job("CapacityError: Unable to provision requested ML compute capacity.")
        with pytest.raises(JobFailedError, match="CapacityError"):
            model.fit(parts[0], parts[1], progress=False)
        with pytest.raises(JobFailedError, match="CapacityError"):
            model.deploy()
        first = model.job
        model.fit(parts[0], parts[1], progress=False)  # the same code again
        assert model.job == f"{first}-2"
        assert model.status().status == "Completed"

    @pytest.mark.slow
    def test_our_own_reason_and_the_end_of_the_log_are_in_the_message(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1)
        data = "mediaml/data/"
        model.fit(parts[0], parts[1], wait=False, progress=False)
        model.wait(progress=False)
        client = aws.session.client("s3")
        keys = [row["Key"] for row in client.list_objects_v2(Bucket=aws.bucket, Prefix=data)["Contents"]]
        for key in keys:
            if key.endswith(".pcm"):
                client.put_object(Bucket=aws.bucket, Key=key, Body=b"ab")
        again = sagemaker_model(aws, epochs=2)
        with pytest.raises(JobFailedError, match=r"shard-00000\.pcm ends before clip") as caught:
            again.fit(parts[0], parts[1], progress=False)
        assert any("JobFault" in line for line in caught.value.log)

    def test_a_job_that_is_stopped(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1000).fit(parts[0], parts[1], wait=False, progress=False)
        with pytest.raises(NotFittedError, match="goes on"):
            model.deploy()
        model.stop()
        with pytest.raises(JobFailedError, match="was stopped"):
            model.wait(progress=False)
        model.stop()
        assert aws.running() == []
        assert Ledger(aws.ledger).standing() == []

    @pytest.mark.slow
    def test_a_job_whose_time_is_over(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1000, max_hours=3 / 3600)
        with pytest.raises(JobFailedError, match=r"MaxRuntimeExceeded.*larger max_hours"):
            model.fit(parts[0], parts[1], progress=False)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [(Fault.ACCESS_DENIED, AwsAccessError), (Fault.LIMIT_EXCEEDED, AwsQuotaError)],
        ids=["denied", "quota"],
    )
    def test_a_job_that_is_refused_is_not_in_the_ledger(
        self, aws: OfflineAws, parts: Parts, fault: Fault, error: type[Exception]
    ) -> None:
        aws.fail("sagemaker", "CreateTrainingJob", fault)
        with pytest.raises(error, match="creating the training-job mediaml-cnn-"):
            sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)
        assert Ledger(aws.ledger).standing() == []
        assert aws.running() == []

    @pytest.mark.slow
    def test_an_answer_that_is_lost_makes_no_second_job(self, aws: OfflineAws, parts: Parts) -> None:
        aws.fail("sagemaker", "CreateTrainingJob", Fault.LOST_AFTER)
        model = sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)
        told = aws.session.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
        assert [row["TrainingJobName"] for row in told] == [model.job]

    @pytest.mark.slow
    def test_throttling_is_waited_out(self, aws: OfflineAws, parts: Parts) -> None:
        aws.fail("sagemaker", "DescribeTrainingJob", Fault.THROTTLED, times=2, after=2)
        assert sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False).status().over


class TestWhatIsAskedFor:
    def test_the_request(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(
            aws, epochs=1, tags={"team": "archive"}, kms_key="alias/ours", subnets=["subnet-1"],
            security_groups=["sg-1"], max_hours=2, instance_type="ml.m5.large",
        )  # fmt: skip
        model.fit(parts[0], parts[1], wait=False, progress=False)
        told = next(call for call in aws.calls if call.operation == "CreateTrainingJob").parameters
        assert told["EnableManagedSpotTraining"] is True
        assert told["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 14400}
        assert told["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"
        assert told["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
        assert told["OutputDataConfig"]["KmsKeyId"] == told["ResourceConfig"]["VolumeKmsKeyId"] == "alias/ours"
        assert {"Key": "team", "Value": "archive"} in told["Tags"]
        assert told["HyperParameters"]["sagemaker_program"] == '"train.py"'
        assert len(told["AlgorithmSpecification"]["MetricDefinitions"]) == 3
        puts = [call for call in aws.calls if call.operation == "CreateBucket"]
        assert puts == [], "no bucket is ever created"
        model.stop()

    def test_on_demand(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1, spot=False).fit(parts[0], parts[1], wait=False, progress=False)
        told = next(call for call in aws.calls if call.operation == "CreateTrainingJob").parameters
        assert told["EnableManagedSpotTraining"] is False
        assert "MaxWaitTimeInSeconds" not in told["StoppingCondition"]
        with pytest.raises(ValueError, match="spot"):
            aws.interrupt(model.job)
        model.stop()

    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ({"role": "admin"}, "role is not what AWS takes"),
            ({"bucket": "Not_A_Bucket"}, "bucket is not what AWS takes"),
            ({"instance_type": "c5.large"}, "instance_type"),
            ({"max_hours": 0}, "max_hours"),
            ({"tags": {"aws:x": "y"}}, "tags"),
            ({"subnets": ["subnet-1"]}, "go together"),
        ],
    )
    def test_what_aws_would_not_take_is_refused_at_once(self, settings: dict[str, object], words: str) -> None:
        with pytest.raises(AwsValidationError, match=words):
            mm.SageMakerAudioModel(**settings)  # type: ignore[arg-type]

    def test_what_the_local_model_refuses_is_refused_before_anything_is_sent(
        self, aws: OfflineAws, parts: Parts
    ) -> None:
        with pytest.raises(LabelError):
            sagemaker_model(aws).fit(parts[0].where(label="hum"), progress=False)
        assert aws.calls == []
        with pytest.raises(NotFittedError, match="no training yet"):
            sagemaker_model(aws).status()

    def test_without_a_bucket_the_default_one_is_used_and_never_made(self, aws: OfflineAws, parts: Parts) -> None:
        with pytest.raises(AwsNotFoundError, match="sagemaker-us-east-1-123456789012 does not exist"):
            sagemaker_model(aws, epochs=1, bucket=None).fit(parts[0], parts[1], progress=False)
        default = "sagemaker-us-east-1-123456789012"
        aws.session.client("s3").create_bucket(Bucket=default)
        model = sagemaker_model(aws, epochs=1, bucket=None).fit(parts[0], parts[1], wait=False, progress=False)
        assert (
            Job(model._workshop, model.job)
            .described()["OutputDataConfig"]["S3OutputPath"]
            .startswith(f"s3://{default}/")
        )
        model.stop()

    def test_what_the_sagemaker_package_finds_needs_the_package(
        self, aws: OfflineAws, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("sagemaker.core.image_uris", "sagemaker.core.helper.session_helper"):
            monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingExtraError, match=r"mediaml\[sagemaker\]"):
            sagemaker_model(aws, epochs=1, image_uri=None).fit(parts[0], parts[1], progress=False)
        with pytest.raises(MissingExtraError, match="role="):
            sagemaker_model(aws, epochs=1, role=None).fit(parts[0], parts[1], progress=False)
        assert aws.running() == []

    def test_who_names_the_training_image_alone_is_told_before_it_costs(
        self, aws: OfflineAws, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "sagemaker.core.image_uris", None)
        model = sagemaker_model(aws, epochs=1, serving_image_uri=None)
        with pytest.warns(UserWarning, match="not be served on AWS.*serving_image_uri="):
            model.fit(parts[0], parts[1], progress=False)
        assert model.to_local().labels == parts[0].labels
        with pytest.raises(MissingExtraError, match="serving_image_uri="):
            model.deploy()


@pytest.mark.slow
def test_background_and_several_labels_travel_too(aws: OfflineAws, parts: Parts) -> None:
    train = parts[0].where(label=["hum", "whistle"])
    model = sagemaker_model(aws, epochs=4, multi_label=True)
    model.fit(train, parts[1].where(label=["hum", "whistle"]), background=parts[2].where(label="hiss"), progress=False)
    local = model.to_local()
    assert isinstance(local, mm.LocalAudioModel) and local.multi_label
    assert local.thresholds["false_alarms_per_hour"].notna().all()
    with model.deploy() as endpoint:
        said, expected = endpoint.predict(parts[2]), local.predict(parts[2])
    assert [one.labels for one in said] == [one.labels for one in expected]


def test_threads_of_the_offline_aws_end_with_it(parts: Parts) -> None:
    before = threading.active_count()
    with offline_aws() as aws:
        sagemaker_model(aws, epochs=500).fit(parts[0], parts[1], wait=False, progress=False)
        assert aws.running() != []
    assert threading.active_count() <= before + 1


@pytest.mark.slow
class TestTheSameAgain:
    """What is found by the same code, and what must not be."""

    def test_a_successor_goes_on_from_the_last_epoch(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=12).fit(parts[0], parts[1], wait=False, progress=False)
        wait_for(lambda: epochs_in_log(aws, model.job) >= 3)
        model.stop()
        first = model.job
        again = sagemaker_model(aws, epochs=12).fit(parts[0], parts[1], progress=False)
        assert again.job == f"{first}-2"
        told = aws.session.client("sagemaker").describe_training_job(TrainingJobName=again.job)
        assert told["CheckpointConfig"]["S3Uri"].endswith(f"jobs/{first}/checkpoints")
        local = again.to_local()
        assert isinstance(local, mm.LocalAudioModel) and len(local.history) == 12
        assert epochs_in_log(aws, again.job) == 12  # those before are told again, from the checkpoint
        assert again.status().billed_seconds is not None

    def test_another_grouping_is_another_training(self, aws: OfflineAws, parts: Parts) -> None:
        names = []
        for column in ("path", "label"):
            frame = parts[0].frame.assign(site=parts[0].frame[column])
            train = mm.AudioDataset.from_table(frame, group_column="site")
            model = sagemaker_model(aws, epochs=1).fit(train, parts[1], wait=False, progress=False)
            names.append(model.job)
            model.stop()
        assert names[0] != names[1]

    def test_a_model_that_learns_anew_is_not_asked_at_its_old_endpoint(self, aws: OfflineAws, parts: Parts) -> None:
        from mediaml.errors import NotDeployedError

        model = sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)
        with model.deploy() as endpoint:
            model.fit(parts[1], parts[0], progress=False)
            with pytest.raises(NotDeployedError):
                model.predict(next(iter(parts[2])))
            assert endpoint.predict(next(iter(parts[2]))).source

    def test_an_endpoint_that_has_failed_is_made_anew(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)
        aws.fail("sagemaker", "DescribeEndpoint", KeyboardInterrupt(), after=2)
        aws.fail("sagemaker", "DeleteEndpoint", Fault.ACCESS_DENIED)
        with pytest.raises(KeyboardInterrupt) as interrupt:
            model.deploy()
        (note,) = interrupt.value.__notes__
        assert "could not be taken back; see mediaml aws running" in note
        aws.heal()
        (name,) = [name for _, name in aws.running()]
        found = aws._endpoints.endpoints[name]
        wait_for(lambda: found.status != "Creating")
        found.status = "Failed"
        with model.deploy() as endpoint:
            assert endpoint.name == name
            assert endpoint.predict(next(iter(parts[2]))).source
        assert aws.running() == []

    def test_an_endpoint_is_known_a_little_late(self, aws: OfflineAws, parts: Parts) -> None:
        model = sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)
        late = ClientError(
            {"Error": {"Code": "ValidationException", "Message": 'Could not find endpoint configuration "x".'}}, "x"
        )
        aws.fail("sagemaker", "CreateEndpoint", late, times=2)
        with model.deploy():
            pass
        assert aws.running() == []


@pytest.mark.slow
def test_a_network_of_ones_own_is_not_for_serverless(aws: OfflineAws, parts: Parts) -> None:
    model = sagemaker_model(aws, epochs=1, subnets=["subnet-1"], security_groups=["sg-1"])
    model.fit(parts[0], parts[1], progress=False)
    with pytest.raises(AwsValidationError, match="serverless endpoint cannot run in a network of your own"):
        model.deploy()
    with model.deploy(kind="realtime", max_hours=1):
        pass


@pytest.mark.parametrize(
    ("instance", "takes"),
    [("ml.c5.2xlarge", True), ("ml.g4dn.xlarge", False), ("ml.g5.xlarge", False), ("ml.m5d.large", False)],
)
def test_machines_with_disks_of_their_own_take_no_volume_key(instance: str, takes: bool) -> None:
    assert bool(volume_key("alias/ours", instance)) is takes
    assert volume_key(None, instance) == {}
