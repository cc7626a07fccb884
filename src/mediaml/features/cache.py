"""What pretrained networks heard, kept on disk: the same clip is not heard twice."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mediaml._private import make_file
from mediaml._warnings import warn
from mediaml.errors import EnvironmentSettingError

FOLDER = "MEDIAML_CACHE_DIR"
LIMIT = "MEDIAML_CACHE_BYTES"
USUAL_LIMIT = 1 << 30
FILE = "embeddings-2.sqlite"  # the number is the table's format
KEYS_AT_ONCE = 500  # SQLite takes so many parameters in a query
T = TypeVar("T")
WAIT = 30.0  # seconds for another process that writes
TABLE = "CREATE TABLE IF NOT EXISTS embeddings (key TEXT PRIMARY KEY, used REAL, header BLOB, content BLOB)"
HEADER = struct.Struct("<dddI")  # start, end, level, numbers in an embedding
DIGEST = 16  # bytes before it: SQLite does not notice when a file's bytes change under it


@dataclass(frozen=True, slots=True)
class Kept:
    """What was heard in a clip.

    Parameters
    ----------
    start, end
        Seconds of its recording.
    level
        dB of full scale of the loudest 50 ms.
    embeddings
        float32 [windows, numbers].
    """

    start: float
    end: float
    level: float
    embeddings: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Info:
    """How full the cache is, and where it lies."""

    path: Path
    entries: int
    bytes: int
    limit: int


def path() -> Path:
    """Give the cache's file: in ``MEDIAML_CACHE_DIR``, or the user's cache folder."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get(FOLDER) or user_cache_dir("mediaml", appauthor=False)) / FILE


def limit() -> int:
    """Give the most bytes that are kept: ``MEDIAML_CACHE_BYTES``, or 1 GiB. 0 turns the cache off.

    Raises
    ------
    EnvironmentSettingError
        It is no number of bytes.
    """
    value = os.environ.get(LIMIT, "")
    if not value:
        return USUAL_LIMIT
    if not (value.isascii() and value.isdigit()):
        raise EnvironmentSettingError(f"{LIMIT} is a number of bytes, such as 1000000000, or 0; not {value!r}")
    return int(value)


def get(keys: Iterable[str]) -> dict[str, Kept]:
    """Look up what is known, by key; a cache that cannot be read knows nothing."""
    wanted = list(dict.fromkeys(keys))
    if limit() == 0 or not path().exists():
        return {}

    def look_up(database: sqlite3.Connection) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for first in range(0, len(wanted), KEYS_AT_ONCE):
            some = wanted[first : first + KEYS_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, header, content FROM embeddings WHERE key IN ({marks})"  # noqa: S608
            rows = {key: rest for key, *rest in database.execute(query, some)}
            found.update({key: _unpacked(key, *rows[key]) for key in some if key in rows})
            database.execute(f"UPDATE embeddings SET used = ? WHERE key IN ({marks})", [time.time(), *some])  # noqa: S608
        return found

    return _change(look_up, {})


def put(entries: Mapping[str, Kept]) -> None:
    """Keep what was heard, and forget what was not used for longest where it gets too much."""
    if limit() == 0 or not entries:
        return
    now = time.time()
    rows = [(key, now, *_packed(key, one)) for key, one in entries.items()]

    def add(database: sqlite3.Connection) -> None:
        database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", rows)
        _forget(database, limit())

    _change(add, None)


def clear() -> tuple[int, int]:
    """Forget everything; gives how many entries and bytes there were, none where the file was damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is damaged is why it is cleared
        before = info()
    for end in ("", "-wal", "-shm", "-journal"):
        path().with_name(path().name + end).unlink(missing_ok=True)
    return before.entries, before.bytes


def info() -> Info:
    """Tell how full the cache is."""

    def count(database: sqlite3.Connection) -> tuple[int, int]:
        query = "SELECT COUNT(*), COALESCE(SUM(LENGTH(content)), 0) FROM embeddings"
        entries, size = database.execute(query).fetchone()
        return int(entries), int(size)

    return Info(path(), *(_change(count, (0, 0)) if path().exists() else (0, 0)), limit())


def _packed(key: str, one: Kept) -> tuple[bytes, bytes]:
    header = HEADER.pack(one.start, one.end, one.level, one.embeddings.shape[1])
    content = np.ascontiguousarray(one.embeddings, "<f4").tobytes()
    return _digest(key, header, content) + header, content


def _unpacked(key: str, header: object, content: object) -> Kept:
    if not isinstance(header, bytes) or not isinstance(content, bytes):
        raise ValueError("an entry of it is damaged")
    if header[:DIGEST] != _digest(key, header[DIGEST:], content):
        raise ValueError("an entry of it is damaged")
    start, end, level, numbers = HEADER.unpack_from(header, DIGEST)
    embeddings = np.frombuffer(content, "<f4").reshape(-1, numbers)
    return Kept(start, end, level, embeddings.astype(np.float32, copy=False))


def _digest(key: str, header: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join([key.encode(), header, content]), digest_size=DIGEST).digest()


def _forget(database: sqlite3.Connection, most: int) -> None:
    (size,) = database.execute("SELECT COALESCE(SUM(LENGTH(content)), 0) FROM embeddings").fetchone()
    if size <= most:
        return
    surplus, old = size - 0.9 * most, []  # a tenth more than needed, not to come back at once
    for key, length in database.execute("SELECT key, COALESCE(LENGTH(content), 0) FROM embeddings ORDER BY used"):
        if surplus <= 0:
            break
        old.append((key,))
        surplus -= length
    database.executemany("DELETE FROM embeddings WHERE key = ?", old)


def _change(work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
    """Do one piece of work on the database; a damaged or forbidden one is a warning: the cache only saves time."""
    place = path()
    try:
        make_file(place)  # SQLite gives the files beside it the same rights
        with closing(sqlite3.connect(place, timeout=WAIT)) as database, database:
            database.execute(TABLE)
            return work(database)
    except (sqlite3.Error, OSError, ValueError) as error:
        warn(f"the cache {place} is not used: {error}. 'mediaml cache clear' makes a new one")
        return otherwise
