"""Files that were sent: in memory for a prediction, on disk for as long as a recording is gone through."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, NamedTuple


class Upload(io.BytesIO):
    """A file that was sent, with the name that its sender gave it.

    Parameters
    ----------
    content
        Its bytes.
    name
        As it is to stand in answers.
    """

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class Recording(NamedTuple):
    """A recording or a video that was sent, on disk.

    Parameters
    ----------
    path
        Of our copy.
    name
        That its sender gave it.
    step
        Seconds from one window, or picture, to the next; None: the usual.
    """

    path: Path
    name: str
    step: float | None


def on_disk(file: BinaryIO) -> Path:
    """Copy a file to the disk, for this user alone."""
    handle, name = tempfile.mkstemp(prefix="mediaml-service-")
    with os.fdopen(handle, "wb") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
    return Path(name)
