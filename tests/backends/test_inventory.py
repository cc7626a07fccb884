"""What runs in an account is listed and can be ended, though a service cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.session import Aws
from mediaml.aws.session import aws as aws_of
from mediaml.backends.inventory import inventory, stop
from mediaml.testing import Fault, OfflineAws, offline_aws
from mediaml.testing.wire import Reply
from tests.backends.sagemaker.toolkits import Quick
from tests.backends.sweeping import no_pauses

NOWHERE = EndpointConnectionError(endpoint_url="https://rekognition.eu-north-1.amazonaws.com/")
OURS = [{"Key": "mediaml:owner", "Value": "mediaml"}]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    no_pauses(monkeypatch)


@pytest.fixture
def offline() -> Iterator[OfflineAws]:
    with offline_aws(toolkit=Quick()) as account:
        yield account


@pytest.fixture
def account(offline: OfflineAws) -> Aws:
    return aws_of(offline.session, offline.clock)


@pytest.fixture
def book(offline: OfflineAws) -> Ledger:
    return Ledger(offline.ledger)


def endpoint(offline: OfflineAws, name: str) -> None:
    """An endpoint that bears our tag, as another machine has made it."""
    client = offline.session.client("sagemaker")
    offline.session.client("s3").put_object(Bucket=offline.bucket, Key="model.tar.gz", Body=b"a model")
    container = {"Image": offline.image, "ModelDataUrl": f"s3://{offline.bucket}/model.tar.gz"}
    client.create_model(ModelName=name, ExecutionRoleArn=offline.role, PrimaryContainer=container)
    variant = {"VariantName": "x", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=OURS)


def names(account: Aws, book: Ledger) -> list[str]:
    return [one.name for one in inventory(account, book).found]


@pytest.mark.parametrize("what", [NOWHERE, Fault.THROTTLED, Fault.INTERNAL, Fault.VALIDATION, Fault.ACCESS_DENIED])
def test_where_custom_labels_cannot_be_asked_endpoints_are_listed_all_the_same(
    offline: OfflineAws, account: Aws, book: Ledger, what: Any
) -> None:
    endpoint(offline, "mediaml-birds")
    offline.fail("rekognition", "*", what, times=1000)
    listed = inventory(account, book)
    assert [one.name for one in listed.found] == ["mediaml-birds"]
    (told,) = listed.unknown
    assert told.startswith("listing projects: ")
    assert stop(account, book, listed.found)[0] == "endpoint mediaml-birds"
    assert offline.running() == []


def test_a_service_that_does_not_answer_is_asked_a_few_times_only(
    offline: OfflineAws, account: Aws, book: Ledger
) -> None:
    offline.fail("rekognition", "*", NOWHERE, times=1000)
    inventory(account, book)
    assert sum(one.service == "rekognition" for one in offline.calls) <= 4


def test_what_the_ledger_has_of_a_service_that_cannot_be_asked_is_listed_and_can_be_ended(
    offline: OfflineAws, account: Aws, book: Ledger
) -> None:
    endpoint(offline, "mediaml-birds")
    book.created(Resource("endpoint", "mediaml-birds", offline.region, offline.account))
    book.created(Resource("endpoint", "mediaml-birds", "eu-west-1", offline.account))
    book.created(Resource("endpoint-config", "mediaml-birds", offline.region, offline.account))
    offline.fail("sagemaker", "ListTrainingJobs", Fault.THROTTLED, times=4)
    listed = inventory(account, book)
    assert [(one.kind, one.status, one.bills, one.known) for one in listed.found] == [
        ("endpoint", "not known", True, True),
        ("endpoint-config", "not known", False, True),
    ]
    assert "ThrottlingException" in listed.unknown[0]
    stop(account, book, listed.found)
    assert offline.running() == []
    assert [one.resource.region for one in book.standing()] == ["eu-west-1"]


def test_an_endpoint_that_goes_while_the_tags_are_read_hides_no_other(
    offline: OfflineAws, account: Aws, book: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint(offline, "mediaml-birds")
    endpoint(offline, "mediaml-frogs")
    key = ("sagemaker", "ListEndpoints")
    listing = offline._wire.operations[key]

    def listed(request: dict[str, Any]) -> Reply:
        reply = listing(request)
        with offline._wire.inside():
            offline.session.client("sagemaker").delete_endpoint(EndpointName="mediaml-birds")
        return reply

    monkeypatch.setitem(offline._wire.operations, key, listed)
    assert names(account, book) == ["mediaml-frogs"]
