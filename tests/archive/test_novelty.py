"""Near-duplicates share one place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.archive.novelty import novelty, same


def towards(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_first_of_those_that_are_alike_is_new_and_the_others_are_less_and_less():
    assert list(novelty(towards(0, 90, 1, 2, 91), alike=0.99)) == [1, 1, 1 / 2, 1 / 3, 1 / 2]


def test_what_is_alike_is_alike_to_the_first_and_no_chain_of_small_steps_makes_one():
    # of 10 degrees each, with a cosine of 15 degrees as the limit
    assert list(novelty(towards(0, 10, 20, 30), alike=float(np.cos(np.radians(15))))) == [1, 1 / 2, 1, 1 / 2]


def test_what_cannot_be_compared_is_compared_by_what_it_is_of():
    assert same(["a", "b", "a", "a"]).tolist() == [1, 1, 1 / 2, 1 / 3]


@given(st.lists(st.floats(0, 360), max_size=30))
def test_each_group_has_one_that_is_new(degrees):
    vectors = towards(*degrees)

    found = novelty(vectors, alike=0.99)

    firsts = vectors[found == 1]
    assert len(found) == len(degrees)
    assert all((firsts @ vector).max() >= 0.99 - 1e-6 for vector in vectors)
    assert found.sum() >= len(firsts)


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_are_new(count):
    assert list(novelty(towards(*[5.0] * count), alike=0.9)) == [1.0] * count
