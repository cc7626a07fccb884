"""Pictures on their way to S3: each content once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mediaml.aws.s3 import Location, Storage, is_uri, location
from mediaml.backends.rekognition.entries import IMAGES, Entry
from mediaml.data.progress import bar

AT_ONCE = 8


def send(entries: Sequence[Entry], storage: Storage, under: Location, progress: bool) -> None:
    """Copy the pictures of entries to their addresses; what lies there already is not sent again.

    Raises
    ------
    AwsError
        S3 refuses it.
    """
    local = {one.address: Path(one.path) for one in entries if not is_uri(one.path)}
    # a key names the content: whatever is there, whole, is the same
    there = {one.location.uri: one.size for one in storage.listed(under / IMAGES, own=True)} if local else {}
    missing = [address for address, path in local.items() if there.get(address) != path.stat().st_size]
    with bar(len(missing), "uploading", "picture", progress) as sent, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(address: str) -> None:
            storage.upload(local[address], location(address))
            sent()

        for _ in pool.map(one, missing):
            pass
