"""The store: a file's results are in it as a whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Examined, Found
from mediaml.archive.journal import VECTOR, Journal
from mediaml.archive.layout import APPLICATION, FORMAT
from mediaml.archive.places import Place
from mediaml.backends.tracing import Embedder, Moment, Quality, Trace
from mediaml.errors import StoreError
from mediaml.values.geometry import Box, Segment
from mediaml.values.media import Media
from mediaml.values.timeline import Event, Sighting, Track

ONE, OTHER, NEWER = (
    Entrant(name, "sound", ("dog", "cat"), key, None) for name, key in (("one", "k1"), ("other", "k2"), ("one", "k3"))
)
NAMES = {entrant.key: entrant.name for entrant in (ONE, OTHER, NEWER)}


def place(path: str = "/a/tape.wav", modified: int = 1) -> Place:
    return Place(path, "recording", 100, modified)


def event(label: str, start: float = 0.0) -> Event:
    box = Box(label=label, left=1, top=2, width=3, height=4, confidence=0.5)
    tracks = (Track(sightings=(Sighting(time=start, box=box),)),) if label == "cat" else ()
    return Event(label=label, segment=Segment(start=start, end=start + 1), confidence=0.9, tracks=tracks)


def examined(*found: Found, path: str = "/a/tape.wav", digest: str = "d1", error: str | None = None) -> Examined:
    return Examined(place(path), digest, Media(duration=9, sample_rate=8000, channels=1), found, error)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "store.sqlite", create=True)) as opened:
        opened.register([ONE, OTHER, NEWER])
        yield opened


def stored(journal: Journal) -> list[tuple[object, ...]]:
    return journal.rows(
        "SELECT files.path, models.key, label, start FROM segments JOIN files ON files.id = file "
        "JOIN models ON models.id = model ORDER BY 1, 2, 3, 4"
    )


def test_what_was_found_is_in_it(journal):
    journal.commit(examined(Found("k1", (event("dog"), event("cat", 3.0)), ("1-2 s: noise",))), NAMES, "tools")

    assert stored(journal) == [("/a/tape.wav", "k1", "cat", 3.0), ("/a/tape.wav", "k1", "dog", 0.0)]
    known = journal.known("/a/tape.wav")
    assert known is not None
    assert (known.size, known.modified, known.digest, known.keys) == (100, 1, "d1", {"k1"})
    assert journal.known("/a/other.wav") is None


def test_a_models_second_look_takes_the_place_of_its_first_and_of_older_ones_of_its_name(journal):
    journal.commit(examined(Found("k1", (event("dog"),)), Found("k2", (event("cat"),))), NAMES, "tools")

    journal.commit(examined(Found("k3", (event("cat", 5.0),))), NAMES, "tools")

    assert stored(journal) == [("/a/tape.wav", "k2", "cat", 0.0), ("/a/tape.wav", "k3", "cat", 5.0)]


def test_another_content_takes_everything_of_the_old_one_away(journal):
    journal.commit(examined(Found("k1", (event("dog"),)), Found("k2", (event("cat"),))), NAMES, "tools")

    journal.commit(examined(Found("k1", (event("dog", 7.0),)), digest="d2"), NAMES, "tools")

    assert stored(journal) == [("/a/tape.wav", "k1", "dog", 7.0)]
    known = journal.known("/a/tape.wav")
    assert known is not None
    assert known.keys == {"k1"}


def test_a_file_that_cannot_be_read_any_more_has_no_segments(journal):
    journal.commit(examined(Found("k1", (event("dog"),))), NAMES, "tools")

    journal.commit(examined(digest="d1", error="damaged"), NAMES, "tools")

    assert stored(journal) == []
    known = journal.known("/a/tape.wav")
    assert known is not None
    assert known.error == "damaged"


def test_a_fault_in_the_middle_leaves_all_as_it_was(journal):
    journal.commit(examined(Found("k1", (event("dog"),))), NAMES, "tools")
    before = stored(journal)
    journal.database.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON segments WHEN NEW.start > 5 BEGIN SELECT RAISE(FAIL, 'full'); END"
    )

    with pytest.raises(StoreError, match="full"):
        journal.commit(examined(Found("k1", (event("cat"), event("dog", 9.0))), digest="d2"), NAMES, "tools")

    assert stored(journal) == before


def test_names_that_are_no_text_come_back_as_they_were(journal):
    path = b"/a/caf\xe9.wav".decode("utf-8", "surrogateescape")

    journal.commit(examined(Found("k1", (event("dog"),)), path=path), NAMES, "tools")

    assert stored(journal)[0][0] == path
    assert journal.known(path) is not None


files = st.sampled_from(["/a/1", "/a/2"])
steps = st.tuples(files, st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(["d1", "d2"]), st.integers(0, 3))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=10))
def test_any_order_of_commits_ends_as_the_rules_say(tmp_path_factory, sequence):
    expected: dict[str, tuple[str, dict[str, tuple[str, int]]]] = {}
    with closing(Journal(tmp_path_factory.mktemp("store") / "s.sqlite", create=True)) as journal:
        journal.register([ONE, OTHER, NEWER])
        for path, key, digest, start in sequence:
            found = Found(key, (event("dog", float(start)),))
            journal.commit(examined(found, path=path, digest=digest), NAMES, "tools")
            known, rows = expected.get(path, ("", {}))
            expected[path] = (digest, {**(rows if known == digest else {}), NAMES[key]: (key, start)})
        left = [(path, key, "dog", start) for path, (_, of) in expected.items() for key, start in of.values()]
        assert stored(journal) == sorted(left)


def test_what_is_gone_is_marked_below_the_roots_only(journal):
    for path in ("/a/1.wav", "/ab/2.wav", "/b/3.wav"):
        journal.commit(examined(Found("k1"), path=path), NAMES, "tools")

    assert journal.gone(["/a"], frozenset()) == 1

    states = [journal.known(path) for path in ("/a/1.wav", "/ab/2.wav", "/b/3.wav")]
    assert [one.gone for one in states if one is not None] == [True, False, False]
    assert journal.gone(["/a"], frozenset({"/a/1.wav"})) == 0


def test_files_below_what_could_not_be_looked_at_stay_what_they_were(journal):
    for path in ("/a/1.wav", "/a/closed/2.wav", "/a/closed/3.wav", "/a/closed-not/4.wav"):
        journal.commit(examined(Found("k1"), path=path), NAMES, "tools")
    journal.gone(["/a/closed/3.wav"], frozenset())

    assert journal.gone(["/a"], frozenset({"/a/1.wav"}), {"/a/closed"}) == 1

    states = [journal.known(f"/a/{name}.wav") for name in ("1", "closed/2", "closed/3", "closed-not/4")]
    assert [one.gone for one in states if one is not None] == [False, False, True, True]


def test_what_is_no_store_is_refused_and_named(tmp_path):
    (tmp_path / "noise.sqlite").write_bytes(b"noise" * 1000)
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as database, database:
        database.execute("CREATE TABLE films (title)")
    Journal(tmp_path / "new.sqlite", create=True).close()
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as database, database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")

    for name, reason in (
        ("none", "no such store"),
        ("noise", "is it the store"),
        ("other", "no store"),
        ("new", "newer"),
    ):
        with pytest.raises(StoreError, match=f"{name}.sqlite.*{reason}"):
            Journal(tmp_path / f"{name}.sqlite")
    with pytest.raises(StoreError, match="no store"):
        Journal(tmp_path / "other.sqlite", create=True)


def test_what_files_and_events_are_like_is_kept_in_unit_length(journal):
    vector = np.array([3.0, 4.0], np.float32)
    trace = Trace(vector, Quality(0.01, -6.0, 50.0, 720))

    journal.commit(examined(Found("k1", (event("dog"),), (), (trace,), (Moment(0.0, 5.0, vector),))), NAMES, "tools")

    assert journal.rows("SELECT clipped, level, sharpness, side FROM segments") == [(0.01, -6.0, 50.0, 720)]
    kept = journal.rows("SELECT segment IS NULL, start, end, vector FROM embeddings ORDER BY 1")
    assert [row[:3] for row in kept] == [(0, 0.0, 1.0), (1, 0.0, 5.0)]
    assert all(np.frombuffer(row[3], VECTOR).tolist() == pytest.approx([0.6, 0.8], abs=1e-3) for row in kept)


def test_what_is_replaced_takes_its_embeddings_along(journal):
    found = Found("k1", (event("dog"),), (), (Trace(np.ones(2, np.float32)),), (Moment(0, 5, np.ones(2, np.float32)),))
    journal.commit(examined(found), NAMES, "tools")

    journal.commit(examined(Found("k3", ())), NAMES, "tools")

    assert journal.rows("SELECT COUNT(*) FROM embeddings") == [(0,)]


FIRST_FORMAT = """
CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    labels TEXT NOT NULL, UNIQUE (name, key));
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, digest TEXT NOT NULL, media TEXT, error TEXT, tools TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE results (file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models, problems TEXT NOT NULL, PRIMARY KEY (file, model)) WITHOUT ROWID;
CREATE TABLE segments (file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models, label TEXT NOT NULL, start REAL NOT NULL, end REAL NOT NULL,
    confidence REAL NOT NULL, tracks TEXT);
CREATE INDEX segments_by_label ON segments (label, confidence);
CREATE INDEX segments_by_file ON segments (file, model);
INSERT INTO models VALUES (1, 'one', 'k1', 'sound', '["dog", "cat"]');
INSERT INTO files VALUES (1, '/a/tape.wav', 'recording', 100, 1, 'd1', NULL, NULL, 'tools', 0);
INSERT INTO results VALUES (1, 1, '[]');
INSERT INTO segments VALUES (1, 1, 'dog', 0.0, 1.0, 0.9, NULL);
INSERT INTO segments VALUES (1, 1, 'cat', 2.0, 3.0, 0.8, NULL);
PRAGMA user_version = 1;
"""


def test_a_store_of_the_first_format_becomes_one_of_today_with_all_that_is_in_it(tmp_path):
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"{FIRST_FORMAT} PRAGMA application_id = {APPLICATION}")

    for _ in range(2):
        with closing(Journal(path)) as journal:
            assert stored(journal) == [("/a/tape.wav", "k1", "cat", 2.0), ("/a/tape.wav", "k1", "dog", 0.0)]
            assert journal.rows("PRAGMA user_version") == [(FORMAT,)]
            assert journal.rows("SELECT clipped, side FROM segments") == [(None, None)] * 2
            journal.register([ONE])
    with closing(Journal(tmp_path / "new.sqlite", create=True)) as new, closing(Journal(path)) as old:
        layout = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        assert old.rows(layout) == new.rows(layout)


def moments_of(journal: Journal) -> list[tuple[object, ...]]:
    return journal.rows("SELECT models.name, COUNT(*) FROM embeddings JOIN models ON models.id = model GROUP BY 1")


def test_models_of_one_network_share_what_a_file_is_like_and_one_that_goes_leaves_it_to_the_other(tmp_path):
    yamnet, other = Embedder("sound", "yamnet", "w1", "{}"), Embedder("sound", "yamnet", "w2", "{}")
    one, two = replace(ONE, embedder=yamnet), replace(OTHER, embedder=yamnet)
    tuned = replace(NEWER, embedder=other)
    moment = (Moment(0, 5, np.ones(2, np.float32)),)
    with closing(Journal(tmp_path / "store.sqlite", create=True)) as journal:
        journal.register([one, two, tuned])

        journal.commit(examined(Found("k1", moments=moment), Found("k2", moments=moment)), NAMES, "tools")
        assert moments_of(journal) == [("one", 1)]

        journal.commit(examined(Found("k3", moments=moment)), NAMES, "tools")
        assert moments_of(journal) == [("one", 1), ("other", 1)]
