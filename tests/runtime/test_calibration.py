"""From logits to probabilities that mean what they say, and the threshold that keeps a stated share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.runtime.calibration import (
    TEMPERATURES,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    softmax,
    threshold_keeping,
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


# --- likelihood


def test_the_likelihood_of_a_guess_among_four_is_the_logarithm_of_four():
    assert negative_log_likelihood(np.zeros((3, 4)), np.array([0, 1, 3])) == pytest.approx(np.log(4))


def test_a_label_without_any_probability_costs_much_but_not_infinitely_much():
    loss = negative_log_likelihood(np.array([[0.0, 1e6]]), np.array([0]))

    assert 100 < loss < float("inf")


# --- temperature


@pytest.mark.parametrize("factor", [0.2, 0.5, 1.0, 3.0, 10.0])
def test_the_factor_by_which_a_network_is_too_sure_is_found(factor):
    honest = np.random.RandomState(0).normal(scale=2.0, size=(4000, 4))
    labels = drawn_from(honest)

    assert fit_temperature(honest * factor, labels) == pytest.approx(factor, rel=0.06)


@given(st.integers(0, 1000), st.integers(2, 6), st.floats(0.1, 10))
@settings(max_examples=25, deadline=None)
def test_no_other_temperature_is_better(seed, labels, spread):
    random = np.random.RandomState(seed)
    logits = random.normal(scale=spread, size=(40, labels))
    truth = random.randint(labels, size=40)

    def loss(temperature):
        # each example counts as if one of 42 had been another label (Platt 1999)
        smoothed = np.full((40, labels), 1 / 42 / (labels - 1))
        smoothed[np.arange(40), truth] = 41 / 42
        return -(smoothed * np.log(np.maximum(softmax(logits, temperature), 1e-300))).sum(axis=1).mean()

    assert loss(fit_temperature(logits, truth)) <= min(map(loss, np.geomspace(*TEMPERATURES, 60))) + 1e-4


@pytest.mark.parametrize(("examples", "confidence"), [(30, 31 / 32), (300, 301 / 302), (2, 3 / 4)])
def test_a_few_examples_that_are_all_right_do_not_make_a_network_certain(examples, confidence):
    logits = np.tile([[10.0, 0.0], [0.0, 10.0]], (examples // 2, 1))

    temperature = fit_temperature(logits, logits.argmax(axis=1))

    assert softmax(logits, temperature).max(axis=1) == pytest.approx(np.full(examples, confidence), abs=1e-3)


def test_a_network_that_is_always_wrong_gets_the_highest_temperature():
    assert fit_temperature(np.array([[5.0, 0.0], [0.0, 5.0]]), np.array([1, 0])) == pytest.approx(20.0, rel=1e-3)


def test_the_temperature_makes_probabilities_mean_what_they_say():
    honest = np.random.RandomState(1).normal(scale=2.0, size=(4000, 3))
    labels = drawn_from(honest)
    too_sure = honest * 4

    def error(temperature):
        chances = softmax(too_sure, temperature)
        return expected_calibration_error(chances.max(axis=1), chances.argmax(axis=1) == labels)

    assert error(1.0) > 0.1
    assert error(fit_temperature(too_sure, labels)) < 0.03


# --- threshold


@pytest.mark.parametrize(
    ("share", "threshold"), [(1.0, 0.1), (0.95, 0.1), (0.9, 0.15), (0.5, 0.55), (0.1, 0.95), (0.0, 0.95)]
)
def test_known_thresholds(share, threshold):
    assert threshold_keeping(np.linspace(0.1, 1.0, 10), share) == pytest.approx(threshold, rel=1e-3)


@given(arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)), st.floats(0, 1))
def test_the_threshold_keeps_the_share_and_hardly_more(scores, share):
    threshold = threshold_keeping(scores, share)
    needed = share * len(scores) - 1e-6

    kept = np.count_nonzero(scores >= threshold)
    assert kept >= needed
    different = np.unique(scores)
    if len(different) == len(scores) and share > 0:
        assert kept <= needed + 1 + 2e-6, "not one more than needed"


def test_twenty_scores_at_95_per_cent_lose_exactly_one():
    # 0.05 * 20 is a hair below 1 in binary
    scores = np.arange(20) / 20

    assert np.count_nonzero(scores >= threshold_keeping(scores, 0.95)) == 19


def test_scores_in_single_precision_are_kept_by_their_own_threshold():
    scores = np.random.RandomState(0).uniform(size=100).astype(np.float32)

    assert np.count_nonzero(scores >= threshold_keeping(scores, 0.9)) == 90


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
