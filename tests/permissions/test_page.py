"""docs/permissions.md is written as IAM takes it: keys, actions that exist, ARNs, and a `*` only where it must be."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import botocore.session
import pytest

from tests.permissions.page import PAGE, Right, allows, blocks, lacking, listed, needless

BLOCKS = blocks()
TRUSTS = ("Execution role: who may take it", "Stop role: who may take it")
LONGEST = 6144  # characters of a managed policy, without spaces
KEYS = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
CONDITIONS = {
    "iam:PassedToService",
    "aws:SourceAccount",
    "kms:GrantIsForAWSResource",
    "cloudwatch:namespace",
}
MODELS = {"servicequotas": "service-quotas"}
"""Services that botocore calls otherwise than IAM does."""
OTHERWISE = {
    "s3:ListBucket": ("s3", "ListObjectsV2"),
    "s3:GetEncryptionConfiguration": ("s3", "GetBucketEncryption"),
    "s3:GetBucketPublicAccessBlock": ("s3", "GetPublicAccessBlock"),
    "s3:GetAccountPublicAccessBlock": ("s3control", "GetPublicAccessBlock"),
    "s3:GetObjectVersion": ("s3", "GetObject"),
    "sagemaker:InvokeEndpoint": ("sagemaker-runtime", "InvokeEndpoint"),
    "sagemaker:InvokeEndpointAsync": ("sagemaker-runtime", "InvokeEndpointAsync"),
    "iam:PassRole": ("iam", "GetRole"),
}
"""Actions that IAM calls otherwise than the operations they let call; iam:PassRole lets call none."""
WITHOUT_RESOURCES = {
    *("sagemaker:ListTrainingJobs", "sagemaker:ListTransformJobs", "sagemaker:ListEndpoints"),
    *("rekognition:CreateProject", "rekognition:DescribeProjects"),
    *("rekognition:CreateCollection", "rekognition:DetectFaces"),
    *("servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas"),
    *("ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions"),
    *("ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
    *("s3:GetAccountPublicAccessBlock", "pricing:GetProducts", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"),
}
"""For which AWS's Service Authorization Reference names no resource."""
ARN = re.compile(r"arn:aws:(?P<service>[a-z0-9]+):(?P<region>[a-z0-9-]*|\*):(?P<account>\d{12})?:[^ ]+")
NO_REGION = ("s3", "iam")
FOREIGN = {"763104351884": "ecr"}
"""AWS's own account of images."""


def statements(heading: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(BLOCKS[heading])["Statement"]
    return found


def test_every_block_of_json_is_a_policy_under_a_heading_of_its_own() -> None:
    assert PAGE.read_text().count("```json") == len(BLOCKS) == 19
    assert "" not in BLOCKS


@pytest.mark.parametrize("heading", BLOCKS)
def test_iam_takes_it_whole(heading: str) -> None:
    assert len(re.sub(r"\s", "", BLOCKS[heading])) <= LONGEST


@pytest.mark.parametrize("heading", BLOCKS)
def test_its_grammar(heading: str) -> None:
    document = json.loads(BLOCKS[heading])
    assert set(document) == {"Version", "Statement"} and document["Version"] == "2012-10-17"
    sids = [one["Sid"] for one in document["Statement"] if "Sid" in one]
    assert len(sids) == len(set(sids)) and all(re.fullmatch("[A-Za-z0-9]+", one) for one in sids)
    for one in document["Statement"]:
        assert one["Effect"] == "Allow"
        assert set(one) <= KEYS and "Action" in one
        assert ("Principal" in one, "Resource" in one) == ((True, False) if heading in TRUSTS else (False, True))
        actions, resources = listed(one["Action"]), listed(one.get("Resource", []))
        assert len(actions) == len(set(actions)) and len(resources) == len(set(resources))
        for operator, keys in one.get("Condition", {}).items():
            assert operator in ("StringEquals", "StringLike", "Bool") and set(keys) <= CONDITIONS


@cache
def operations(service: str) -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_service_model(service).operation_names)


@pytest.mark.parametrize("heading", BLOCKS)
def test_every_action_exists(heading: str) -> None:
    for one in statements(heading):
        for action in listed(one["Action"]):
            named, _, operation = action.partition(":")
            service, operation = OTHERWISE.get(action, (MODELS.get(named, named), operation))
            assert operation in operations(service), action


@pytest.mark.parametrize("heading", BLOCKS)
def test_every_resource_is_an_arn_of_the_services_that_act(heading: str) -> None:
    for one in statements(heading):
        services = {action.partition(":")[0] for action in listed(one["Action"])}
        for resource in listed(one.get("Resource", [])):
            if resource == "*":
                continue
            found = ARN.fullmatch(resource)
            assert found is not None, resource
            assert {found["service"]} == services, resource
            assert (found["region"] == "") == (found["service"] in NO_REGION), resource
            assert (found["account"] is None) == (found["service"] == "s3"), resource
            assert found["account"] in (None, "123456789012") or FOREIGN[found["account"]] == found["service"]


@pytest.mark.parametrize("heading", BLOCKS)
def test_a_star_stands_where_aws_allows_no_resource_and_nowhere_else(heading: str) -> None:
    for one in statements(heading):
        actions = set(listed(one["Action"]))
        assert not any("*" in action for action in actions)
        if "Resource" in one:
            assert ("*" in listed(one["Resource"])) == bool(actions & WITHOUT_RESOURCES)
            assert actions <= WITHOUT_RESOURCES or not actions & WITHOUT_RESOURCES


def test_roles_are_passed_to_one_service_each() -> None:
    passing = [one for heading in BLOCKS for one in statements(heading) if "iam:PassRole" in listed(one["Action"])]
    assert {(one["Resource"], json.dumps(one["Condition"])) for one in passing} == {
        (f"arn:aws:iam::123456789012:role/{role}", json.dumps({"StringEquals": {"iam:PassedToService": service}}))
        for role, service in (("mediaml", "sagemaker.amazonaws.com"), ("mediaml-stop", "scheduler.amazonaws.com"))
    }


# -- what the tests of this folder judge by --------------------------------------------------------------------------


STATEMENT = {
    "Effect": "Allow",
    "Action": ["iam:PassRole", "s3:GetObject"],
    "Resource": ["arn:aws:s3:::b/x/*", "arn:aws:iam::1:role/r"],
}
POLICY = {"Statement": [STATEMENT]}
ROLE = Right("iam:PassRole", "arn:aws:iam::1:role/r", (("iam:PassedToService", "a.amazonaws.com"),))
FILE = Right("s3:GetObject", "arn:aws:s3:::b/x/y/z")


def test_a_statement_allows_its_actions_on_its_resources() -> None:
    assert allows(STATEMENT, FILE) and allows(STATEMENT, ROLE)
    assert not allows(STATEMENT, FILE._replace(resource="arn:aws:s3:::b/other"))
    assert not allows(STATEMENT, FILE._replace(action="s3:PutObject"))
    assert not allows({**STATEMENT, "Effect": "Deny"}, FILE)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"StringEquals": {"iam:PassedToService": "a.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": ["b", "a.amazonaws.com"]}}, True),
        ({"StringEquals": {"iam:PassedToService": "*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "1"}}, False),
        ({"StringLike": {"iam:PassedToService": "a.*"}}, True),
        ({"StringLike": {"iam:PassedToService": "b.*"}}, False),
    ],
)
def test_a_condition_has_to_be_met(condition: dict[str, Any], met: bool) -> None:
    assert allows({**STATEMENT, "Condition": condition}, ROLE) is met


def test_what_lacks_and_what_is_needless_is_named() -> None:
    assert lacking(POLICY, {FILE, ROLE}) == set() and needless(POLICY, {FILE, ROLE}) == set()
    other = FILE._replace(action="s3:PutObject")
    assert lacking(POLICY, {FILE, other}) == {other}
    assert needless(POLICY, {FILE}) == {"iam:PassRole", "statement 0: arn:aws:iam::1:role/r"}
