"""Names, ARNs and tags as Rekognition takes them: botocore checks none of this, and the service only says "invalid"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mediaml.errors import AwsValidationError

OWNER = "mediaml:owner"
KIND = "mediaml:kind"
KEEP = "mediaml:keep"
OURS = "mediaml"
NAME = re.compile(r"[a-zA-Z0-9_.\-]{1,255}")
BUCKET = re.compile(r"[0-9A-Za-z.\-_]{3,63}")
LONGEST_PREFIX = 700  # bytes of the 1,024 of a key: behind it stand hashes and a file's name of up to 255
KMS_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}")
VERSION = re.compile(
    r"arn:(?P<partition>[a-z\d-]+):rekognition:(?P<region>[a-z\d-]+):(?P<account>\d{12}):"
    r"project/(?P<project>[a-zA-Z0-9_.\-]{1,255})/version/(?P<version>[a-zA-Z0-9_.\-]{1,255})/(?P<stamp>[0-9]+)"
)
MOST_TAGS = 195  # of 200: some are ours
LONGEST_KEY, LONGEST_VALUE = 128, 256


class VersionName(NamedTuple):
    """A version of a project, by its ARN.

    Parameters
    ----------
    arn
        All of it.
    region, project, version
        Its parts.
    """

    arn: str
    region: str
    project: str
    version: str

    @property
    def short(self) -> str:
        """Project and version, as the ledger and `mediaml aws running` have them."""
        return f"{self.project}/{self.version}"


def version_name(arn: str) -> VersionName:
    """Take the ARN of a version apart.

    Raises
    ------
    AwsValidationError
        It is none.
    """
    found = VERSION.fullmatch(arn)
    if found is None:
        raise AwsValidationError(
            f"{arn!r} is not the ARN of a version (arn:aws:rekognition:region:account:project/NAME/version/VERSION/"
            f"digits); RekognitionModel.attach(project).arn gives it"
        )
    return VersionName(arn, found["region"], found["project"], found["version"])


def is_version(name: str) -> bool:
    """Tell whether this is meant to be the ARN of a version."""
    return name.startswith("arn:") and ":rekognition:" in name


def check_name(what: str, name: str) -> str:
    """Give a name that the service takes.

    Raises
    ------
    AwsValidationError
        It does not.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise AwsValidationError(f"{what} has 1 to 255 letters, digits, dots, hyphens and underscores, not {name!r}")
    return name


def check_place(bucket: str | None, prefix: str, kms_key: str | None) -> None:
    """Refuse a bucket, a prefix or a key that the service does not take.

    Raises
    ------
    AwsValidationError
        One of them.
    """
    if bucket is not None and not BUCKET.fullmatch(bucket):
        raise AwsValidationError(f"bucket is not what AWS takes ({BUCKET.pattern}): {bucket!r}")
    if len(prefix.encode()) > LONGEST_PREFIX:
        raise AwsValidationError(f"prefix has {len(prefix.encode())} bytes; at most {LONGEST_PREFIX}")
    if kms_key is not None and not KMS_KEY.fullmatch(kms_key):
        raise AwsValidationError(f"kms_key is not what AWS takes ({KMS_KEY.pattern}): {kms_key!r}")


def check_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Give tags that the service takes.

    Raises
    ------
    AwsValidationError
        It does not.
    """
    if len(tags) > MOST_TAGS:
        raise AwsValidationError(f"at most {MOST_TAGS} tags, not {len(tags)}")
    for key, value in tags.items():
        if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY or key.lower().startswith("aws:"):
            raise AwsValidationError(
                f"the key of a tag has 1 to {LONGEST_KEY} characters and does not begin with aws:, not {key!r}"
            )
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise AwsValidationError(f"the value of the tag {key} is a text of at most {LONGEST_VALUE} characters")
    return dict(tags)
