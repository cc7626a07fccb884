"""What mediaml keeps for a user is the user's alone; what a user saves follows the user's umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mediaml._private import make_file, make_folder
from mediaml.aws.ledger import Ledger, Resource
from mediaml.features import cache
from mediaml.runtime import store
from mediaml.runtime.atomic import write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o000], ids=["usual umask", "no umask"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_folders_that_are_made_are_private_and_those_that_were_there_stay(tmp_path: Path, umask: int) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    make_folder(tmp_path / "there" / "a" / "b")
    assert [mode(tmp_path / one) for one in ("there/a", "there/a/b")] == [0o700, 0o700]
    assert mode(tmp_path / "there") == 0o755
    make_folder(tmp_path / "there" / "a")
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")


def test_files_that_are_made_are_private_and_those_that_were_there_stay(tmp_path: Path, umask: int) -> None:
    assert mode(make_file(tmp_path / "new" / "a")) == 0o600
    (tmp_path / "shared").write_bytes(b"kept")
    before = mode(tmp_path / "shared")
    assert make_file(tmp_path / "shared").read_bytes() == b"kept"
    assert mode(tmp_path / "shared") == before


def test_the_ledger(tmp_path: Path, umask: int) -> None:
    book = Ledger(tmp_path / "data" / "ledger.jsonl")
    book.created(Resource("endpoint", "a", "eu-west-1"))
    assert (mode(book.path), mode(book.path.parent)) == (0o600, 0o700)


def test_the_cache_with_the_files_that_sqlite_puts_beside_it(
    tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    cache.put({"key": cache.Kept(0.0, 1.0, -20.0, np.ones((1, 4), np.float32))})
    assert cache.get(["key"])
    assert mode(tmp_path / "cache") == 0o700
    assert {mode(path) for path in (tmp_path / "cache").iterdir()} == {0o600}


def test_weights(tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediaml.features import weights
    from tests.features.weight_files import random_arrays

    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "own" / "weights"))
    weights.keep("yamnet", random_arrays(), (), weights.path("yamnet"))
    assert mode(weights.path("yamnet")) == 0o600
    assert (mode(weights.folder()), mode(tmp_path / "own")) == (0o700, 0o700)


@pytest.mark.parametrize(("mask", "file"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_what_a_user_saves_follows_the_umask(tmp_path: Path, mask: int, file: int) -> None:
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "report.html", b"")
        store.write(str(tmp_path / "model"), "model", {}, {})
    finally:
        os.umask(before)
    assert mode(tmp_path / "report.html") == file
    assert {mode(path) for path in (tmp_path / "model").iterdir()} == {file}


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "report.html").symlink_to(tmp_path / "theirs")
    write_whole(tmp_path / "report.html", b"ours")
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert (tmp_path / "report.html").read_bytes() == b"ours" and not (tmp_path / "report.html").is_symlink()
