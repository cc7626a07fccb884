"""A cache that is damaged, held by someone else or written to by several at once never stops anyone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mediaml.features import cache
from tests.features.test_cache import assert_same, heard


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    monkeypatch.delenv(cache.LIMIT, raising=False)
    return tmp_path / "cache"


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
