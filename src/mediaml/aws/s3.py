"""Files on S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsNotFoundError, AwsValidationError

SCHEME = "s3://"


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
        """Tell whether there is such a file."""
        try:
            with translated(f"looking at {at.uri}"):
                self._client.head_object(Bucket=at.bucket, Key=at.key)
        except AwsNotFoundError:
            return False
        return True

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether there is such a bucket that we may use."""
        try:
            with translated(f"looking at the bucket {bucket}"):
                self._client.head_bucket(Bucket=bucket)
        except AwsNotFoundError:
            return False
        return True

    def put(self, content: bytes, at: Location) -> Location:
        """Write a file."""
        with translated(f"writing {at.uri}"):
            self._client.put_object(Bucket=at.bucket, Key=at.key, Body=content, **self._encryption())
        return at

    def put_json(self, document: object, at: Location) -> Location:
        """Write a JSON file."""
        return self.put(json.dumps(document, indent=1, sort_keys=True).encode(), at)

    def upload(self, path: Path, at: Location) -> Location:
        """Copy a file to S3, large ones in parts."""
        with translated(f"uploading {path} to {at.uri}"):
            self._client.upload_file(str(path), at.bucket, at.key, ExtraArgs=self._encryption())
        return at

    def get(self, at: Location) -> bytes:
        """Read a file."""
        with translated(f"reading {at.uri}"):
            content: bytes = self._client.get_object(Bucket=at.bucket, Key=at.key)["Body"].read()
        return content

    def start_of(self, at: Location, length: int) -> tuple[bytes, int]:
        """Read the first bytes of a file, and tell how many it has."""
        with translated(f"reading {at.uri}"):
            found = self._client.get_object(Bucket=at.bucket, Key=at.key, Range=f"bytes=0-{length - 1}")
            content: bytes = found["Body"].read()
        _, _, size = str(found.get("ContentRange", "")).rpartition("/")
        return content, int(size) if size.isdigit() else len(content)

    def download(self, at: Location, path: Path) -> Path:
        """Copy a file from S3."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with translated(f"downloading {at.uri}"):
            self._client.download_file(at.bucket, at.key, str(path))
        return path

    def listed(self, under: Location) -> Iterator[Object]:
        """Give the files whose key begins so, in order; folders' own entries are none."""
        with translated(f"listing {under.uri}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=under.bucket, Prefix=under.key)
            for page in pages:
                for row in page.get("Contents", ()):
                    if not row["Key"].endswith("/"):
                        yield Object(
                            Location(under.bucket, row["Key"]), int(row["Size"]), row["LastModified"].timestamp()
                        )

    def _encryption(self) -> dict[str, str]:
        if self.kms_key is None:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}
