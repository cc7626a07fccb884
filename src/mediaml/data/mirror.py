"""Files of S3 on this machine: fetched once, and again when they change."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mediaml._private import make_folder
from mediaml._warnings import warn
from mediaml.aws.s3 import Storage, location
from mediaml.aws.session import aws
from mediaml.data.copies import PARTS, copy_changed, drop_left_over
from mediaml.errors import DataError

if TYPE_CHECKING:
    import boto3


def mirrored(uri: str, to: str | Path | None, session: boto3.Session | None, progress: bool) -> Path:
    """Fetch all files under a prefix into a folder; what is there already, and has not changed, is not fetched again.

    Raises
    ------
    AwsError
        S3 refuses it.
    DataError
        There are no files, or a key points out of the folder.
    """
    storage = Storage(aws(session))
    at = location(uri)
    folder = make_folder(_folder(uri)) if to is None else Path(to)
    found = list(storage.listed(at))
    if not found:
        raise DataError(f"{uri}: there are no files")
    places = [(one, _place(folder, one.location.key[len(at.key) :], uri)) for one in found]
    _sweep(folder, {place for _, place in places}, to is None)
    copy_changed(storage, places, "file", progress)
    return folder


def _folder(uri: str) -> Path:
    from platformdirs import user_cache_dir

    at = location(uri)
    return Path(user_cache_dir("mediaml", appauthor=False)) / "s3" / at.bucket / at.key.strip("/")


def _place(folder: Path, tail: str, uri: str) -> Path:
    parts = PurePosixPath(tail.lstrip("/")).parts
    if not parts or ".." in parts:
        raise DataError(f"{uri}: {tail!r} is no place below a folder")
    return folder.joinpath(*parts)


def _sweep(folder: Path, wanted: set[Path], ours: bool) -> None:
    """Take away what S3 has no longer: a file that was moved to another label would have both. The user's own stay."""
    drop_left_over(folder.rglob(PARTS))
    found = (path for path in folder.rglob("*") if path.is_file() and path not in wanted)
    # another process may be fetching here, too
    extra = [path for path in found if not path.match(PARTS)]
    if ours:
        for path in extra:
            path.unlink(missing_ok=True)
    elif extra:
        warn(f"{folder} holds {len(extra)} files that are not on S3, the first: {extra[0]}; they are taken along")
