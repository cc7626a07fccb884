"""Copies of S3's files on this machine: whole or not there, and as old as what they are copies of."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mediaml.aws.s3 import Location, Object, Storage
from mediaml.data.files import is_there
from mediaml.data.progress import bar
from mediaml.errors import AwsNotFoundError, DataError

AT_ONCE = 8
PARTS = ".mediaml-*.part*"  # boto3 puts an ending of its own behind the name while it writes
LONGEST = 24 * 3600  # seconds without a byte: nobody finishes this part any more


def looked_up(storage: Storage, wanted: Sequence[Location], what: str, progress: bool) -> list[Object]:
    """Ask S3 for size and date of files, several at once, in order.

    Parameters
    ----------
    storage
        Where they lie.
    wanted
        Which.
    what
        A file of these is called: ``"picture"``.
    progress
        Show a bar.

    Raises
    ------
    AwsError
        S3 refuses it, or there is no such file.
    """
    with bar(len(wanted), "looking up", what, progress) as done, ThreadPoolExecutor(AT_ONCE) as pool:

        def look(at: Location) -> Object:
            found = storage.found(at)
            done()
            return found

        return list(pool.map(look, wanted))


def copy_changed(storage: Storage, wanted: Iterable[tuple[Object, Path]], what: str, progress: bool) -> None:
    """Copy files of S3 to their places, several at once; a copy that is whole and as old as the file stays.

    Other processes may do the same at the same time.

    Parameters
    ----------
    storage
        Where they lie.
    wanted
        Files, and the places of their copies.
    what
        A file of these is called: ``"picture"``.
    progress
        Show a bar.

    Raises
    ------
    AwsError
        S3 refuses it.
    DataError
        A file is gone since it was listed.
    """
    missing = [(one, place) for one, place in wanted if not _is_current(one, place)]
    for folder in {place.parent for _, place in missing}:
        drop_left_over(folder.glob(PARTS))
    with bar(len(missing), "fetching", what, progress) as done, ThreadPoolExecutor(AT_ONCE, "mediaml-fetch") as pool:

        def copy(pair: tuple[Object, Path]) -> None:
            _copy(storage, *pair)
            done()

        for _ in pool.map(copy, missing):
            pass


def drop_left_over(parts: Iterable[Path]) -> None:
    """Delete parts of copies that a killed process left behind; what another process writes just now stays."""
    for path in parts:
        with suppress(FileNotFoundError):  # its process has just moved it to its place
            if time.time() - path.stat().st_mtime > LONGEST:
                path.unlink()


def _is_current(one: Object, place: Path) -> bool:
    """Tell whether the file was copied, whole, after it last changed."""
    if not is_there(place):
        return False
    status = place.stat()
    return status.st_size == one.size and int(status.st_mtime) == int(one.modified)


def _copy(storage: Storage, one: Object, place: Path) -> None:
    # of a name that no other process has: two may copy the same file
    part = place.with_name(f".mediaml-{os.urandom(8).hex()}.part")
    try:
        storage.download(one.location, part)
        os.utime(part, (one.modified, one.modified))
        part.replace(place)
    except AwsNotFoundError as error:
        raise DataError(f"{one.location.uri} is gone since it was listed") from error
    finally:
        part.unlink(missing_ok=True)
