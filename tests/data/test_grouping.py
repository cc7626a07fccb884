"""Which rows of a dataset must stay together: those of one recording, of one group, and of identical files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data import grouping
from mediaml.data.grouping import connected, content_hash, hash_of_bytes, identical_files

KEYS = st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=3), max_size=25)


@pytest.fixture(autouse=True)
def no_memory():
    """Forget what was hashed, so that no test lives on another one's files."""
    grouping._content_hash.cache_clear()


# --- rows with a key in common


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([], []),
        ([["a"]], [0]),
        ([["a"], ["b"], ["a"]], [0, 1, 0]),
        ([["a", "x"], ["b", "y"], ["c", "x"]], [0, 1, 0]),
        ([["a"], ["b"], ["a", "b"]], [0, 0, 0]),  # the third row brings the others together
        ([["a", "b"], ["c", "d"], ["e"], ["d", "e"], ["b", "c"]], [0, 0, 0, 0, 0]),
        ([[("group", "1")], [("path", "1")]], [0, 1]),  # equal values of different kinds are different keys
    ],
)
def test_known_groups(rows, numbers):
    assert connected(rows) == numbers


@given(KEYS)
def test_two_rows_have_one_number_if_and_only_if_a_chain_of_keys_leads_from_one_to_the_other(rows):
    numbers = connected(rows)

    reach = [{row} for row in range(len(rows))]  # the slow and obvious way
    for _ in rows:
        for one in range(len(rows)):
            for other in range(len(rows)):
                if set(rows[one]) & set(rows[other]):
                    together = reach[one] | reach[other]
                    reach[one], reach[other] = together, together
    for one in range(len(rows)):
        for other in range(len(rows)):
            assert (numbers[one] == numbers[other]) == (other in reach[one])


@given(KEYS)
def test_numbers_count_up_in_order_of_appearance(rows):
    numbers = connected(rows)

    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))


def test_a_hundred_thousand_rows_in_one_chain_are_no_problem():
    assert set(connected([[number, number + 1] for number in range(100_000)])) == {0}
    assert set(connected([[number, number + 1] for number in reversed(range(100_000))])) == {0}


# --- what is in a file


def test_equal_bytes_have_equal_hashes_whatever_the_name(tmp_path):
    one, other = tmp_path / "one.wav", tmp_path / "other.flac"
    one.write_bytes(b"the same")
    other.write_bytes(b"the same")

    assert content_hash(one) == content_hash(other) == content_hash(str(one))


def test_one_byte_makes_another_hash(tmp_path):
    one, other = tmp_path / "one.wav", tmp_path / "other.wav"
    one.write_bytes(bytes(3 << 20))
    other.write_bytes(bytes((3 << 20) - 1) + b"\1")

    assert content_hash(one) != content_hash(other)


def test_the_hash_is_sha_256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    assert content_hash(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_that_changes_is_hashed_anew(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"before")
    before = content_hash(path)
    path.write_bytes(b"after, and longer")

    assert content_hash(path) != before


def test_a_file_that_stays_is_hashed_once(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")

    content_hash(path)
    content_hash(path)

    assert grouping._content_hash.cache_info().misses == 1


@pytest.mark.parametrize("kind", ["missing", "a folder", "a broken link"])
def test_what_cannot_be_read_equals_nothing_else(tmp_path, kind):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "other folder").mkdir()
    (tmp_path / "a broken link").symlink_to(tmp_path / "nowhere")

    found = content_hash(tmp_path / kind)

    assert found == content_hash(tmp_path / kind)
    assert found not in (content_hash(tmp_path / "other"), content_hash(tmp_path / "other folder"))


@pytest.mark.parametrize("kind", ["missing", "a folder"])
def test_who_asks_for_the_bytes_alone_is_told_that_they_cannot_be_read(tmp_path, kind):
    (tmp_path / "a folder").mkdir()

    with pytest.raises(OSError, match=kind):
        hash_of_bytes(tmp_path / kind)


# --- identical files


def write(folder: Path, **contents: bytes) -> dict[str, str]:
    paths = {name: str(folder / f"{name}.wav") for name in contents}
    for name, content in contents.items():
        Path(paths[name]).write_bytes(content)
    return paths


def test_twins_are_found_and_the_rest_is_not_named(tmp_path):
    paths = write(tmp_path, a=b"one", b=b"one", c=b"two", d=b"longer", e=b"two", f=b"six")

    found = identical_files(paths.values())

    assert set(found) == {paths[name] for name in "abce"}
    assert found[paths["a"]] == found[paths["b"]]
    assert found[paths["c"]] == found[paths["e"]]
    assert found[paths["a"]] != found[paths["c"]]


def test_a_file_that_is_named_twice_is_not_its_own_twin(tmp_path):
    paths = write(tmp_path, a=b"one")

    assert identical_files([paths["a"], paths["a"]]) == {}


def test_files_of_different_sizes_are_not_even_opened(tmp_path, monkeypatch):
    paths = write(tmp_path, a=b"1", b=b"22", c=b"333")
    monkeypatch.setattr(grouping, "content_hash", lambda path: pytest.fail(f"{path} was read"))

    assert identical_files(paths.values()) == {}


def test_missing_files_are_passed_over(tmp_path):
    paths = write(tmp_path, a=b"one", b=b"one")

    found = identical_files([str(tmp_path / "no.wav"), paths["a"], str(tmp_path / "not.wav"), paths["b"]])

    assert set(found) == {paths["a"], paths["b"]}


def test_folders_are_no_twins(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    assert identical_files([str(tmp_path / "one"), str(tmp_path / "two")]) == {}


def test_empty_files_are_twins(tmp_path):
    paths = write(tmp_path, a=b"", b=b"")

    assert len(identical_files(paths.values())) == 2


def test_two_names_of_one_file_are_twins(tmp_path):
    paths = write(tmp_path, a=b"one")
    os.link(paths["a"], tmp_path / "hard.wav")
    (tmp_path / "soft.wav").symlink_to(paths["a"])

    found = identical_files([paths["a"], str(tmp_path / "hard.wav"), str(tmp_path / "soft.wav")])

    assert len(found) == 3
    assert len(set(found.values())) == 1
