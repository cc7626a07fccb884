"""Recordings that were sent lie on disk for as long as they are gone through, and no longer."""

from __future__ import annotations

import asyncio
import errno
import io
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra 'service'")

from mediaml.service.uploads import on_disk

SOON = 10.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def copied(file: io.BytesIO) -> bytes:
    async with on_disk(file) as path:
        assert path.stat().st_mode & 0o077 == 0, "for this user alone"
        return path.read_bytes()


def test_it_is_there_within_the_block_only(folder: Path) -> None:
    file = io.BytesIO(b"sound")
    file.seek(3)
    assert asyncio.run(copied(file)) == b"sound"
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Any, copy: Any) -> None:
        copy.write(file.read(2))
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="no space left"):
        asyncio.run(copied(io.BytesIO(b"sound")))
    assert list(folder.iterdir()) == []


def test_a_copy_that_takes_too_long_leaves_nothing(folder: Path) -> None:
    let_go = threading.Event()

    class Slow(io.BytesIO):
        """Gives one part, and then holds up."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                assert let_go.wait(SOON)
                return b""
            return super().read(5)

    async def late() -> list[Path]:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await copied(Slow(b"a long sound"))
        left = list(folder.iterdir())
        let_go.set()
        return left

    assert asyncio.run(late()) == []
    assert list(folder.iterdir()) == [], "nor does what went on copying"
