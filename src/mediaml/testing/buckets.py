"""S3 as AWS's own machines use it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from mediaml.testing.wire import Wire


class Buckets:
    """Files on the offline S3, unseen by whoever counts calls.

    Parameters
    ----------
    client
        Of S3.
    wire
        To be inside of.
    """

    def __init__(self, client: Any, wire: Wire) -> None:
        self._client = client
        self._wire = wire

    def keys(self, uri: str) -> list[str]:
        """Give the keys that begin so, in order; none where there is no such bucket."""
        bucket, key = apart(uri)
        with self._wire.inside():
            try:
                pages = list(self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key))
            except self._client.exceptions.NoSuchBucket:
                return []
            return [row["Key"] for page in pages for row in page.get("Contents", ())]

    def has(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""
        with self._wire.inside():
            return bucket in {row["Name"] for row in self._client.list_buckets()["Buckets"]}

    def read(self, uri: str) -> bytes:
        """Read a file; FileNotFoundError where there is none."""
        bucket, key = apart(uri)
        with self._wire.inside():
            try:
                content: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except (self._client.exceptions.NoSuchKey, self._client.exceptions.NoSuchBucket) as error:
                raise FileNotFoundError(uri) from error
        return content

    def write(self, content: bytes, uri: str) -> str:
        """Write a file."""
        bucket, key = apart(uri)
        with self._wire.inside():
            self._client.put_object(Bucket=bucket, Key=key, Body=content)
        return uri

    def fetch(self, uri: str, folder: Path) -> int:
        """Copy all files under a prefix into a folder; gives how many."""
        bucket, prefix = apart(uri)
        # the console of S3 makes an empty file for every folder
        keys = [key for key in self.keys(uri) if not key.endswith("/")]
        for key in keys:
            tail = key[len(prefix) :].lstrip("/") or PurePosixPath(key).name
            place = folder / tail
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self.read(f"s3://{bucket}/{key}"))
        return len(keys)

    def store(self, folder: Path, uri: str) -> None:
        """Make a prefix hold what a folder holds, and nothing else."""
        bucket, prefix = apart(uri)
        wanted = {
            f"{prefix.rstrip('/')}/{path.relative_to(folder).as_posix()}": path
            for path in folder.rglob("*")
            if path.is_file()
        }
        for key, path in wanted.items():
            self.write(path.read_bytes(), f"s3://{bucket}/{key}")
        with self._wire.inside():
            for key in set(self.keys(uri)) - set(wanted):
                self._client.delete_object(Bucket=bucket, Key=key)


def apart(uri: str) -> tuple[str, str]:
    """Give the bucket and the key of ``s3://bucket/key``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def packed(folder: Path) -> bytes:
    """Give a folder's content as tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name)
    return out.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Take a tar.gz apart; what points out of the folder is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")
