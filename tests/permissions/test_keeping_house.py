"""What runs, ending it, setting up, the doctor, prices: each needs the rights of docs/permissions.md, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.aws.ledger import ledger
from mediaml.aws.price_list import AwsPriceList
from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import NAME, POLICY, StopRole
from mediaml.backends.sagemaker.creating import JOB, TRANSFORM
from mediaml.errors import Detached
from mediaml.models.base import Deployment
from mediaml.runtime import wav
from mediaml.testing.wire import Reply
from tests.cli.conftest import Run, run  # noqa: F401  a fixture
from tests.permissions.conftest import BUCKET, Account
from tests.permissions.page import lacking, needless, policy, together
from tests.permissions.recording import Made, recorded
from tests.permissions.rights import ACCOUNT, REGION, rights
from tests.sounds import RATE, tone


@pytest.fixture
def busy(account: Account, recordings: str, tmp_path: Path, coloured: mm.ImageDataset) -> Iterator[None]:
    """Have something of every kind at work: a training, a transform, an endpoint, a version."""
    sounds = mm.AudioDataset.from_s3(recordings, to=tmp_path / "fetched", session=account.aws.session, progress=False)
    train, validation = sounds.split(0.5, 0.5, seed=1)
    first, second = coloured.split(0.6, 0.4, seed=2, near_duplicates=False)
    account.toolkit.trains = "at once"
    model = account.sounds(epochs=4).fit(train, validation, progress=False)
    logos = account.pictures().fit(first, second, progress=False)
    account.put("archive/long/day.wav", wav.write(tone("hum", 3), RATE))
    account.toolkit.trains = "for ever"
    account.sounds(epochs=3).fit(train, validation, wait=False, progress=False)
    account.toolkit.trains = "in earnest"
    deployed: list[Deployment[Any, Any]] = [logos.deploy(max_hours=1), model.deploy("realtime", max_hours=1)]
    account.toolkit.open.clear()
    account.aws.fail("sagemaker", "DescribeTransformJob", KeyboardInterrupt(), after=1)
    with pytest.raises(Detached):
        model.transform(f"s3://{BUCKET}/archive/long/", f"s3://{BUCKET}/mediaml/long/")
    people = mm.FaceCollection("people", session=account.aws.session, clock=account.aws.clock).create()
    for kind, name in ((JOB, model.job), (TRANSFORM, "mediaml-gone")):  # a process that was killed leaves such lines
        ledger().created(model._workshop.resource(kind, name))
    yield
    account.toolkit.open.set()
    for one in deployed:
        one.close()
    logos.delete(project=True)
    people.delete()
    assert account.aws.running() == [] and account.aws.schedules() == []


def _kinds(made: list[Made]) -> set[str]:
    return {one.operation for one in made}


@pytest.fixture
def others_endpoint(account: Account) -> Iterator[str]:
    """Somebody else's endpoint, whose name holds ours."""
    client, name = account.aws.session.client("sagemaker"), "not-by-mediaml-at-all"
    account.put("theirs.tar.gz", b"a model")
    with account.aws._wire.inside():
        container = {"Image": account.aws.image, "ModelDataUrl": f"s3://{BUCKET}/theirs.tar.gz"}
        role = f"arn:aws:iam::{ACCOUNT}:role/mediaml"
        client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        variant = {"VariantName": "x", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    yield name
    account.aws._endpoints.close()


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_looking_and_ending(account: Account, others_endpoint: str, run: Run) -> None:  # noqa: F811
    with recorded(account.aws) as looked:
        told = run("aws", "running").stdout
    assert all(
        word in told for word in ("training-job", "transform-job", "endpoint", "rekognition-model", "rekognition-faces")
    )
    assert others_endpoint not in told
    with recorded(account.aws) as stopped:
        run("aws", "stop", "--all")
        account.toolkit.open.set()
    with recorded(account.aws) as gone:
        run("aws", "running")
    looking, ending = policy("What runs"), policy("Ending it")
    needed = rights(looked.ours) | rights(gone.ours)
    assert lacking(looking, rights(looked.ours)) == set()
    assert lacking(together(looking, ending), rights(stopped.ours)) == set()
    assert needless(ending, rights(stopped.ours)) == set()
    assert needless(looking, needed | rights(stopped.ours)) == set()
    assert not [one for one in _kinds(looked.ours) if not one.startswith(("List", "Describe", "Get"))]


def test_setting_up(account: Account, run: Run) -> None:  # noqa: F811
    with recorded(account.aws) as again:
        run("aws", "setup", "--yes")
    with account.aws._wire.inside():
        client = account.aws.session.client("iam")
        client.delete_role_policy(RoleName=NAME, PolicyName=POLICY)
        client.delete_role(RoleName=NAME)
    with recorded(account.aws) as first:
        run("aws", "setup", "--yes")
    needed = rights(again.ours) | rights(first.ours)
    assert lacking(policy("Making the stop role"), needed) == set()
    assert needless(policy("Making the stop role"), needed) == set()


def test_the_stop_role_on_the_page_is_the_one_that_is_made() -> None:
    role = StopRole(ACCOUNT)
    assert policy("Stop role: who may take it") == role.trust
    assert policy("Stop role: what it may") == role.policy


def test_the_stop_role_can_end_what_was_deployed_and_nothing_else(account: Account) -> None:
    allowed = policy("Stop role: what it may")
    endpoint = Made("sagemaker", "DeleteEndpoint", {"EndpointName": "mediaml-cnn-0-realtime"}, False)
    arn = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/logos/version/mediaml-0/1600000000000"
    version = Made("rekognition", "StopProjectVersion", {"ProjectVersionArn": arn}, False)
    transform = Made("sagemaker", "StopTransformJob", {"TransformJobName": "mediaml-cnn-0-t-1"}, False)
    assert lacking(allowed, rights([endpoint, transform, version])) == set()
    assert needless(allowed, rights([endpoint, transform, version])) == set()
    foreign = Made("sagemaker", "DeleteEndpoint", {"EndpointName": "theirs"}, False)
    start = version._replace(operation="StartProjectVersion")
    assert lacking(allowed, rights([foreign, start])) == rights([foreign, start])


def test_the_doctor(account: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    role = {"RoleName": "me", "AssumeRolePolicyDocument": "{}"}
    with account.aws._wire.inside():
        account.aws.session.client("iam").create_role(**role)
        account.aws.session.client("s3").delete_public_access_block(Bucket=BUCKET)
    caller = {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/me/session", "UserId": "AROA:session"}
    monkeypatch.setitem(account.aws._wire.operations, ("sts", "GetCallerIdentity"), lambda request: Reply(caller))
    words = ("--role", f"arn:aws:iam::{ACCOUNT}:role/mediaml", "--bucket", BUCKET, "--project", "logos")
    with recorded(account.aws) as record:
        told = run("aws", "doctor", *words, "--instance-type", "ml.c5.2xlarge", code=1).stdout
    assert "what lies there can be made public" in told and "may not be asked" not in told
    needed = rights(record.ours)
    assert lacking(policy("Looking whether all is well"), needed) == set()
    assert needless(policy("Looking whether all is well"), needed) == set()


def test_prices(account: Account) -> None:
    product = {"regionCode": REGION, "instanceName": "ml.m5.large", "component": "Hosting"}
    account.aws.price_list.add("AmazonSageMaker", product, 0.1)
    with recorded(account.aws) as record:
        assert AwsPriceList(account.aws.session).price("sagemaker hosting ml.m5.large", REGION).amount == 0.1
    assert lacking(policy("Knowing prices"), rights(record.ours)) == set()
    assert needless(policy("Knowing prices"), rights(record.ours)) == set()


def test_who_asks_who_they_are_needs_no_right(account: Account) -> None:
    with recorded(account.aws) as record:
        aws_of(account.aws.session).account()
    assert _kinds(record.ours) == {"GetCallerIdentity"} and rights(record.ours) == set()
