"""What a scan found, kept in SQLite: a file's results are in it as a whole or not at all, whenever the process dies."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Examined, Found
from mediaml.archive.layout import APPLICATION, FORMAT, FROM_1, TABLES
from mediaml.backends.tracing import Moment, Trace
from mediaml.errors import StoreError
from mediaml.values.timeline import Event, Track

WAIT = 60.0  # seconds for another scan that writes
PAGE = 16384  # bytes: of the usual 4096 a vector of 1,024 numbers would leave half unused
DIGITS = 4
"""Of a confidence: the seventh is another one where a network ran in another number of threads, and rows are to be the
same whichever machine found them."""
OF_A_FILE = ("embeddings", "segments", "results")
SEGMENT = (
    "INSERT INTO segments (file, model, label, start, end, confidence, tracks, clipped, level, sharpness, side) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
EMBEDDING = "INSERT INTO embeddings (file, model, segment, start, end, vector) VALUES (?, ?, ?, ?, ?, ?)"
HAS_MOMENTS = """
SELECT 1 FROM embeddings JOIN models ON models.id = embeddings.model WHERE embeddings.file = ?
AND embeddings.segment IS NULL AND models.embedder = (SELECT embedder FROM models WHERE id = ?) LIMIT 1
"""
"""What a file is like throughout is kept once for all models that hear or see through one network ..."""
HAND_OVER = """
UPDATE embeddings SET model = COALESCE((
    SELECT heir.id FROM models AS old JOIN models AS heir ON heir.embedder = old.embedder AND heir.name != old.name
    JOIN results ON results.model = heir.id AND results.file = embeddings.file WHERE old.id = embeddings.model LIMIT 1
), model) WHERE file = ? AND segment IS NULL AND model IN (SELECT id FROM models WHERE name = ?)
"""
"""... and stays with another one of them where the one that made it is replaced."""
VECTOR = np.dtype("<f2")  # of unit length: half the digits are enough to compare by
TRACKS = TypeAdapter(tuple[Track, ...])


class Known(NamedTuple):
    """What the journal knows of a file.

    Parameters
    ----------
    size, modified, digest
        When it was examined.
    keys
        Of the models that examined it.
    error
        Why it could not be read; None: it could.
    tools
        What it was read with; empty: it was out of reach.
    gone
        Whether the last scan did not find it.
    """

    size: int
    modified: int
    digest: str
    keys: frozenset[str]
    error: str | None
    tools: str
    gone: bool


class Journal:
    """A store, open. Used by one thread; several processes may have it open at once.

    Raises
    ------
    StoreError
        The file is none of ours, of a newer mediaml, damaged, or cannot be written.
    """

    def __init__(self, path: str | Path, *, create: bool = False) -> None:
        self.path = Path(path)
        if not create and not self.path.exists():
            raise StoreError(f"{path}: there is no such store; a scan makes one")
        with self._translated():
            if create:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
            try:
                self._prepare(create)
            except BaseException:
                self.database.close()
                raise

    def _prepare(self, create: bool) -> None:
        self.database.text_factory = os.fsdecode  # file names of other systems may be no text
        self.database.execute("PRAGMA foreign_keys = ON")
        if create:
            self.database.execute(f"PRAGMA page_size = {PAGE}")  # of a new store
            self.database.execute("PRAGMA journal_mode = WAL")
            self.database.execute("PRAGMA synchronous = NORMAL")
            with self.writing():
                if (
                    self._pragma("application_id") == 0
                    and not self.database.execute("SELECT 1 FROM sqlite_master").fetchone()
                ):
                    self._execute_all(TABLES)
                    self.database.execute(f"PRAGMA user_version = {FORMAT}")
                    self.database.execute(f"PRAGMA application_id = {APPLICATION}")
        if self._pragma("application_id") != APPLICATION:
            raise StoreError(f"{self.path}: a database, but no store of a scan")
        if self._pragma("user_version") > FORMAT:
            raise StoreError(f"{self.path}: made by a newer mediaml; install a newer one")
        if self._pragma("user_version") < FORMAT:
            self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        with self.writing():
            if self._pragma("user_version") < FORMAT:  # another process may have done it meanwhile
                self._execute_all(FROM_1)
                self.database.execute(f"PRAGMA user_version = {FORMAT}")

    def _execute_all(self, statements: str) -> None:
        for statement in statements.split(";"):
            self.database.execute(statement)

    def _pragma(self, name: str) -> int:
        return int(self.database.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}; is it the store of a scan, and can it be written?") from error
        except OSError as error:
            raise StoreError(f"{self.path}: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Do all that is written in the block, or none of it."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    # -- writing ------------------------------------------------------------------------------------------------------

    def register(self, entrants: Sequence[Entrant]) -> None:
        """Write down which models take part."""
        with self._translated(), self.writing():
            for one in entrants:
                self.database.execute(
                    "INSERT INTO models (name, key, kind, labels, embedder) VALUES (?, ?, ?, ?, ?) "
                    "ON CONFLICT (name, key) DO UPDATE SET labels = excluded.labels, embedder = excluded.embedder",
                    (one.name, one.key, one.kind, json.dumps(one.labels), one.embedder and json.dumps(one.embedder)),
                )

    def commit(self, examined: Examined, names: dict[str, str], tools: str) -> None:
        """Write what came of a file in place of what these models, or older ones of the same names, found before.

        Parameters
        ----------
        examined
            The file, and what was found.
        names
            Of the models, by their keys.
        tools
            What it was read with.
        """
        with self._translated(), self.writing():
            changed = self._file(examined, tools)
            if changed:
                for table in OF_A_FILE:
                    self.database.execute(f"DELETE FROM {table} WHERE file = ?", (changed,))  # noqa: S608
            file = self._id_of(examined.place.path)
            for one in examined.found:
                model = self._replace(file, names[one.key], one.key)
                self.database.execute(
                    "INSERT INTO results VALUES (?, ?, ?)", (file, model, json.dumps(one.problems, ensure_ascii=True))
                )
                self._keep_segments(file, model, one)
                if not self.database.execute(HAS_MOMENTS, (file, model)).fetchone():
                    self.database.executemany(EMBEDDING, [(file, model, None, *_moment(each)) for each in one.moments])

    def _keep_segments(self, file: int, model: int, found: Found) -> None:
        traces = found.traces or (Trace(),) * len(found.events)
        for event, trace in zip(found.events, traces, strict=True):
            number = self.database.execute(SEGMENT, (file, model, *_row(event), *trace.quality)).lastrowid
            if trace.embedding is not None:
                moment = Moment(event.segment.start, event.segment.end, trace.embedding)
                self.database.execute(EMBEDDING, (file, model, number, *_moment(moment)))

    def _file(self, examined: Examined, tools: str) -> int | None:
        """Write a file's own row; gives its number where it was known with another content."""
        place = examined.place
        before = self.database.execute(
            "SELECT id, digest, error FROM files WHERE path = CAST(? AS TEXT)", (_bytes(place.path),)
        ).fetchone()
        media = None if examined.media is None else examined.media.model_dump_json()
        error = None if examined.error is None else _text(examined.error)
        self.database.execute(
            "INSERT INTO files (path, kind, size, modified, digest, media, error, tools) "
            "VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET kind = excluded.kind, "
            "size = excluded.size, modified = excluded.modified, digest = excluded.digest, media = excluded.media, "
            "error = excluded.error, tools = excluded.tools, gone = 0",
            (_bytes(place.path), place.kind, place.size, place.modified, examined.digest, media, error, tools),
        )
        other = before is not None and (before[1] != examined.digest or error is not None or before[2] is not None)
        return int(before[0]) if other else None

    def _id_of(self, path: str) -> int:
        row = self.database.execute("SELECT id FROM files WHERE path = CAST(? AS TEXT)", (_bytes(path),)).fetchone()
        return int(row[0])

    def _replace(self, file: int, name: str, key: str) -> int:
        """Take away what models of a name found in a file, and give the number of the one that looked now."""
        self.database.execute(HAND_OVER, (file, name))
        older = "file = ? AND model IN (SELECT id FROM models WHERE name = ?)"
        for table in OF_A_FILE:
            self.database.execute(f"DELETE FROM {table} WHERE {older}", (file, name))  # noqa: S608
        row = self.database.execute("SELECT id FROM models WHERE name = ? AND key = ?", (name, key)).fetchone()
        return int(row[0])

    def touch(self, path: str, size: int, modified: int) -> None:
        """Write down that a file has another date, and the same content."""
        with self._translated(), self.writing():
            self.database.execute(
                "UPDATE files SET size = ?, modified = ?, gone = 0 WHERE path = CAST(? AS TEXT)",
                (size, modified, _bytes(path)),
            )

    def gone(self, roots: Sequence[str], found: frozenset[str], closed: Collection[str] = ()) -> int:
        """Write down which files under the roots are not there any more, or are again; gives how many are gone.

        Of files under what is closed nobody knows: they stay what they were.
        """
        with self._translated(), self.writing():
            rows = self.database.execute("SELECT id, path FROM files").fetchall()
            under = [row for row in rows if _is_under(row[1], roots) and not _is_under(row[1], closed)]
            self.database.executemany(
                "UPDATE files SET gone = ? WHERE id = ?", [(int(path not in found), number) for number, path in under]
            )
        return sum(path not in found for _, path in under)

    # -- reading ------------------------------------------------------------------------------------------------------

    def known(self, path: str) -> Known | None:
        """Tell what is known of a file."""
        with self._translated():
            row = self.database.execute(
                "SELECT id, size, modified, digest, error, tools, gone FROM files WHERE path = CAST(? AS TEXT)",
                (_bytes(path),),
            ).fetchone()
            if row is None:
                return None
            keys = self.database.execute(
                "SELECT models.key FROM results JOIN models ON models.id = results.model WHERE results.file = ?",
                (row[0],),
            )
            return Known(row[1], row[2], row[3], frozenset(key for (key,) in keys), row[4], row[5], bool(row[6]))

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self._translated():
            return self.database.execute(query, tuple(values)).fetchall()

    def close(self) -> None:
        """Close the file."""
        self.database.close()


def _row(event: Event) -> tuple[object, ...]:
    tracks = TRACKS.dump_json(event.tracks).decode() if event.tracks else None
    return event.label, event.segment.start, event.segment.end, round(event.confidence, DIGITS), tracks


def _is_under(path: str, roots: Collection[str]) -> bool:
    return any(path == one or path.startswith(one if one.endswith(("/", os.sep)) else one + os.sep) for one in roots)


def _bytes(path: str) -> bytes:
    """Give a file's name as the system has it."""
    return os.fsencode(path)


def _text(words: str) -> str:
    """Make it text, whatever names stand in it."""
    return words.encode("utf-8", "backslashreplace").decode()


def _moment(moment: Moment) -> tuple[float, float, bytes]:
    length = float(np.linalg.norm(moment.embedding))
    unit = moment.embedding / length if length > 0 else moment.embedding
    return moment.start, moment.end, unit.astype(VECTOR).tobytes()
