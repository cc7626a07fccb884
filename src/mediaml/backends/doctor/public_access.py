"""Whether what lies in a bucket can be made public: what the bucket and its account forbid together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediaml.aws.session import translated
from mediaml.backends.doctor.asking import Caller, said
from mediaml.backends.doctor.finding import GOOD, PROBLEM, Finding
from mediaml.errors import AwsAccessError, AwsError

WAYS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"
WHAT = "bucket: public access"


def public_access(caller: Caller, name: str) -> list[Finding]:
    """Look at the blocks of a bucket, and where they are not enough at those of the account."""
    open_ways = _open(lambda: caller.client("s3").get_public_access_block(Bucket=name))
    if not open_ways:
        return [Finding(WHAT, GOOD, "blocked by the bucket")]
    unseen = ""
    try:
        if caller.account:
            of_account = _open(lambda: caller.client("s3control").get_public_access_block(AccountId=caller.account))
            open_ways = [way for way in open_ways if way in of_account]
    except AwsAccessError:
        unseen = "; whether the account blocks it may not be asked: needs s3:GetAccountPublicAccessBlock"
    except AwsError as error:
        unseen = f"; whether the account blocks it could not be asked: {said(error)}"
    if not open_ways:
        return [Finding(WHAT, GOOD, "blocked by the bucket and the account together")]
    blocks = ",".join(f"{way}=true" for way in WAYS)
    remedy = f"aws s3api put-public-access-block --bucket {name} --public-access-block-configuration {blocks}"
    told = f"what lies there can be made public, for these are off: {', '.join(open_ways)}{unseen}"
    return [Finding(WHAT, PROBLEM, told, remedy)]


def _open(ask: Callable[[], Any]) -> list[str]:
    """Name the blocks that are off."""
    try:
        with translated("looking at public access"):
            blocks: dict[str, bool] = ask()["PublicAccessBlockConfiguration"]
    except AwsError as error:
        if error.code != NO_BLOCK:
            raise
        blocks = {}
    return [way for way in WAYS if not blocks.get(way)]
