"""Items are decoded in order, a few ahead, and so many at a time that memory is no matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mediaml.backends.pictures import items
from mediaml.backends.pictures.items import AT_ONCE, opened


def pictures(count: int, side: int = 8) -> Iterator[np.ndarray]:
    for number in range(count):
        yield np.full((side, side, 3), number % 256, np.uint8)


def test_small_ones_come_in_full_batches_and_in_order() -> None:
    found = list(opened(pictures(2 * AT_ONCE + 3), 8))
    assert [len(some) for some in found] == [AT_ONCE, AT_ONCE, 3]
    levels = [int(one.pixels[0, 0, 0]) for some in found for one in some if one.pixels is not None]
    assert levels == list(range(2 * AT_ONCE + 3))


def test_of_large_ones_there_are_fewer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "MOST_BYTES", 3 * 100 * 100 * 3)
    assert [len(some) for some in opened(pictures(8, side=100), 8)] == [3, 3, 2]


def test_no_more_is_taken_than_is_asked_for() -> None:
    taken = 0

    def endless() -> Iterator[np.ndarray]:
        nonlocal taken
        while True:
            taken += 1
            yield np.zeros((8, 8, 3), np.uint8)

    assert len(next(opened(endless(), 8))) == AT_ONCE
    assert taken <= 2 * AT_ONCE


def test_nothing_is_nothing() -> None:
    assert list(opened([], 8)) == []


def test_what_cannot_be_read_has_its_place(tmp_path) -> None:
    (some,) = opened([b"no picture", np.zeros((8, 8, 3), np.uint8), tmp_path / "gone.png"], 8)
    assert [one.pixels is None for one in some] == [True, False, True]
    assert "gone.png" in str(some[2].error)
