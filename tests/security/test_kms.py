"""With a key of the user's own, what AWS keeps is encrypted with it: files, jobs, disks, endpoints, versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.aws.test_bucket_owner import Sent, sent_to_s3
from tests.backends.rekognition.conftest import divided, rekognition_model
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.toolkits import Quick
from tests.colours import colour_fit, colours
from tests.sounds import write_tones

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WRITES = ("PutObject", "CreateMultipartUpload", "CopyObject")


def named(calls: list[Any], operation: str) -> dict[str, Any]:
    """Give what the last such call was asked."""
    return next(dict(call.parameters) for call in reversed(calls) if call.operation == operation)


def assert_written_with_the_key(sent: Sent) -> None:
    written = [params for name, params in sent if name in WRITES]
    assert written
    for params in written:
        assert (params.get("ServerSideEncryption"), params.get("SSEKMSKeyId")) == ("aws:kms", KEY), params.get("Key")


def encryption_of(aws: OfflineAws, prefix: str) -> set[tuple[str, str]]:
    """Give how the files that were sent from here are encrypted, as S3 has it."""
    client = aws.session.client("s3")
    keys = [row["Key"] for row in client.list_objects_v2(Bucket=aws.bucket, Prefix=prefix).get("Contents", ())]
    found = [client.head_object(Bucket=aws.bucket, Key=key) for key in keys]
    return {(one.get("ServerSideEncryption", ""), one.get("SSEKMSKeyId", "")) for one in found}


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""


def test_a_model_on_sagemaker(tmp_path: Path) -> None:
    parts = mm.AudioDataset.from_folder(write_tones(tmp_path / "tones", per_label=4)).split(0.5, 0.5, seed=1)
    with offline_aws(toolkit=Quick()) as aws:
        sent = sent_to_s3(aws)
        model = sagemaker_model(aws, epochs=1, kms_key=KEY).fit(*parts, progress=False)
        assert_written_with_the_key(sent)
        assert encryption_of(aws, "mediaml/data/") == {("aws:kms", KEY)}
        job = named(aws.calls, "CreateTrainingJob")
        assert (job["OutputDataConfig"]["KmsKeyId"], job["ResourceConfig"]["VolumeKmsKeyId"]) == (KEY, KEY)
        model.deploy(kind="async", instance_type="ml.m5.large", max_hours=1).close()
        config = named(aws.calls, "CreateEndpointConfig")
        assert (config["KmsKeyId"], config["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"]) == (KEY, KEY)
        model.deploy(kind="async", instance_type="ml.g4dn.xlarge", max_hours=1).close()
        config = named(aws.calls, "CreateEndpointConfig")
        assert "KmsKeyId" not in config, "it encrypts its own disks"
        assert config["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == KEY
        client = aws.session.client("s3")
        client.put_object(Bucket=aws.bucket, Key="in/a.wav", Body=(tmp_path / "tones/hum/0.wav").read_bytes())
        with pytest.raises(mm.errors.MediamlError):  # a server that says nothing
            model.transform(f"s3://{aws.bucket}/in/", f"s3://{aws.bucket}/out/", instance_type="ml.m5.large")
        transform = named(aws.calls, "CreateTransformJob")
        assert transform["TransformOutput"]["KmsKeyId"] == KEY
        assert transform["TransformResources"]["VolumeKmsKeyId"] == KEY


def test_a_model_on_custom_labels(tmp_path: Path) -> None:
    parts = divided(colours(tmp_path / "colours", 24), 0.5, 0.5)
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        sent = sent_to_s3(aws)
        rekognition_model(aws, kms_key=KEY).fit(*parts, progress=False)
        assert_written_with_the_key([one for one in sent if "evaluation" not in str(one[1].get("Key"))])
        assert named(aws.calls, "CreateProjectVersion")["KmsKeyId"] == KEY


def test_pictures_that_are_uploaded(tmp_path: Path) -> None:
    with offline_aws() as aws:
        sent = sent_to_s3(aws)
        found = colours(tmp_path / "colours", 2)
        found.upload(f"s3://{aws.bucket}/pictures/", kms_key=KEY, session=aws.session, progress=False)
        assert_written_with_the_key(sent)
        assert encryption_of(aws, "pictures/") == {("aws:kms", KEY)}


def test_without_a_key_the_bucket_decides(tmp_path: Path) -> None:
    with offline_aws() as aws:
        sent = sent_to_s3(aws)
        found = colours(tmp_path / "colours", 1)
        found.upload(f"s3://{aws.bucket}/pictures/", session=aws.session, progress=False)
        assert not any("ServerSideEncryption" in params for _, params in sent)
