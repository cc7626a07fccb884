"""The ledger knows what was created, whoever dies when."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mediaml.aws.ledger import LEDGER, Ledger, Resource, ledger

BINARY = 1 << 28  # os.O_BINARY of a system that has it: no other flag here
ENDPOINT, MODEL = Resource("endpoint", "a", "eu-west-1"), Resource("model", "a", "eu-west-1")


def test_what_was_created_stands_until_it_is_gone(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "deep" / "ledger.jsonl")
    assert book.standing() == []
    book.created(MODEL)
    book.created(ENDPOINT, keep=True)
    assert [(one.resource, one.keep) for one in book.standing()] == [(MODEL, False), (ENDPOINT, True)]
    book.gone(MODEL)
    assert [one.resource for one in Ledger(book.path).standing()] == [ENDPOINT]
    book.created(MODEL)
    assert [one.resource for one in book.standing()] == [ENDPOINT, MODEL]


def test_the_same_name_elsewhere_is_another_thing(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.jsonl")
    book.created(MODEL)
    book.gone(Resource("model", "a", "us-east-1"))
    assert [one.resource for one in book.standing()] == [MODEL]


def test_a_line_that_was_cut_off_hides_no_other(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.jsonl")
    book.created(MODEL)
    with book.path.open("a") as file:
        file.write('{"what": "created", "ki\n[1]\n')
    book.created(ENDPOINT)
    assert [one.resource for one in book.standing()] == [MODEL, ENDPOINT]


def test_it_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER, str(tmp_path / "mine.jsonl"))
    ledger().created(MODEL)
    assert stat.S_IMODE((tmp_path / "mine.jsonl").stat().st_mode) == 0o600
    monkeypatch.delenv(LEDGER)
    assert ledger().path.name == "ledger.jsonl"


def test_a_line_that_was_torn_off_takes_no_other_with_it(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.jsonl")
    book.created(MODEL)
    with book.path.open("ab") as file:
        file.write(b'{"what": "created", "kind": "endp')
    book.created(ENDPOINT)
    book.created(Resource("endpoint", "b", "eu-west-1"))
    assert [one.resource for one in book.standing()] == [MODEL, ENDPOINT, Resource("endpoint", "b", "eu-west-1")]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """As on Windows: what `os` lacks there, and what it has; gives the flags that files are opened with."""
    opened: list[int] = []
    real = os.open

    def noted(path: str, flags: int, mode: int = 0o777) -> int:
        opened.append(flags)
        return real(path, flags & ~BINARY, mode)

    for name in ("pread", "pwrite", "fchmod", "getuid", "geteuid"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(os, "O_BINARY", BINARY, raising=False)
    monkeypatch.setattr(os, "open", noted)
    return opened


def test_it_is_kept_on_windows_too(tmp_path: Path, windows: list[int]) -> None:
    book = Ledger(tmp_path / "deep" / "ledger.jsonl")
    book.created(MODEL)
    with book.path.open("ab") as file:
        file.write(b'{"what": "created", "kind": "endp')
    book.created(ENDPOINT)
    assert [line.resource for line in book.standing()] == [MODEL, ENDPOINT]
    assert windows and all(flags & BINARY for flags in windows), "an end of a line is one byte"
