"""The files of an archive: in folders of this machine, or under a prefix on S3."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediaml.aws import session as sessions
from mediaml.aws.s3 import Storage, is_uri, location
from mediaml.data.pictures import decode
from mediaml.errors import DataError

if TYPE_CHECKING:
    import boto3

Kind = Literal["picture", "recording"]
"""A still picture, or what has a length: sound, video, or both."""

# what libsndfile and FFmpeg read, as archives name it; still pictures are what Pillow names
RECORDINGS = frozenset(
    [
        ".3g2",
        ".3gp",
        ".aac",
        ".ac3",
        ".aif",
        ".aifc",
        ".aiff",
        ".amr",
        ".ape",
        ".asf",
        ".au",
        ".avi",
        ".caf",
        ".dv",
        ".flac",
        ".flv",
        ".gxf",
        ".h264",
        ".h265",
        ".hevc",
        ".m1v",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4a",
        ".m4b",
        ".m4v",
        ".mj2",
        ".mka",
        ".mkv",
        ".mov",
        ".mp2",
        ".mp3",
        ".mp4",
        ".mpc",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".oga",
        ".ogg",
        ".ogv",
        ".opus",
        ".ra",
        ".rf64",
        ".rm",
        ".rmvb",
        ".snd",
        ".ts",
        ".tta",
        ".vob",
        ".w64",
        ".wav",
        ".wave",
        ".webm",
        ".wma",
        ".wmv",
        ".wv",
        ".y4m",
    ]
)

NOTHING_THERE = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG))
"""What the system says where there is no file: it was deleted, or it is a link that leads nowhere."""


@dataclass(frozen=True, order=True)
class Place:
    """A file of an archive.

    Parameters
    ----------
    path
        Absolute, or an ``s3://`` address.
    kind
        By its ending.
    size
        Bytes.
    modified
        When it last changed, in nanoseconds since 1970.
    """

    path: str
    kind: Kind
    size: int
    modified: int

    @property
    def remote(self) -> bool:
        """Whether it is on S3."""
        return is_uri(self.path)


@dataclass(frozen=True)
class Listing:
    """What an archive holds.

    Parameters
    ----------
    roots
        Where was looked, absolute.
    places
        Its pictures and recordings, by path.
    others
        How many files of which ending are neither.
    closed
        Folders and files below the roots that could not be looked at, with the reason: whether what was known of them
        is still there, nobody knows.
    """

    roots: tuple[str, ...]
    places: tuple[Place, ...]
    others: Counter[str] = field(default_factory=Counter)
    closed: Mapping[str, str] = field(default_factory=dict)


def listing(source: str | Path | Sequence[str | Path], session: boto3.Session | None = None) -> Listing:
    """List the pictures and recordings of an archive; hidden files are left out, links to folders are not followed.

    Parameters
    ----------
    source
        A folder, a file, an ``s3://bucket/prefix/``, or several of them.
    session
        Credentials for S3; None: this machine's.

    Raises
    ------
    DataError
        There is no such folder or file, or it cannot be looked at.
    AwsError
        S3 cannot be asked.
    """
    sources = [source] if isinstance(source, str | Path) else list(source)
    others: Counter[str] = Counter()
    found: dict[str, Place] = {}
    closed: dict[str, str] = {}
    for one in sources:
        for path, size, modified in _on_s3(str(one), session) if is_uri(one) else _in_folder(Path(one), closed):
            kind = kind_of(path)
            if kind is None:
                others[Path(path).suffix.lower() or "no ending"] += 1
            else:
                found[path] = Place(path, kind, size, modified)
    roots = tuple(str(one) if is_uri(one) else os.path.abspath(one) for one in sources)
    return Listing(roots, tuple(found[path] for path in sorted(found)), others, closed)


def kind_of(path: str) -> Kind | None:
    """Tell by its ending what a file is; None: neither picture nor recording."""
    ending = Path(path).suffix.lower()
    if ending in RECORDINGS:
        return "recording"
    return "picture" if ending in decode.endings() else None


def _in_folder(root: Path, closed: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """Give the files below a folder, and put down what could not be looked at."""
    whole = os.path.abspath(root)
    try:
        mode = root.stat().st_mode
    except OSError as error:
        reason = "no such file or folder" if error.errno in NOTHING_THERE else f"out of reach: {error.strerror}"
        raise DataError(f"{root}: {reason}") from error
    if stat.S_ISREG(mode):
        yield from _stated(whole, closed)
        return
    for folder, folders, names in os.walk(whole, onerror=partial(_miss, closed)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield from _stated(os.path.join(folder, name), closed)  # noqa: PTH118  there may be millions of texts
    if whole in closed:
        raise DataError(f"{root}: out of reach: {closed[whole]}")


def _stated(path: str, closed: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    try:
        status = Path(path).stat()
    except OSError as error:
        _miss(closed, error)
        return
    if stat.S_ISREG(status.st_mode):
        yield path, status.st_size, status.st_mtime_ns


def _miss(closed: dict[str, str], error: OSError) -> None:
    """Put down what could not be looked at; what is not there, or not any more, is nothing to be told."""
    if error.errno not in NOTHING_THERE:
        closed[str(error.filename)] = error.strerror or str(error)


def _on_s3(uri: str, session: boto3.Session | None) -> Iterator[tuple[str, int, int]]:
    for one in Storage(sessions.aws(session)).listed(location(uri)):
        yield one.location.uri, one.size, round(one.modified * 1e9)


@contextmanager
def at_hand(place: Place, session: boto3.Session | None = None) -> Iterator[str]:
    """Give a path on this machine for a file; one on S3 is downloaded, and gone afterwards."""
    if not place.remote:
        yield place.path
        return
    with tempfile.TemporaryDirectory(prefix="mediaml-scan-") as folder:
        name = f"file{Path(place.path).suffix}"
        yield str(Storage(sessions.aws(session)).download(location(place.path), Path(folder) / name))
