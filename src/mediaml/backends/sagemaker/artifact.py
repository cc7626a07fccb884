"""model.tar.gz as a model on this machine; its paths are checked, and none of its code is run."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from mediaml.aws.s3 import Location, Storage
from mediaml.aws.staging import PACKAGE
from mediaml.backends import saved
from mediaml.backends.fitted import Fitted
from mediaml.errors import SavedModelError
from mediaml.runtime.learned import MODEL

HEARS = PurePosixPath("code", PACKAGE, "recording.py")
LARGEST = 1 << 32  # bytes of all files


def fetch(storage: Storage, at: Location) -> Fitted:
    """Download a trained model and load it.

    Raises
    ------
    SavedModelError
        The archive holds something else.
    """
    with tempfile.TemporaryDirectory(prefix="mediaml-model-") as scratch:
        archive = storage.download(at, Path(scratch) / "model.tar.gz")
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
        archive = storage.download(at, Path(scratch) / "model.tar.gz")
        try:
            with tarfile.open(archive, "r:gz") as opened:
                return any(PurePosixPath(name) == HEARS for name in opened.getnames())
        except (OSError, EOFError, tarfile.TarError) as error:
            raise SavedModelError(f"{at.uri}: this is no model.tar.gz ({error})") from error


def unpack(archive: Path, folder: Path) -> None:
    """Take the model's own files out of an archive, and nothing else.

    Raises
    ------
    SavedModelError
        It cannot be read, points out of its folder, or is too large.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as opened:
            size = 0
            for member in opened:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts:
                    raise SavedModelError(f"{archive.name}: {member.name} points out of the archive")
                size += member.size
                if size > LARGEST:
                    raise SavedModelError(f"{archive.name}: too large for a model")
                if member.isfile() and len(name.parts) == 1 and name.name.startswith(MODEL):
                    content = opened.extractfile(member)
                    (folder / name.name).write_bytes(b"" if content is None else content.read())
    except (OSError, EOFError, tarfile.TarError) as error:
        raise SavedModelError(f"{archive.name}: this is no model.tar.gz ({error})") from error
