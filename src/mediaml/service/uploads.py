"""Files that were sent: in memory for a prediction, on disk for as long as a recording is gone through."""

from __future__ import annotations

import asyncio
import io
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from mediaml.errors import DeploymentError


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


class GivenUpError(DeploymentError):
    """Nobody waits for this work any more."""


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
    given_up
        Set when nobody waits for its timeline any more.
    """

    path: Path
    name: str
    step: float | None
    given_up: threading.Event

    def look(self) -> None:
        """Look whether anybody still waits.

        Raises
        ------
        GivenUpError
            Nobody does.
        """
        if self.given_up.is_set():
            raise GivenUpError(f"nobody waits for what is in {self.name} any more")


@asynccontextmanager
async def on_disk(file: BinaryIO) -> AsyncIterator[Path]:
    """Copy a file to the disk, for this user alone; it is gone with the block, and where copying fails or is left."""
    with tempfile.NamedTemporaryFile(prefix="mediaml-service-") as copy:
        await asyncio.to_thread(_copy, file, copy)
        yield Path(copy.name)


def _copy(file: BinaryIO, copy: IO[bytes]) -> None:
    file.seek(0)
    shutil.copyfileobj(file, copy)
    copy.flush()
