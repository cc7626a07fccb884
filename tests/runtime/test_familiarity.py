"""How much a sound is like those of the training data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime.familiarity import MOST_REFERENCES, Familiarity, fit_familiarity, score

NUMBERS = 24


def training(seed=0, per_label=10, labels=3):
    """Clouds around directions of their own, with one direction that varies within all of them."""
    random = np.random.RandomState(seed)
    owners = np.repeat(np.arange(labels), per_label)
    rows = 5 * np.eye(NUMBERS)[owners] + 0.3 * random.normal(size=(len(owners), NUMBERS))
    rows[:, -1] += 2 * random.normal(size=len(owners))
    return rows.astype(np.float32), np.eye(labels)[owners]


def test_training_sounds_are_familiar_and_others_are_not():
    rows, truth = training()
    familiar = fit_familiarity(rows, truth, NUMBERS)
    stranger = (5 * np.eye(NUMBERS)[[10, 11]]).astype(np.float32)

    assert familiar.measure(rows).min() > 0.8
    assert familiar.measure(stranger).max() < 0.3


def test_a_direction_that_varies_within_labels_counts_less():
    rows, truth = training()
    usual = rows.mean(axis=0, keepdims=True)
    usual = rows[:1].copy()
    along, across = usual.copy(), usual.copy()
    along[0, -1] += 2
    across[0, 12] += 2

    familiar = fit_familiarity(rows, truth, NUMBERS)

    assert familiar.measure(along)[0] > familiar.measure(across)[0]


def test_what_background_is_nearer_to_is_unfamiliar():
    rows, truth = training()
    between = (rows[:1] + 5 * np.eye(NUMBERS, dtype=np.float32)[[15]]) / 2
    hum = np.repeat(between, 5, axis=0)

    plain = fit_familiarity(rows, truth, NUMBERS)
    warned = plain.with_background(hum)

    assert warned.measure(between)[0] < plain.measure(between)[0] - 0.3
    np.testing.assert_allclose(warned.measure(rows), plain.measure(rows), atol=0.02)


@given(st.integers(0, 1000), st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_it_lies_between_0_and_1_and_loudness_does_not_matter(seed, gain):
    rows, truth = training(seed)
    asked = np.abs(np.random.RandomState(seed).normal(size=(7, NUMBERS))).astype(np.float32)
    familiar = fit_familiarity(rows, truth, NUMBERS)

    measured = familiar.measure(asked)

    assert ((measured >= 0) & (measured <= 1)).all()
    np.testing.assert_allclose(familiar.measure(asked * np.float32(gain)), measured, atol=1e-4)


@pytest.mark.parametrize("per_label", [1, 2])
def test_few_clips_are_enough(per_label):
    rows, truth = training(per_label=per_label)

    assert np.isfinite(fit_familiarity(rows, truth, NUMBERS).measure(rows)).all()


def test_only_the_numbers_that_are_compared_matter():
    rows, truth = training()
    wider = np.concatenate([rows, 100 * np.random.RandomState(1).normal(size=rows.shape)], axis=1).astype(np.float32)

    narrow = fit_familiarity(rows, truth, NUMBERS).measure(rows)

    np.testing.assert_allclose(fit_familiarity(wider, truth, NUMBERS).measure(wider), narrow, atol=1e-5)


def test_of_very_many_clips_every_label_keeps_some():
    random = np.random.RandomState(0)
    truth = np.eye(2)[[0] * (MOST_REFERENCES + 500) + [1] * 20]
    rows = random.normal(size=(len(truth), NUMBERS)).astype(np.float32)
    rows[-20:] = 9 * np.eye(NUMBERS)[5] + 0.01 * rows[-20:]

    familiar = fit_familiarity(rows, truth, NUMBERS)

    assert len(familiar.references) == MOST_REFERENCES
    assert familiar.measure(rows[-20:]).min() > 0.9, "the rare label is still known"


def test_it_comes_back_from_its_arrays():
    rows, truth = training()
    familiar = fit_familiarity(rows, truth, NUMBERS).with_background(rows[:3] + 9)

    again = Familiarity.from_arrays(familiar.arrays())

    np.testing.assert_array_equal(again.measure(rows), familiar.measure(rows))


def test_the_score_falls_with_either():
    assert score(np.array([[0.81, 0.25]]), np.array([0.5])) == pytest.approx(np.array([[0.45, 0.25]]))


@pytest.mark.parametrize("size", [1e20, 1e30, 3e38, np.inf, np.nan])
def test_what_is_too_large_to_be_compared_is_like_nothing(size):
    rows, truth = training()
    huge = np.full((2, NUMBERS), size, np.float32)
    assert fit_familiarity(rows, truth, NUMBERS).measure(huge).tolist() == [0.0, 0.0]
