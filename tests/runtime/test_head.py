"""Logistic regression on embeddings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime.head import fit_head
from mediaml.runtime.objective import MultiLabel, SingleLabel


def clouds(seed, per_label=20, labels=3, numbers=40, apart=4.0):
    random = np.random.RandomState(seed)
    middles = random.normal(size=(labels, numbers)) * apart / np.sqrt(numbers) * 3
    owners = np.repeat(np.arange(labels), per_label)
    rows = middles[owners] + random.normal(size=(len(owners), numbers))
    return rows.astype(np.float32), np.eye(labels, dtype=np.float32)[owners]


def test_what_can_be_told_apart_is():
    rows, truth = clouds(0)
    fresh, fresh_truth = clouds(0)

    head = fit_head(rows[::2], truth[::2])

    assert (head.logits(fresh[1::2]).argmax(axis=1) == fresh_truth[1::2].argmax(axis=1)).mean() > 0.95


@pytest.mark.parametrize("objective", [SingleLabel, MultiLabel])
def test_the_optimum_is_that_of_a_plain_descent_in_all_numbers(objective):
    rows, truth = clouds(1, per_label=6, numbers=12)
    penalty = 0.1

    head = fit_head(rows, truth, objective, penalty)

    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    scaled = (rows - middle) / spread
    weight, bias = np.zeros((3, 12)), np.zeros(3)
    targets = objective.targets(truth).astype(float)
    for _ in range(20000):
        _, slope = objective.gradient(scaled @ weight.T + bias, targets)
        weight -= 0.2 * (slope.T @ scaled / len(rows) + penalty * weight)
        bias -= 0.2 * slope.mean(axis=0)
    np.testing.assert_allclose(head.weight, weight / spread, atol=2e-3)
    np.testing.assert_allclose(head.logits(rows), scaled @ weight.T + bias, atol=1e-2)


@given(st.integers(0, 100), st.floats(0.1, 10))
@settings(max_examples=15, deadline=None)
def test_neither_the_scale_nor_the_place_of_the_numbers_matters(seed, scale):
    rows, truth = clouds(seed, per_label=5)

    plain = fit_head(rows, truth).logits(rows)
    moved = fit_head(rows * np.float32(scale) + 7, truth).logits(rows * np.float32(scale) + 7)

    np.testing.assert_allclose(plain, moved, atol=0.05)


def test_numbers_that_never_move_do_no_harm():
    rows, truth = clouds(0)
    rows[:, 3] = 5.0

    head = fit_head(rows, truth)

    assert np.isfinite(head.weight).all()
    assert (head.logits(rows).argmax(axis=1) == truth.argmax(axis=1)).all()


def test_one_example_a_label_is_enough_to_begin_with():
    rows, truth = clouds(2, per_label=1)

    assert (fit_head(rows, truth).logits(rows).argmax(axis=1) == [0, 1, 2]).all()


def test_more_examples_than_numbers_give_what_fewer_axes_would():
    """Embeddings with numbers that only repeat others span fewer axes; the answers are the same."""
    rows, truth = clouds(0)
    repeated = np.concatenate([rows, np.tile(rows[:, :1], (1, len(rows) + 1 - rows.shape[1]))], axis=1)
    many = np.tile(repeated, (2, 1))

    few, all_of_them = fit_head(repeated, truth), fit_head(many, np.tile(truth, (2, 1)))

    assert len(repeated) < repeated.shape[1] <= len(many)
    np.testing.assert_allclose(few.logits(repeated), all_of_them.logits(repeated), atol=2e-3)


def test_several_labels_at_once_and_none():
    random = np.random.RandomState(0)
    truth = (random.uniform(size=(200, 2)) < 0.5).astype(np.float32)
    rows = (truth @ random.normal(size=(2, 10)) * 3 + random.normal(size=(200, 10)) * 0.3).astype(np.float32)

    logits = fit_head(rows, truth, MultiLabel).logits(rows)

    assert ((logits > 0) == (truth > 0)).mean() > 0.97
