"""The bucket: where it is, whose it is, and what happens to what is put there."""

from __future__ import annotations

import os

from mediaml.aws.s3 import OWNER
from mediaml.aws.session import translated
from mediaml.backends.doctor.asking import Caller, asked
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from mediaml.backends.doctor.public_access import public_access
from mediaml.backends.sagemaker.settings import BUCKET
from mediaml.errors import AwsAccessError, AwsError, AwsNotFoundError

NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
DEFAULT = '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}'


def bucket(caller: Caller, name: str) -> list[Finding]:
    """Look at a bucket."""
    if not BUCKET.fullmatch(name):
        remedy = "3 to 63 small letters, digits, points and hyphens; neither s3:// nor a prefix."
        return [Finding("bucket", PROBLEM, f"{name!r} is no bucket's name", remedy)]
    found = asked("bucket", "s3:ListBucket", lambda: _place(caller, name))
    if found[0].level == PROBLEM and found[0].what == "bucket":
        return found
    owned = asked("bucket: owner", "s3:ListBucket", lambda: _owner(caller, name))
    if owned[0].level == PROBLEM:
        return [*found, *owned]
    return [
        *found,
        *owned,
        *asked("bucket: public access", "s3:GetBucketPublicAccessBlock", lambda: public_access(caller, name)),
        *asked("bucket: versions", "s3:GetBucketVersioning", lambda: _versions(caller, name)),
        *asked("bucket: encryption", "s3:GetEncryptionConfiguration", lambda: _encryption(caller, name)),
    ]


def _place(caller: Caller, name: str) -> list[Finding]:
    region = caller.aws.region
    try:
        with translated(f"looking at the bucket {name}"):
            found = caller.client("s3").head_bucket(Bucket=name)
    except AwsNotFoundError:
        make = f"aws s3 mb s3://{name} --region {region}"
        return [Finding("bucket", PROBLEM, f"there is no bucket {name}", f"Check the name, or make it: {make}")]
    except AwsAccessError:
        told = f"{name} exists, and the caller may not use it: it is another account's, or a right lacks"
        return [Finding("bucket", PROBLEM, told, f"Give the caller s3:ListBucket on {name}, or take your own bucket.")]
    place = str(found.get("BucketRegion") or "")
    good = Finding("bucket", GOOD, f"{name} exists")
    if not place:
        return [
            good,
            Finding("bucket: region", NOTE, "AWS did not tell it", "Check it: aws s3api get-bucket-location."),
        ]
    if place != region:
        told = f"it is in {place}, and work is to be done in {region}"
        remedy = (
            f"Work in {place} (--region {place}), or take a bucket of {region}: jobs work on buckets of their region."
        )
        return [good, Finding("bucket: region", PROBLEM, told, remedy)]
    return [good, Finding("bucket: region", GOOD, place)]


def _owner(caller: Caller, name: str) -> list[Finding]:
    what = "bucket: owner"
    account = os.environ.get(OWNER) or caller.account
    if not account:
        return [Finding(what, NOTE, "not looked at: the caller's account is not known")]
    try:
        with translated(f"looking at the owner of {name}"):
            caller.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except AwsAccessError:
        told = f"{name} is not of the account {account}: its owner can read and delete what is put there"
        remedy = f"Take a bucket of your own account, or say whose it is on purpose: {OWNER}=123456789012."
        return [Finding(what, PROBLEM, told, remedy)]
    return [Finding(what, GOOD, f"the account {account}")]


def _versions(caller: Caller, name: str) -> list[Finding]:
    what = "bucket: versions"
    with translated(f"looking at the versions of {name}"):
        status = caller.client("s3").get_bucket_versioning(Bucket=name).get("Status")
    if status is None:
        return [Finding(what, GOOD, "none are kept: what is deleted is gone, and costs no more")]
    kept = "are kept" if status == "Enabled" else "were kept once"
    told = f"older ones {kept}: what is deleted or written anew stays as an older version, and costs on"
    remedy = "A lifecycle rule with NoncurrentVersionExpiration ends them after some days."
    return [Finding(what, NOTE, told, remedy)]


def _encryption(caller: Caller, name: str) -> list[Finding]:
    what = "bucket: encryption"
    try:
        with translated(f"looking at the encryption of {name}"):
            found = caller.client("s3").get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    except AwsError as error:
        if error.code != NO_ENCRYPTION:
            raise
        remedy = f"aws s3api put-bucket-encryption --bucket {name} --server-side-encryption-configuration '{DEFAULT}'"
        return [Finding(what, PROBLEM, "there is no default encryption", remedy)]
    default = found["Rules"][0].get("ApplyServerSideEncryptionByDefault", {})
    algorithm = str(default.get("SSEAlgorithm", ""))
    if algorithm.startswith("aws:kms"):
        told = f"{algorithm} with {default.get('KMSMasterKeyID', 'the key that AWS keeps for S3')}"
        remedy = "With a key of your own, the caller and the role need kms:Decrypt and kms:GenerateDataKey on it."
        return [Finding(what, NOTE, told, remedy)]
    return [Finding(what, GOOD, algorithm)]
