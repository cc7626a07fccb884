"""model.tar.gz as a model on this machine; its paths are checked, and none of its code is run."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from mediaml.aws.s3 import Location, Storage
from mediaml.aws.staging import PACKAGE
from mediaml.backends import saved
from mediaml.backends.fitted import Fitted
from mediaml.errors import SavedModelError
from mediaml.runtime.learned import MODEL

HEARS = PurePosixPath("code", PACKAGE, "recording.py")
LARGEST = 1 << 32  # bytes of all files
AT_ONCE = 1 << 20
MOST_MEMBERS = 10_000  # a model has three files, and the code some thirty


def fetch(storage: Storage, at: Location) -> Fitted:
    """Download a trained model and load it.

    Raises
    ------
    SavedModelError
        The archive holds something else.
    """
    with tempfile.TemporaryDirectory(prefix="mediaml-model-") as scratch:
        archive = storage.download(at, Path(scratch) / "model.tar.gz", own=True)
        folder = Path(scratch) / "model"
        unpack(archive, folder)
        return saved.load(str(folder))[0]


def finds_events(storage: Storage, at: Location) -> bool:
    """Tell whether the code that a model was trained with, and is served with, knows of events.

    Raises
    ------
    SavedModelError
        The archive cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="mediaml-model-") as scratch:
        archive = storage.download(at, Path(scratch) / "model.tar.gz", own=True)
        with _members(archive, at.uri) as members:
            return any(PurePosixPath(member.name) == HEARS for _, member in members)


def unpack(archive: Path, folder: Path) -> None:
    """Take the model's own files out of an archive, and nothing else.

    Raises
    ------
    SavedModelError
        It cannot be read, points out of its folder, or is too large.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _members(archive, archive.name) as members:
        for opened, member in members:
            name = PurePosixPath(member.name)
            if member.isreg() and len(name.parts) == 1 and name.name.startswith(MODEL):
                content = opened.extractfile(member)
                with (folder / name.name).open("wb") as file:
                    if content is not None:
                        shutil.copyfileobj(content, file, AT_ONCE)


@contextmanager
def _members(archive: Path, called: str) -> Iterator[Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]]:
    """Go through an archive that may be anyone's: no path out of it, no bomb, not more than memory holds."""
    try:
        with (
            archive.open("rb") as file,
            gzip.GzipFile(fileobj=file) as zipped,
            tarfile.open(fileobj=_Bounded(zipped, called), mode="r:") as opened,
        ):
            yield _checked(opened, called)
    # tarfile lets through what damaged headers lead it to
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        if isinstance(error, SavedModelError):
            raise
        raise SavedModelError(f"{called}: this is no model.tar.gz ({error})") from error


def _checked(opened: tarfile.TarFile, called: str) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    size = 0
    for number, member in enumerate(opened):
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts:
            raise SavedModelError(f"{called}: {member.name!r} points out of the archive")
        size += max(0, member.size)
        if size > LARGEST or number >= MOST_MEMBERS:
            raise SavedModelError(f"{called}: too large for a model")
        yield opened, member


class _Bounded(io.RawIOBase):
    """What comes out of a compressed file, up to so much: a small one may hold any amount of zeros.

    tarfile reads headers as a whole, however long they say that they are.
    """

    def __init__(self, zipped: gzip.GzipFile, called: str) -> None:
        self._zipped, self._called = zipped, called

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= AT_ONCE or self._zipped.tell() > LARGEST:
            raise SavedModelError(f"{self._called}: too large for a model")
        return self._zipped.read(size)

    def seek(self, place: int, whence: int = 0, /) -> int:
        if whence == 0 and not 0 <= place <= LARGEST:
            raise SavedModelError(f"{self._called}: too large for a model")
        return self._zipped.seek(place, whence)

    def tell(self) -> int:
        return self._zipped.tell()
