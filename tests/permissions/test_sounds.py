"""Who trains and serves sounds needs the rights that docs/permissions.md gives, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest

import mediaml as mm
from mediaml.aws.s3 import Location, Storage
from mediaml.aws.session import aws as aws_of
from mediaml.backends.sagemaker.inventory import inventory, stop
from mediaml.errors import JobFailedError
from mediaml.runtime import wav
from mediaml.testing import Fault
from tests.permissions.canned import BROKEN
from tests.permissions.conftest import BUCKET, Account
from tests.permissions.page import lacking, needless, policy
from tests.permissions.recording import Record, recorded
from tests.permissions.rights import rights
from tests.sounds import RATE, tone

pytestmark = pytest.mark.slow  # a life with a training

LARGE = 9 << 20  # bytes: sent in parts


class Trained(NamedTuple):
    """A whole life, and the model at its end."""

    record: Record
    model: mm.SageMakerAudioModel
    test: mm.AudioDataset


@pytest.fixture(scope="module")
def life(account: Account, recordings: str) -> Iterator[Trained]:
    """All that a caller does with sounds on SageMaker."""
    fetched = account.folder / "fetched"
    account.put("archive/good/day.wav", wav.write(tone("hum", 3), RATE))
    account.put("archive/broken/x.wav", BROKEN)
    with recorded(account.aws) as record:
        sounds = mm.AudioDataset.from_s3(recordings, to=fetched, session=account.aws.session, progress=False)
        train, validation, test = sounds.split(0.5, 0.25, 0.25, seed=1)
        model = account.sounds().fit(train, validation, progress=False)
        model.evaluate(test, progress=False)
        again = mm.SageMakerAudioModel.attach(model.job, session=account.aws.session, clock=account.aws.clock)
        assert again.wait(progress=False).labels == model.labels
        _serve(model, test)
        _hear_archive(account, model)
        _go_wrong(account, model, train, validation)
    (kept,) = [one for one in inventory(model._workshop) if one.bills]
    stop(model._workshop, kept)
    yield Trained(record, model, test)
    assert account.aws.running() == [] and account.aws.schedules() == []


def _serve(model: mm.SageMakerAudioModel, test: mm.AudioDataset) -> None:
    with model.deploy() as endpoint:
        endpoint.predict(test)
    with model.deploy("async", max_hours=1) as endpoint:
        endpoint.predict((tone("hum", 1), RATE))
    with model.deploy("realtime", max_hours=1), model.deploy("realtime", max_hours=2):
        model.predict((tone("hum", 1), RATE))
    model.deploy("realtime", keep=True).close()


def _hear_archive(account: Account, model: mm.SageMakerAudioModel) -> None:
    archive = f"s3://{BUCKET}/archive/good/"
    model.transform(archive, f"s3://{BUCKET}/mediaml/out/")
    model.transform(archive, f"s3://{BUCKET}/mediaml/events/", events=True)
    store = account.folder / "catalog.sqlite"
    found = mm.scan(archive, model, store, engine="sagemaker", session=account.aws.session, progress=False)
    assert list(found.files["state"]) == ["read"]


def _go_wrong(
    account: Account, model: mm.SageMakerAudioModel, train: mm.AudioDataset, validation: mm.AudioDataset
) -> None:
    """What fails shows its log; what is not wanted any more is ended."""
    with pytest.raises(JobFailedError, match="this is no WAV file"):
        model.transform(f"s3://{BUCKET}/archive/broken/", f"s3://{BUCKET}/mediaml/out2/")
    account.toolkit.broken = True
    with pytest.raises(JobFailedError, match="it does not come up"):
        model.deploy()
    account.toolkit.broken, account.toolkit.trains = False, "for ever"
    other = account.sounds(epochs=2).fit(train, validation, wait=False, progress=False)
    other.stop()
    account.toolkit.trains = "in earnest"
    storage, at = Storage(aws_of(account.aws.session)), Location(BUCKET, "mediaml/data/large")
    large = account.folder / "large"
    large.write_bytes(bytes(LARGE))
    storage.upload(large, at)
    account.aws.fail("s3", "UploadPart", Fault.ACCESS_DENIED, times=2)
    with suppress(Exception):  # what it is called is not asked here
        storage.upload(large, at)
    account.aws.heal()


def test_the_policy_gives_all_that_a_life_needs(life: Trained) -> None:
    assert lacking(policy("Who trains and serves sounds"), rights(life.record.ours)) == set()


def test_the_policy_gives_nothing_that_it_does_not_need(life: Trained) -> None:
    assert needless(policy("Who trains and serves sounds"), rights(life.record.ours)) == set()


NOT_PLAYED = {
    "ecr:GetAuthorizationToken": "images are not pulled offline",
    "ecr:BatchCheckLayerAvailability": "images are not pulled offline",
    "ecr:GetDownloadUrlForLayer": "images are not pulled offline",
    "ecr:BatchGetImage": "images are not pulled offline",
    "SignInToEcr: *": "images are not pulled offline",
    "Images: arn:aws:ecr:eu-west-1:763104351884:repository/mxnet-*": "images are not pulled offline",
    "cloudwatch:PutMetricData": "no figures are written offline",
    "Figures: *": "no figures are written offline",
    "logs:DescribeLogStreams": "AWS's own list for execution roles has it",
    "s3:AbortMultipartUpload": "large models and checkpoints are sent in parts by AWS's machines",
    "s3:DeleteObject": "of checkpoints: this life's job has none to take away",
}
"""Rights of the execution role that the offline AWS does not use in its place, and why they stand there."""


def test_the_execution_role_reaches_what_jobs_and_endpoints_read_and_write(life: Trained) -> None:
    played = rights(one for one in life.record.theirs if one.service in ("s3", "logs"))
    assert {"s3:GetObject", "s3:PutObject", "s3:ListBucket", "logs:PutLogEvents"} <= {one.action for one in played}
    assert lacking(policy("Execution role: what it may"), played) == set()
    assert needless(policy("Execution role: what it may"), played) == set(NOT_PLAYED)


def test_a_service_that_asks_an_endpoint_needs_one_right(account: Account, life: Trained) -> None:
    with life.model.deploy("realtime", max_hours=1) as endpoint:
        with recorded(account.aws) as record:
            mm.connect(endpoint.name, session=account.aws.session).predict(life.test)
        allowed = policy("Asking an endpoint", endpoint=endpoint.name)
        assert lacking(allowed, rights(record.ours)) == set()
        assert needless(allowed, rights(record.ours)) == set()


def test_it_can_ask_no_other_endpoint(account: Account, life: Trained) -> None:
    with life.model.deploy() as endpoint, recorded(account.aws) as record:
        mm.connect(endpoint.name, session=account.aws.session).predict(life.test)
    asked = rights(one for one in record.ours if one.operation == "InvokeEndpoint")
    assert asked and lacking(policy("Asking an endpoint"), asked) == asked
