"""The tables of a store, and how an older store becomes one of today."""

from __future__ import annotations

APPLICATION = 0x6D6D4C61  # "mmLa": SQLite's mark of whose file this is
FORMAT = 2
TABLES = """
CREATE TABLE models (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, labels TEXT NOT NULL,
    embedder TEXT, UNIQUE (name, key));
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, digest TEXT NOT NULL, media TEXT, error TEXT, tools TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE results (
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, model INTEGER NOT NULL REFERENCES models,
    problems TEXT NOT NULL, PRIMARY KEY (file, model)) WITHOUT ROWID;
CREATE TABLE segments (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models, label TEXT NOT NULL, start REAL NOT NULL, end REAL NOT NULL,
    confidence REAL NOT NULL, tracks TEXT, clipped REAL, level REAL, sharpness REAL,
    side INTEGER);
CREATE INDEX segments_by_label ON segments (label, confidence);
CREATE INDEX segments_by_file ON segments (file, model);
CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models, segment INTEGER REFERENCES segments ON DELETE CASCADE,
    start REAL NOT NULL, end REAL NOT NULL, vector BLOB NOT NULL);
CREATE INDEX embeddings_by_file ON embeddings (file, model);
CREATE INDEX embeddings_by_segment ON embeddings (segment);
"""
_SEGMENTS = TABLES[TABLES.index("CREATE TABLE segments") :]
FROM_1 = f"""
ALTER TABLE models ADD COLUMN embedder TEXT;
ALTER TABLE segments RENAME TO segments_1;
DROP INDEX segments_by_label;
DROP INDEX segments_by_file;
{_SEGMENTS}
INSERT INTO segments (file, model, label, start, end, confidence, tracks)
    SELECT file, model, label, start, end, confidence, tracks FROM segments_1 ORDER BY rowid;
DROP TABLE segments_1;
"""  # noqa: S608  nobody else's words are in it
"""Of the first format, which kept no embeddings: what was scanned then is in no search by example."""
