"""The bucket: where it is, whose it is, and what happens to what is put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mediaml.testing import Fault, OfflineAws
from tests.backends.doctor.conftest import Look

Made = Callable[..., str]


@pytest.fixture
def new_bucket(aws: OfflineAws) -> Iterator[Made]:
    """Make a bucket as it was before 2023, without encryption and open; it ends with the test."""
    client = aws.session.client("s3")
    names: list[str] = []

    def made(region: str = "us-east-1") -> str:
        names.append(f"bucket-{len(names)}")
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        aws.session.client("s3", region_name=region).create_bucket(Bucket=names[-1], **where)
        return names[-1]

    yield made
    for name in names:
        client.delete_bucket(Bucket=name)


def test_a_bucket_as_aws_makes_them_is_good(aws: OfflineAws, look: Look) -> None:
    found = {name: one for name, one in look(bucket=aws.bucket).items() if name.startswith("bucket")}
    assert {one.level for one in found.values()} == {"good"}
    assert sorted(found) == [
        "bucket",
        "bucket: encryption",
        "bucket: owner",
        "bucket: public access",
        "bucket: region",
        "bucket: versions",
    ]


@pytest.mark.parametrize("name", ["s3://my-media", "My-Media", "ab", "my-media/prefix"])
def test_what_is_no_buckets_name_is_a_problem(aws: OfflineAws, look: Look, name: str) -> None:
    found = look(bucket=name)["bucket"]
    assert found.level == "problem" and "neither s3:// nor a prefix" in found.remedy
    assert {call.service for call in aws.calls} == {"sts", "iam"}, "who, and the stop role"


def test_a_bucket_that_is_missing_is_a_problem_and_told_how_to_make(look: Look) -> None:
    found = look(bucket="not-there")
    assert found["bucket"].level == "problem"
    assert "aws s3 mb s3://not-there --region us-east-1" in found["bucket"].remedy
    assert not any(name.startswith("bucket:") for name in found)


def test_a_bucket_that_may_not_be_used_is_a_problem(aws: OfflineAws, look: Look) -> None:
    aws.fail("s3", "HeadBucket", Fault.ACCESS_DENIED)
    found = look(bucket=aws.bucket)
    assert found["bucket"].level == "problem" and "s3:ListBucket" in found["bucket"].remedy
    assert not any(name.startswith("bucket:") for name in found)


def test_a_bucket_in_another_region_is_a_problem(look: Look, new_bucket: Made) -> None:
    found = look(bucket=new_bucket("eu-west-1"))["bucket: region"]
    assert found.level == "problem" and "it is in eu-west-1" in found.found
    assert "--region eu-west-1" in found.remedy


def test_a_bucket_of_another_account_is_a_problem_and_no_more_is_looked_at(aws: OfflineAws, look: Look) -> None:
    aws.fail("s3", "HeadBucket", Fault.ACCESS_DENIED, after=1)  # the second look expects this account
    found = look(bucket=aws.bucket)
    assert found["bucket"].level == "good"
    assert (
        found["bucket: owner"].level == "problem"
        and f"not of the account {aws.account}" in found["bucket: owner"].found
    )
    assert "bucket: versions" not in found


def test_what_can_be_made_public_is_a_problem_and_told_how_to_close(
    aws: OfflineAws, look: Look, new_bucket: Made
) -> None:
    name = new_bucket()
    found = look(bucket=name)["bucket: public access"]
    assert found.level == "problem" and "BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy" in found.found
    _, _, blocks = found.remedy.partition("--public-access-block-configuration ")
    given = {key: value == "true" for key, value in (one.split("=") for one in blocks.split(","))}
    aws.session.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=given)
    assert look(bucket=name)["bucket: public access"].level == "good", "the remedy helps"


def test_one_block_that_is_off_is_named(aws: OfflineAws, look: Look, new_bucket: Made) -> None:
    name = new_bucket()
    given = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
    aws.session.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=given)
    assert look(bucket=name)["bucket: public access"].found.endswith("off: BlockPublicPolicy")


def test_the_account_may_block_for_the_bucket(aws: OfflineAws, look: Look, new_bucket: Made) -> None:
    control = aws.session.client("s3control")
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    control.put_public_access_block(AccountId=aws.account, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    found = look(bucket=new_bucket())["bucket: public access"]
    control.delete_public_access_block(AccountId=aws.account)
    assert found.level == "good" and "the account" in found.found


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault.ACCESS_DENIED, "needs s3:GetAccountPublicAccessBlock"), (Fault.LOST_BEFORE, "could not be asked")],
)
def test_where_the_account_may_not_be_asked_the_bucket_counts(
    aws: OfflineAws, look: Look, new_bucket: Made, fault: Fault, words: str
) -> None:
    aws.fail("s3control", "GetPublicAccessBlock", fault, times=9)
    found = look(bucket=new_bucket())["bucket: public access"]
    assert found.level == "problem" and words in found.found


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_versions_are_a_note_for_what_is_deleted_costs_on(
    aws: OfflineAws, look: Look, new_bucket: Made, status: str
) -> None:
    name = new_bucket()
    aws.session.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
    found = look(bucket=name)["bucket: versions"]
    assert found.level == "note" and "costs on" in found.found and "NoncurrentVersionExpiration" in found.remedy


def test_a_bucket_without_encryption_is_a_problem(look: Look, new_bucket: Made) -> None:
    found = look(bucket=new_bucket())["bucket: encryption"]
    assert found.level == "problem" and "put-bucket-encryption" in found.remedy


def test_a_key_of_its_own_is_a_note(aws: OfflineAws, look: Look, new_bucket: Made) -> None:
    name = new_bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "my-key"}}
    aws.session.client("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    found = look(bucket=name)["bucket: encryption"]
    assert found.level == "note" and "my-key" in found.found and "kms:GenerateDataKey" in found.remedy


@pytest.mark.parametrize(
    ("operation", "what", "right"),
    [
        ("GetPublicAccessBlock", "bucket: public access", "s3:GetBucketPublicAccessBlock"),
        ("GetBucketVersioning", "bucket: versions", "s3:GetBucketVersioning"),
        ("GetBucketEncryption", "bucket: encryption", "s3:GetEncryptionConfiguration"),
    ],
)
def test_a_right_that_lacks_is_named_and_the_others_are_looked_at(
    aws: OfflineAws, look: Look, operation: str, what: str, right: str
) -> None:
    aws.fail("s3", operation, Fault.ACCESS_DENIED)
    found = {name: one for name, one in look(bucket=aws.bucket).items() if name.startswith("bucket")}
    assert (found.pop(what).found, len(found)) == (f"may not be asked: needs {right}", 5)
    assert {one.level for one in found.values()} == {"good"}
