"""Jobs by AWS's own training program: pretrained, failing, interrupted."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.conformance.aws_toolkit import AwsToolkit
from tests.shared_data import shared
from tests.sounds import SPEC, write_tones
from tests.weights import yamnet_weights

pytestmark = pytest.mark.slow
CLOSE = 1e-3
LABELS = ["dog_bark", "rain", "baby_cry", "rooster"]


@pytest.fixture(scope="module")
def clips() -> mm.AudioDataset:
    table = shared("audio", "esc10.csv")
    return mm.AudioDataset.from_table(table, root=table.parents[1]).where(label=LABELS)


def test_a_pretrained_network_travels_with_its_weights(aws_image: AwsToolkit, clips: mm.AudioDataset) -> None:
    yamnet_weights()
    with offline_aws(toolkit=aws_image) as aws:
        model = mm.SageMakerAudioModel(network="yamnet", **aws.settings)
        model.fit(clips.where(fold=[1, 2]), progress=False)
        local, test = model.to_local(), clips.where(fold=3)
        report = local.evaluate(test)
        assert isinstance(report, mm.AudioReport) and report.accuracy > 0.9
        with model.deploy() as endpoint:
            for one, other in zip(endpoint.predict(test), local.predict(test), strict=True):
                assert (one.label, one.reason) == (other.label, other.reason)
                assert one.confidence == pytest.approx(other.confidence, abs=CLOSE)


def test_a_failure_names_its_reason(aws_toolkit: AwsToolkit, tmp_path: Path) -> None:
    sounds = mm.AudioDataset.from_folder(write_tones(tmp_path / "tones", per_label=4))
    train, validation = sounds.split(0.5, 0.5, seed=1)
    with offline_aws(toolkit=aws_toolkit) as aws:
        settings = {"epochs": 1, **aws.settings}
        mm.SageMakerAudioModel(mm.SpectrogramBuilder(**SPEC), **settings).fit(train, validation, progress=False)
        client = aws.session.client("s3")
        for row in client.list_objects_v2(Bucket=aws.bucket, Prefix="mediaml/data/")["Contents"]:
            if row["Key"].endswith(".pcm"):
                client.put_object(Bucket=aws.bucket, Key=row["Key"], Body=b"")
        again = mm.SageMakerAudioModel(mm.SpectrogramBuilder(**SPEC), **settings, instance_type="ml.m5.large")
        with pytest.raises(mm.errors.JobFailedError, match=r"shard-00000\.pcm ends before clip"):
            again.fit(train, validation, progress=False)


def test_a_spot_training_that_is_interrupted_twice_ends_with_the_same_weights(
    aws_image: AwsToolkit, tmp_path: Path
) -> None:
    sounds = mm.AudioDataset.from_folder(write_tones(tmp_path / "tones", per_label=8))
    train, validation = sounds.split(0.5, 0.5, seed=1)
    found = []
    with offline_aws(toolkit=aws_image) as aws:
        for prefix, instance, interruptions in (("one", "ml.c5.2xlarge", 0), ("two", "ml.c5.xlarge", 2)):
            settings = {"epochs": 10, "batch_size": 8, **aws.settings, "prefix": prefix, "instance_type": instance}
            model = mm.SageMakerAudioModel(mm.SpectrogramBuilder(**SPEC), **settings)
            model.fit(train, validation, wait=False, progress=False)
            for number in range(interruptions):
                wait_for_epochs(aws, model, 3 * (number + 1))
                aws.interrupt(model.job)
                wait_for_phase(aws, model, "Interrupted", number + 1)
            model.wait(progress=False)
            local = model.to_local()
            assert isinstance(local, mm.LocalAudioModel) and local._fitted is not None
            found.append(local._fitted.network.arrays())
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


def wait_for_epochs(aws: OfflineAws, model: mm.SageMakerAudioModel, epochs: int) -> None:
    from mediaml.aws.logs import last_lines
    from mediaml.aws.session import aws as session_of

    until = time.monotonic() + 90
    while time.monotonic() < until:
        lines = last_lines(session_of(aws.session), "/aws/sagemaker/TrainingJobs", f"{model.job}/", 1000)
        if len({line for line in lines if line.startswith("epoch=")}) >= epochs:
            assert not model.status().over, "the training was over before it could be interrupted"
            return
        time.sleep(0.02)
    raise AssertionError("these epochs never came")


def wait_for_phase(aws: OfflineAws, model: mm.SageMakerAudioModel, phase: str, times: int) -> None:
    client, until = aws.session.client("sagemaker"), time.monotonic() + 60
    while time.monotonic() < until:
        told = client.describe_training_job(TrainingJobName=model.job)["SecondaryStatusTransitions"]
        if [row["Status"] for row in told].count(phase) >= times:
            return
        time.sleep(0.02)
    raise AssertionError(f"{phase} never came")
