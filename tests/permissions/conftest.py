"""An account with the names of docs/permissions.md, and models in it that have learned a little."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.colours import colour_fit, write_colours
from tests.permissions.canned import Canned
from tests.permissions.page import blocks
from tests.permissions.rights import REGION
from tests.sounds import SPEC, write_tones

BUCKET = "my-media"


class Account(NamedTuple):
    """The account, what plays its containers, and a folder of this machine."""

    aws: OfflineAws
    toolkit: Canned
    folder: Path

    def put(self, key: str, content: bytes) -> str:
        with self.aws._wire.inside():
            self.aws.session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def put_folder(self, folder: Path, under: str) -> str:
        for path in sorted(folder.rglob("*.*")):
            self.put(f"{under}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        return f"s3://{BUCKET}/{under}/"

    def sounds(self, **settings: Any) -> mm.SageMakerAudioModel:
        """A model with the names of the page, which learns for a moment."""
        arguments = {**self.aws.settings, "role": "arn:aws:iam::123456789012:role/mediaml", "bucket": BUCKET}
        arguments |= {"epochs": 1, "batch_size": 8, **settings}
        return mm.SageMakerAudioModel(mm.SpectrogramBuilder(**SPEC), **arguments)

    def pictures(self, **settings: Any) -> mm.RekognitionModel:
        """A model with the names of the page."""
        arguments = {"bucket": BUCKET, "session": self.aws.session, "clock": self.aws.clock}
        return mm.RekognitionModel("logos", **{**arguments, **settings})


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    toolkit = Canned()
    with offline_aws(REGION, toolkit=toolkit) as aws:
        aws.rekognition.fit = colour_fit
        with aws._wire.inside():
            where = {"LocationConstraint": REGION}
            aws.session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
            trust = json.dumps(json.loads(blocks()["Execution role: who may take it"]))
            aws.session.client("iam").create_role(RoleName="mediaml", AssumeRolePolicyDocument=trust)
        yield Account(aws, toolkit, tmp_path_factory.mktemp("permissions"))


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""


@pytest.fixture(scope="package")
def recordings(account: Account) -> str:
    """A folder per label, on S3."""
    return account.put_folder(write_tones(account.folder / "tones", per_label=4), "recordings")


@pytest.fixture(scope="package")
def coloured(account: Account) -> mm.ImageDataset:
    """A folder per label, of this machine."""
    return mm.ImageDataset.from_folder(write_colours(account.folder / "colours", per_label=26))
