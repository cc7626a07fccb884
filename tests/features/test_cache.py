"""What was heard comes back as it was, and no more is kept than asked for."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.errors import EnvironmentSettingError
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

    monkeypatch.setattr(time, "time", look)
    yield now


def heard(number: int, windows: int = 1, numbers: int = 250) -> Kept:
    random = np.random.RandomState(number)
    return Kept(number, number + 5.0, -20.0, random.standard_normal((windows, numbers)).astype(np.float32))


def assert_same(found: Kept, expected: Kept) -> None:
    assert (found.start, found.end, found.level) == (expected.start, expected.end, expected.level)
    assert found.embeddings.dtype == np.float32
    assert found.embeddings.shape == expected.embeddings.shape
    np.testing.assert_array_equal(found.embeddings, expected.embeddings)


SIZE = heard(0).embeddings.nbytes  # bytes of an entry


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
        with pytest.raises(EnvironmentSettingError, match=f"{cache.LIMIT} is a number of bytes, .*not {value!r}"):
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
