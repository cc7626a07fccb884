"""From logits to probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.runtime.calibration import (
    expected_calibration_error,
    reliability,
    softmax,
)

LOGITS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(-1e4, 1e4, width=32)
)


def drawn_from(logits, seed=0):
    """Draw true labels with exactly the probabilities that the logits state."""
    below = np.cumsum(softmax(logits), axis=1)
    return (below < np.random.RandomState(seed).uniform(size=(len(logits), 1))).sum(axis=1)


# --- probabilities


@given(LOGITS)
def test_probabilities_add_up_to_one_whatever_the_logits(logits):
    chances = softmax(logits)

    assert chances.dtype == np.float64
    assert (chances >= 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-12)


@given(LOGITS, st.floats(0.05, 20))
def test_no_temperature_changes_which_label_is_first(logits, temperature):
    chances = softmax(logits, temperature)

    np.testing.assert_array_equal(chances[np.arange(len(logits)), logits.argmax(axis=1)], chances.max(axis=1))


def test_a_higher_temperature_is_less_sure():
    logits = np.array([[2.0, 0.0, -1.0]])

    sure = [softmax(logits, temperature)[0, 0] for temperature in (0.1, 1.0, 10.0, 1000.0)]

    assert sure == sorted(sure, reverse=True)
    assert sure[0] > 0.999
    assert sure[-1] == pytest.approx(1 / 3, abs=1e-3)


def test_known_probabilities():
    np.testing.assert_allclose(softmax(np.log(np.array([[1.0, 2.0, 5.0]]))), [[0.125, 0.25, 0.625]])


def test_the_logits_are_left_as_they_were():
    logits = np.array([[1.0, 2.0]])

    softmax(logits)

    np.testing.assert_array_equal(logits, [[1.0, 2.0]])


# --- reliability


def test_bins_hold_equally_many_examples_ordered_by_confidence():
    confidences = np.array([0.9, 0.1, 0.5, 0.3])

    confidence, accuracy, share = reliability(confidences, np.array([1.0, 0.0, 1.0, 0.0]), bins=2)

    np.testing.assert_allclose(confidence, [0.2, 0.7])
    np.testing.assert_allclose(accuracy, [0.0, 1.0])
    np.testing.assert_allclose(share, [0.5, 0.5])


@given(st.integers(1, 40), st.integers(1, 15), st.integers(0, 100))
def test_the_shares_add_up_and_no_bin_is_empty(examples, bins, seed):
    random = np.random.RandomState(seed)

    confidence, accuracy, share = reliability(random.uniform(size=examples), random.randint(2, size=examples), bins)

    assert len(confidence) == len(accuracy) == len(share) == min(bins, examples)
    assert share.sum() == pytest.approx(1.0)
    assert (share > 0).all()
    assert (np.diff(confidence) >= 0).all()


def test_honest_confidences_have_no_calibration_error():
    confidences = np.repeat([0.25, 0.75], 4)
    correct = np.array([1, 0, 0, 0, 1, 1, 1, 0])

    assert expected_calibration_error(confidences, correct, bins=2) == pytest.approx(0.0)


def test_being_sure_and_always_wrong_has_an_error_of_one():
    assert expected_calibration_error(np.ones(5), np.zeros(5)) == pytest.approx(1.0)


def test_the_error_weighs_bins_by_their_examples():
    confidences = np.array([0.5, 0.5, 1.0, 1.0])
    correct = np.array([True, False, True, False])

    assert expected_calibration_error(confidences, correct, bins=2) == pytest.approx(0.25)


def test_right_and_wrong_may_be_booleans():
    assert expected_calibration_error(np.full(2, 0.5), np.array([True, False]), bins=1) == pytest.approx(0.0)


def test_without_examples_there_is_no_error_to_state():
    assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0)))


@given(st.integers(1, 50), st.integers(0, 100))
def test_the_error_lies_between_0_and_1(examples, seed):
    random = np.random.RandomState(seed)

    assert 0 <= expected_calibration_error(random.uniform(size=examples), random.randint(2, size=examples)) <= 1
