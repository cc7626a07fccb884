"""What was heard comes back as it was; a cache that is full, damaged, shared or turned off never stops anyone."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.features import cache
from mediaml.features.cache import Kept


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    monkeypatch.delenv(cache.LIMIT, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock that goes a second further at each look."""
    now = [1000.0]

    def look() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(cache.time, "time", look)
    yield now


def heard(number: int, windows: int = 1, numbers: int = 250) -> Kept:
    random = np.random.RandomState(number)
    return Kept(number, number + 5.0, -20.0, random.standard_normal((windows, numbers)).astype(np.float32))


def assert_same(found: Kept, expected: Kept) -> None:
    assert (found.start, found.end, found.level) == (expected.start, expected.end, expected.level)
    assert found.embeddings.dtype == np.float32
    assert found.embeddings.shape == expected.embeddings.shape
    np.testing.assert_array_equal(found.embeddings, expected.embeddings)


SIZE = len(cache._packed("key", heard(0)))  # bytes of an entry


# --- what goes in comes out


def test_what_was_put_in_comes_back():
    entries = {f"key {number}": heard(number, windows=number + 1) for number in range(5)}

    cache.put(entries)

    found = cache.get(["key 3", "unknown", "key 0", "key 3"])
    assert set(found) == {"key 0", "key 3"}
    for key, one in found.items():
        assert_same(one, entries[key])


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    arrays.arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(1, 9))),
    st.floats(0, 1e6),
    st.one_of(st.floats(-120, 0), st.just(-math.inf)),
)
def test_every_key_and_every_array_comes_back(key, embeddings, start, level):
    cache.put({key: Kept(start, start + 1.0, level, embeddings)})

    assert_same(cache.get([key])[key], Kept(start, start + 1.0, level, embeddings))


@pytest.mark.parametrize(
    "embeddings", [np.ones((2, 3), np.float64), np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2], np.eye(3).T]
)
def test_other_numbers_and_views_are_kept_as_float32(embeddings):
    cache.put({"key": Kept(0.0, 1.0, -3.0, embeddings)})

    assert_same(cache.get(["key"])["key"], Kept(0.0, 1.0, -3.0, embeddings.astype(np.float32)))


def test_a_key_that_is_put_in_again_has_the_new_value():
    cache.put({"key": heard(1)})
    cache.put({"key": heard(2)})

    assert_same(cache.get(["key"])["key"], heard(2))
    assert cache.info().entries == 1


def test_more_keys_than_a_query_takes_are_found():
    keys = [str(number) for number in range(2 * cache.KEYS_AT_ONCE + 1)]
    cache.put({key: heard(int(key), numbers=2) for key in keys})

    found = cache.get(keys)

    assert list(found) == keys
    assert_same(found[keys[-1]], heard(int(keys[-1]), numbers=2))


def test_an_empty_cache_knows_nothing_and_makes_no_file(folder):
    assert cache.get(["key"]) == {}
    cache.put({})
    assert cache.info() == cache.Info(cache.path(), 0, 0, cache.USUAL_LIMIT)
    assert cache.clear() == (0, 0)
    assert not folder.exists()


def test_clearing_forgets_everything_and_tells_how_much_that_was():
    cache.put({str(number): heard(number) for number in range(3)})
    before = cache.info()
    assert (before.entries, before.bytes) == (3, 3 * SIZE)

    assert cache.clear() == (before.entries, before.bytes)

    assert not cache.path().exists()
    assert cache.get(["0", "1", "2"]) == {}
    cache.put({"0": heard(0)})
    assert set(cache.get(["0", "1"])) == {"0"}


# --- where, and how much


def test_the_folder_is_the_one_that_the_environment_names(folder, monkeypatch):
    assert cache.path().parent == folder
    cache.put({"key": heard(0)})
    assert cache.path().is_file()

    monkeypatch.setenv(cache.FOLDER, str(folder.with_name("other")))

    assert cache.get(["key"]) == {}


def test_without_a_word_it_lies_in_the_users_cache_folder(folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.with_name("users")))
    monkeypatch.delenv(cache.FOLDER)

    assert "mediaml" in cache.path().parts
    assert folder not in cache.path().parents


def test_the_limit_is_the_one_that_the_environment_names(monkeypatch):
    assert cache.limit() == 1 << 30

    monkeypatch.setenv(cache.LIMIT, "12345")

    assert cache.limit() == cache.info().limit == 12345


@pytest.mark.parametrize("value", ["1 GB", "-1", "1e9", "1.5", "\N{SUPERSCRIPT TWO}", "lots"])
def test_a_limit_that_is_no_number_of_bytes_is_refused_by_name(value, monkeypatch):
    monkeypatch.setenv(cache.LIMIT, value)

    for use in (cache.limit, cache.info, lambda: cache.get(["key"]), lambda: cache.put({"key": heard(0)})):
        with pytest.raises(ValueError, match=f"{cache.LIMIT} is a number of bytes, not {value!r}"):
            use()


def test_a_limit_of_nothing_turns_it_off(folder, monkeypatch):
    cache.put({"before": heard(0)})
    monkeypatch.setenv(cache.LIMIT, "0")

    cache.put({"after": heard(1)})

    assert cache.get(["before", "after"]) == {}
    monkeypatch.delenv(cache.LIMIT)
    assert set(cache.get(["before", "after"])) == {"before"}


def test_what_was_not_used_for_longest_is_forgotten(clock, monkeypatch):
    monkeypatch.setenv(cache.LIMIT, str(10 * SIZE))
    for number in range(10):
        cache.put({f"key {number}": heard(number)})
    assert cache.info().entries == 10
    assert set(cache.get(["key 0", "key 3"])) == {"key 0", "key 3"}  # used: young again

    cache.put({"key 10": heard(10)})

    kept = set(cache.get([f"key {number}" for number in range(11)]))
    assert cache.info().bytes <= 0.9 * 10 * SIZE + 1
    assert {"key 0", "key 3", "key 10"} <= kept
    assert not {"key 1", "key 2"} & kept
    assert len(kept) == 9


def test_it_never_keeps_more_than_the_limit(clock, monkeypatch):
    monkeypatch.setenv(cache.LIMIT, str(20 * SIZE))
    for batch in range(30):
        cache.put({f"{batch} {number}": heard(number) for number in range(7)})
        assert cache.info().bytes <= 20 * SIZE
        assert len(cache.get([f"{batch} {number}" for number in range(7)])) == 7  # the newest is there

    assert cache.path().stat().st_size < 3 * 20 * SIZE  # of 210 entries: the room of forgotten ones is used again


def test_what_is_larger_than_the_limit_is_not_kept(monkeypatch):
    monkeypatch.setenv(cache.LIMIT, str(SIZE - 1))

    cache.put({"key": heard(0)})

    assert cache.info().entries == 0
    assert cache.get(["key"]) == {}


# --- damage


@pytest.mark.parametrize("content", [b"no database, but a text that is long enough" * 99, bytes(8192), "another table"])
def test_a_file_that_is_no_cache_is_a_warning_and_clearing_it_makes_a_new_one(content, folder):
    folder.mkdir()
    if isinstance(content, bytes):
        cache.path().write_bytes(content)
    else:
        with closing(sqlite3.connect(cache.path())) as database, database:
            database.execute("CREATE TABLE embeddings (something TEXT)")

    with pytest.warns(UserWarning, match=f"{cache.path()} is not used.*'mediaml cache clear' makes a new one"):
        assert cache.get(["key"]) == {}
    with pytest.warns(UserWarning, match="is not used"):
        cache.put({"key": heard(0)})
    cache.clear()  # warns of nothing: it is the remedy

    cache.put({"key": heard(0)})
    assert set(cache.get(["key"])) == {"key"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_a_warning(share):
    cache.put({str(number): heard(number) for number in range(100)})
    content = cache.path().read_bytes()
    cache.path().write_bytes(content[: int(share * len(content))])

    with pytest.warns(UserWarning, match="is not used"):
        assert cache.get([str(number) for number in range(100)]) == {}


def test_a_changed_byte_is_noticed_and_putting_in_anew_mends_it():
    cache.put({"key": heard(0), "other": heard(1)})
    content = bytearray(cache.path().read_bytes())
    content[content.index(heard(0).embeddings.tobytes()[:64]) + 10] ^= 1
    cache.path().write_bytes(content)

    with pytest.warns(UserWarning, match="an entry of it is damaged"):
        assert cache.get(["key"]) == {}
    assert_same(cache.get(["other"])["other"], heard(1))

    cache.put({"key": heard(0)})
    assert_same(cache.get(["key"])["key"], heard(0))


@pytest.mark.filterwarnings("ignore:the cache:UserWarning")
@pytest.mark.parametrize("seed", range(5))
def test_whatever_bytes_change_an_answer_is_the_right_one_or_none(seed):
    entries = {f"key {number}": heard(number, numbers=16) for number in range(40)}
    cache.put(entries)
    good = cache.path().read_bytes()
    random = np.random.RandomState(seed)
    lost = 0
    for _ in range(40):
        content = bytearray(good)
        for place in random.randint(0, len(good), random.randint(1, 30)):
            content[place] = random.randint(256)
        cache.path().write_bytes(content)

        found = cache.get(entries)

        lost += len(found) < len(entries)
        for key, one in found.items():
            assert_same(one, entries[key])
        cache.put(entries)
        cache.info()
    assert lost  # the bytes did hit something


def test_a_folder_that_cannot_be_made_is_a_warning(folder):
    folder.write_bytes(b"a file stands where the folder should be")

    with pytest.warns(UserWarning, match="is not used"):
        cache.put({"key": heard(0)})
    assert cache.get(["key"]) == {}


def test_a_cache_that_someone_else_holds_is_a_warning_after_a_while(monkeypatch):
    monkeypatch.setattr(cache, "WAIT", 0.1)
    cache.put({"key": heard(0)})
    with closing(sqlite3.connect(cache.path())) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.warns(UserWarning, match="locked"):
            assert cache.get(["key"]) == {}
        other.rollback()

    assert set(cache.get(["key"])) == {"key"}


# --- several at once


WRITER = """
import sys, time, warnings
warnings.simplefilter("error")
from mediaml.features import cache
from tests.features.test_cache import heard
name, start = sys.argv[1], float(sys.argv[2])
time.sleep(max(0.0, start - time.time()))
for number in range(40):
    cache.put({f"{name} {number}": heard(number), "shared": heard(0)})
    assert f"{name} {number}" in cache.get([f"{name} {number}", "shared"])
"""


def test_two_processes_write_at_once_and_nothing_is_lost():
    start = str(time.time() + 3.0)  # both have imported by then, and make the file together
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name, start], stderr=subprocess.PIPE, text=True)
        for name in ("first", "second")
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], said
    keys = [f"{name} {number}" for name in ("first", "second") for number in range(40)]
    found = cache.get([*keys, "shared"])
    assert set(found) == {*keys, "shared"}
    for key in keys:
        assert_same(found[key], heard(int(key.split()[1])))


def test_threads_write_and_read_at_once():
    def work(thread: int) -> int:
        for number in range(15):
            cache.put({f"{thread} {number}": heard(number)})
            assert f"{thread} {number}" in cache.get([f"{thread} {number}", "0 0"])
        return thread

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == list(range(6))

    assert cache.info().entries == 6 * 15


def test_a_process_that_dies_while_it_writes_leaves_what_was_there():
    cache.put({"before": heard(0)})
    program = """
import os
from mediaml.features import cache
from tests.features.test_cache import heard
def die(database, most):
    os._exit(9)
cache._forget = die
cache.put({"half": heard(1)})
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)

    assert done.returncode == 9
    assert set(cache.get(["before", "half"])) == {"before"}
    cache.put({"after": heard(2)})
    assert cache.info().entries == 2
