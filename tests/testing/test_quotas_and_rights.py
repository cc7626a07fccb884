"""What the offline AWS answers of quotas and rights, and how its older services refuse: in XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from mediaml.testing import Fault, OfflineAws, offline_aws
from mediaml.testing.query import answered, read, refused
from mediaml.testing.quotas import PAGE

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


def test_quotas_come_in_pages_and_can_be_set(aws: OfflineAws) -> None:
    aws.quotas.applied["sagemaker"] = {f"quota {number}": float(number) for number in range(PAGE + 1)}
    client = aws.session.client("service-quotas")
    pages = list(client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker"))
    assert [len(page["Quotas"]) for page in pages] == [PAGE, 1]
    assert pages[1]["Quotas"][0]["QuotaName"] == f"quota {PAGE}" and pages[1]["Quotas"][0]["Value"] == PAGE
    assert len({row["QuotaCode"] for page in pages for row in page["Quotas"]}) == PAGE + 1


def test_defaults_are_told_apart(aws: OfflineAws) -> None:
    client = aws.session.client("service-quotas")
    aws.quotas.defaults["sagemaker"] = {"only a default": 7.0}
    for ask, told in ((client.list_service_quotas, False), (client.list_aws_default_service_quotas, True)):
        pages = client.get_paginator(ask.__name__).paginate(ServiceCode="sagemaker")
        names = [row["QuotaName"] for page in pages for row in page["Quotas"]]
        assert ("only a default" in names) is told
    with pytest.raises(client.exceptions.NoSuchResourceException):
        client.list_service_quotas(ServiceCode="nothing")


def test_rights_are_simulated_as_set(aws: OfflineAws) -> None:
    iam = aws.session.client("iam")
    asked: dict[str, Any] = {"PolicySourceArn": aws.role, "ActionNames": ["iam:PassRole", "s3:GetObject"]}
    aws.rights.denied.add("iam:PassRole")
    answer = iam.simulate_principal_policy(**asked)
    assert [one["EvalDecision"] for one in answer["EvaluationResults"]] == ["implicitDeny", "allowed"]
    assert answer["IsTruncated"] is False
    assert aws.calls[-1].parameters == asked
    with pytest.raises(iam.exceptions.InvalidInputException):
        iam.simulate_principal_policy(PolicySourceArn="arn:aws:iam::123456789012:root", ActionNames=["iam:PassRole"])


@pytest.mark.parametrize(
    ("service", "operation", "ask", "given"),
    [
        ("iam", "GetRole", "get_role", {"RoleName": "mediaml-offline"}),
        ("sts", "GetCallerIdentity", "get_caller_identity", {}),
        ("s3", "GetBucketVersioning", "get_bucket_versioning", {"Bucket": "mediaml-offline-us-east-1"}),
        ("s3control", "GetPublicAccessBlock", "get_public_access_block", {"AccountId": "123456789012"}),
    ],
)
def test_services_that_speak_xml_refuse_in_xml(
    aws: OfflineAws, service: str, operation: str, ask: str, given: dict[str, str]
) -> None:
    aws.fail(service, operation, Fault.ACCESS_DENIED)
    with pytest.raises(ClientError, match="AccessDeniedException was injected") as refusal:
        getattr(aws.session.client(service, config=ONCE), ask)(**given)
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_refusal_to_a_head_has_no_body(aws: OfflineAws) -> None:
    aws.fail("s3", "HeadBucket", Fault.ACCESS_DENIED)
    with pytest.raises(ClientError) as refusal:
        aws.session.client("s3", config=ONCE).head_bucket(Bucket=aws.bucket)
    assert refusal.value.response["Error"] == {"Code": "403", "Message": "Forbidden"}


def test_a_form_is_read_and_an_answer_written() -> None:
    form = b"Action=Do&Version=1&A.member.2=y&A.member.1=x%3Ay&B.member.1.C=1&B.member.1.D.member.1=z&E=e"
    assert read(form) == {"A": ["x:y", "y"], "B": [{"C": "1", "D": ["z"]}], "E": "e"}
    assert answered("Do", {"A": ["<"], "B": True}) == (
        b"<DoResponse><DoResult><A><member>&lt;</member></A><B>true</B></DoResult></DoResponse>"
    )
    assert refused("s3", "No", "a & b") == b"<Error><Code>No</Code><Message>a &amp; b</Message></Error>"
    assert refused("iam", "No", "").startswith(b"<ErrorResponse><Error>")


def test_quotas_are_answered_over_http_too(aws: OfflineAws) -> None:
    with aws.serve() as address:
        client = aws.session.client("service-quotas", endpoint_url=address)
        names = [row["QuotaName"] for row in client.list_service_quotas(ServiceCode="rekognition")["Quotas"]]
    assert any("Custom Labels" in name for name in names)
