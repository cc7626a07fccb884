"""Pictures on S3 and on this machine: the same file under two addresses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mediaml._private import make_folder
from mediaml.aws.s3 import Location, Object, Storage, is_uri, location
from mediaml.aws.session import aws
from mediaml.data.copies import AT_ONCE, copy_changed, looked_up
from mediaml.data.files import is_there
from mediaml.data.formats.pictured import Pictured
from mediaml.data.pictures.rows import short_names
from mediaml.data.progress import bar
from mediaml.errors import DataError

if TYPE_CHECKING:
    import boto3


def cache_folder() -> Path:
    """Give the folder that files of S3 are kept in on this machine."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("mediaml", appauthor=False)) / "s3"


def local_copy(path: str, session: boto3.Session | None) -> Path:
    """Give a file of S3 as one on this machine; a local one as it is."""
    if not is_uri(path):
        return Path(path)
    at, storage = location(path), Storage(aws(session))
    place = _below(make_folder(cache_folder()), at)
    copy_changed(storage, [(storage.found(at), place)], "file", progress=False)
    return place


def _below(folder: Path, at: Location) -> Path:
    """Give the place of a file of S3 below a folder: a manifest may be anyone's, and name any key.

    Raises
    ------
    DataError
        The key points out of the folder.
    """
    parts = PurePosixPath(f"{at.bucket}/{at.key}").parts
    if not at.key.strip("/") or ".." in parts or any(os.sep in part for part in parts):
        raise DataError(f"{at.uri}: {at.key!r} is no place below a folder")
    return folder.joinpath(*parts)


def in_folder(pictures: Sequence[Pictured], folder: Path) -> list[Pictured]:
    """Give pictures of S3 as the files of a folder that has them under their names.

    A picture is looked for under as much of its key as the folder has: ``photos/cats/1.jpg``, ``cats/1.jpg``,
    ``1.jpg``.

    Raises
    ------
    DataError
        None of them is there.
    """
    placed = [replace(one, path=str(_placed(one.path, folder))) for one in pictures]
    if placed and not any(is_there(one.path) for one in placed):
        raise DataError(f"{folder}: none of the {len(placed)} pictures is in it; the first should be {placed[0].path}")
    return placed


def _placed(path: str, folder: Path) -> Path:
    parts = [part for part in (location(path).key if is_uri(path) else path).split("/") if part not in ("", "..")]
    tails = [folder.absolute().joinpath(*parts[start:]) for start in range(len(parts))]
    return next((place for place in tails if is_there(place)), tails[-1])


def fetched(paths: Sequence[str], to: str | Path | None, session: boto3.Session | None, progress: bool) -> list[str]:
    """Give the local paths of pictures, after those that lie on S3 were brought here."""
    folder = make_folder(cache_folder()) if to is None else Path(to).absolute()
    places = {at: _below(folder, at) for at in map(location, filter(is_uri, paths))}
    if places:
        storage = Storage(aws(session))
        there = looked_up(storage, list(places), "picture", progress)
        copy_changed(storage, zip(there, places.values(), strict=True), "picture", progress)
    return [str(places[location(path)]) if is_uri(path) else path for path in paths]


def uploaded(
    paths: Sequence[str], uri: str, kms_key: str | None, session: boto3.Session | None, progress: bool
) -> list[str]:
    """Copy pictures to S3, and give their addresses; what lies there already keeps its own.

    Raises
    ------
    DataError
        Two pictures have the same name.
    """
    storage, at = Storage(aws(session), kms_key), location(uri)
    named = dict(zip(paths, (at / name for name in short_names(paths)), strict=True))
    there = {one.location: one for one in storage.listed(at, own=True)}
    wanted = {path: place for path, place in named.items() if not is_uri(path)}
    with bar(len(wanted), "uploading", "picture", progress) as done, ThreadPoolExecutor(AT_ONCE) as pool:

        def send(path: str) -> None:
            if not _is_there(Path(path), there.get(wanted[path])):
                storage.upload(Path(path), wanted[path])
            done()

        for _ in pool.map(send, wanted):
            pass
    return [path if is_uri(path) else named[path].uri for path in paths]


def _is_there(path: Path, known: Object | None) -> bool:
    """Tell whether a file was sent, whole, after it last changed."""
    status = path.stat()
    return known is not None and known.size == status.st_size and known.modified >= status.st_mtime


def on_s3(paths: Sequence[str], bucket: str | None, prefix: str) -> list[str]:
    """Give the addresses that pictures have, or will have, on S3.

    Raises
    ------
    DataError
        A picture has none, and no bucket was said.
    """
    local = next((path for path in paths if not is_uri(path)), None)
    if bucket is None and local is not None:
        raise DataError(f"{local} has no address on S3: upload(...) the pictures first, or say bucket=")
    at = Location(bucket or "", prefix.strip("/"))
    return [path if is_uri(path) else (at / name).uri for path, name in zip(paths, short_names(paths), strict=True)]
