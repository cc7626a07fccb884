"""Files of this machine, as bytes to send."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

LARGEST = 1 << 30  # bytes: nothing larger is ever sent, whatever a service says that it takes


def content_of(path: str | PathLike[str]) -> bytes:
    """Read a file.

    Raises
    ------
    OSError
        It cannot be read, or is too large for any request.
    """
    place = Path(fspath(path))
    if place.is_dir():
        raise OSError(f"{place} is a folder")
    if place.stat().st_size > LARGEST:
        raise OSError(f"{place} is too large for a request: scan it on the machine where it lies")
    return place.read_bytes()
