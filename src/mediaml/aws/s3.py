"""Files on S3."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsAccessError, AwsNotFoundError, AwsValidationError, EnvironmentSettingError

SCHEME = "s3://"
OWNER = "MEDIAML_BUCKET_OWNER"
LARGEST = 1 << 30  # bytes of a file that is read to memory


class Location(NamedTuple):
    """A bucket and a key, or the start of keys."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """As ``s3://bucket/key``."""
        return f"{SCHEME}{self.bucket}/{self.key}"

    def __truediv__(self, part: str) -> Location:
        return Location(self.bucket, f"{self.key.rstrip('/')}/{part}" if self.key else part)


class Object(NamedTuple):
    """A file on S3, its size in bytes, and when it last changed (seconds since 1970)."""

    location: Location
    size: int
    modified: float


def is_uri(value: object) -> bool:
    """Tell whether this is a text that begins with ``s3://``."""
    return isinstance(value, str) and value.startswith(SCHEME)


def location(uri: str) -> Location:
    """Take ``s3://bucket/key`` apart.

    Raises
    ------
    AwsValidationError
        It is none.
    """
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not is_uri(uri) or not bucket:
        raise AwsValidationError(f"s3://bucket/key was expected, not {uri!r}")
    return Location(bucket, key)


def bucket_owner(aws: Aws) -> str:
    """Give the account that the caller's buckets belong to: that of ``MEDIAML_BUCKET_OWNER``, or the caller's own.

    Raises
    ------
    EnvironmentSettingError
        It is no account.
    AwsError
        STS cannot be asked. Every caller may, but from a network without a way to it; then the variable helps.
    """
    named = os.environ.get(OWNER, "")
    if not named:
        return aws.account()
    if not (named.isascii() and named.isdigit() and len(named) == 12):
        raise EnvironmentSettingError(f"{OWNER} is the 12 digits of an account of AWS, not {named!r}")
    return named


@dataclass(frozen=True)
class Storage:
    """S3 in an account.

    Parameters
    ----------
    aws
        The account.
    kms_key
        What files are encrypted with; None: the bucket's own choice.
    """

    aws: Aws
    kms_key: str | None = None

    @property
    def _client(self) -> Any:
        return self.aws.client("s3")

    def exists(self, at: Location) -> bool:
        """Tell whether there is such a file in a bucket of the caller's own: what is there is not sent again."""
        try:
            with self._own(f"looking at {at.uri}") as owner:
                self._client.head_object(Bucket=at.bucket, Key=at.key, **owner)
        except AwsNotFoundError:
            return False
        return True

    def found(self, at: Location) -> Object:
        """Tell size and date of a file, of anyone's bucket who lets us.

        Raises
        ------
        AwsNotFoundError
            There is no such file.
        """
        with translated(f"looking at {at.uri}"):
            answer = self._client.head_object(Bucket=at.bucket, Key=at.key)
        return Object(at, int(answer["ContentLength"]), answer["LastModified"].timestamp())

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether the caller has such a bucket; one that someone else has under its name is an error."""
        try:
            with self._own(f"looking at the bucket {bucket}") as owner:
                self._client.head_bucket(Bucket=bucket, **owner)
        except AwsNotFoundError:
            return False
        return True

    def put(self, content: bytes, at: Location) -> Location:
        """Write a file."""
        with self._own(f"writing {at.uri}") as owner:
            self._client.put_object(Bucket=at.bucket, Key=at.key, Body=content, **owner, **self._encryption())
        return at

    def put_json(self, document: object, at: Location) -> Location:
        """Write a JSON file."""
        return self.put(json.dumps(document, indent=1, sort_keys=True).encode(), at)

    def upload(self, path: Path, at: Location) -> Location:
        """Copy a file to S3, large ones in parts."""
        with self._own(f"uploading {path} to {at.uri}") as owner:
            self._client.upload_file(str(path), at.bucket, at.key, ExtraArgs={**owner, **self._encryption()})
        return at

    def get(self, at: Location, *, own: bool = False) -> bytes:
        """Read a file to memory; `own`: of a bucket that must be the caller's."""
        with self._any(f"reading {at.uri}", own) as owner:
            found = self._client.get_object(Bucket=at.bucket, Key=at.key, **owner)
            if int(found.get("ContentLength", 0)) > LARGEST:
                raise AwsValidationError(
                    f"{at.uri}: {found['ContentLength']:,} bytes are too many to be read to memory"
                )

            content: bytes = found["Body"].read()
        return content

    def start_of(self, at: Location, length: int) -> tuple[bytes, int]:
        """Read the first bytes of a file, and tell how many it has."""
        with translated(f"reading {at.uri}"):
            found = self._client.get_object(Bucket=at.bucket, Key=at.key, Range=f"bytes=0-{length - 1}")
            content: bytes = found["Body"].read()
        _, _, size = str(found.get("ContentRange", "")).rpartition("/")
        return content, int(size) if size.isdigit() else len(content)

    def download(self, at: Location, path: Path, *, own: bool = False) -> Path:
        """Copy a file from S3; `own`: of a bucket that must be the caller's."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._any(f"downloading {at.uri}", own) as owner:
            self._client.download_file(at.bucket, at.key, str(path), ExtraArgs=owner)
        return path

    def listed(self, under: Location, *, own: bool = False) -> Iterator[Object]:
        """Give the files whose key begins so, in order; folders' own entries are none. `own`: see `get`."""
        with self._any(f"listing {under.uri}", own) as owner:
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=under.bucket, Prefix=under.key, **owner):
                for row in page.get("Contents", ()):
                    if not row["Key"].endswith("/"):
                        yield Object(
                            Location(under.bucket, row["Key"]), int(row["Size"]), row["LastModified"].timestamp()
                        )

    @contextmanager
    def _any(self, doing: str, own: bool) -> Iterator[dict[str, str]]:
        """Give the parameters of a call for a bucket of the caller's own, or of anyone's who lets us."""
        with self._own(doing) if own else translated(doing) as owner:
            yield owner or {}

    @contextmanager
    def _own(self, doing: str) -> Iterator[dict[str, str]]:
        """Give the parameters by which S3 refuses a bucket that is not the caller's, whoever took its name."""
        owner = bucket_owner(self.aws)
        try:
            with translated(doing):
                yield {"ExpectedBucketOwner": owner}
        except AwsAccessError as error:
            hint = f"Or the bucket is not of the account {owner}; where that is right, {OWNER}=... says of which it is."
            raise AwsAccessError(f"{error} {hint}", error.code, error.request_id) from error

    def _encryption(self) -> dict[str, str]:
        if self.kms_key is None:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}
