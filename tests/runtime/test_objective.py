"""Losses, probabilities and calibration, with one label a clip and with several."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime.calibration import TEMPERATURES, expected_calibration_error, softmax
from mediaml.runtime.objective import OBJECTIVES, MultiLabel, SingleLabel, doubt_after, fit_temperature

BOTH = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)


def one_hot(numbers, count):
    return np.eye(count)[numbers]


def drawn(objective, logits, seed=0):
    """Draw truths with exactly the probabilities that the logits state."""
    random = np.random.RandomState(seed)
    chances = objective.probabilities(logits)
    if objective is MultiLabel:
        return (random.uniform(size=logits.shape) < chances).astype(float)
    below = np.cumsum(chances, axis=1)
    return one_hot((below < random.uniform(size=(len(logits), 1))).sum(axis=1), logits.shape[1])


# --- probabilities


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(0, 0.5))
def test_probabilities_of_one_label_add_up_to_one_with_any_doubt(seed, temperature, doubt):
    logits = np.random.RandomState(seed).normal(scale=5, size=(4, 3))

    chances = SingleLabel.probabilities(logits, temperature, doubt)

    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert chances.min() >= doubt / 3 - 1e-12
    np.testing.assert_array_equal(chances.argmax(axis=1), logits.argmax(axis=1))


def test_probabilities_of_several_labels_stand_each_for_itself():
    np.testing.assert_allclose(MultiLabel.probabilities(np.array([[0.0, 1e4, -1e4]])), [[0.5, 1.0, 0.0]])
    np.testing.assert_allclose(MultiLabel.probabilities(np.array([[0.0, 1e4, -1e4]]), 1.0, 0.1), [[0.5, 0.95, 0.05]])


def test_doubt_fades_with_what_was_seen():
    assert [doubt_after(n) for n in (0, 1, 30, 300)] == pytest.approx([0.5, 0.25, 0.0161, 0.00166], rel=1e-2)


# --- losses


@BOTH
@given(seed=st.integers(0, 1000))
def test_the_gradient_is_that_of_the_loss(objective, seed):
    random = np.random.RandomState(seed)
    logits, targets = random.normal(size=(3, 4)), random.uniform(size=(3, 4))
    step = random.normal(size=logits.shape)

    ahead, behind = (objective.gradient(logits + sign * 1e-5 * step, targets)[0] for sign in (1, -1))

    assert (objective.gradient(logits, targets)[1] * step).sum() == pytest.approx((ahead - behind) / 2e-5, abs=1e-6)


@BOTH
def test_the_loss_of_certain_targets_is_their_log_likelihood(objective):
    logits = np.random.RandomState(0).normal(size=(5, 3))
    truth = one_hot([0, 1, 2, 1, 0], 3)
    per_answer = 3 if objective is MultiLabel else 1

    loss, _ = objective.gradient(logits, truth)

    assert loss == pytest.approx(-objective.log_likelihood(logits, truth).sum() * per_answer)


@BOTH
def test_mxnet_computes_the_same_loss(objective):
    from mediaml.backends import mxnet_thread
    from mediaml.runtime import _mx

    random = np.random.RandomState(0)
    logits, targets = random.normal(size=(6, 4)).astype(np.float32), random.uniform(size=(6, 4)).astype(np.float32)

    def recorded():
        mx = _mx.load()
        return float(objective.recorded_loss(mx, _mx.array(logits), _mx.array(targets)).asscalar())

    assert mxnet_thread.run(recorded) == pytest.approx(objective.gradient(logits, targets)[0] / 6, rel=1e-5)


def test_the_likelihood_of_a_guess_among_four_is_the_logarithm_of_four():
    assert SingleLabel.log_likelihood(np.zeros((3, 4)), one_hot([0, 1, 3], 4)) == pytest.approx(-np.log(4))


@BOTH
def test_a_label_without_any_probability_costs_much_but_not_infinitely_much(objective):
    loss = -objective.log_likelihood(np.array([[0.0, 1e6]]), one_hot([0], 2))[0]

    assert 100 < loss < float("inf")


def test_every_label_has_the_same_weight_however_many_examples():
    targets = SingleLabel.targets(one_hot([0, 0, 0, 1], 3))

    assert targets.sum(axis=0) == pytest.approx([2, 2, 0])


# --- temperature


@BOTH
@pytest.mark.parametrize("factor", [0.2, 0.5, 1.0, 3.0, 10.0])
def test_the_factor_by_which_a_network_is_too_sure_is_found(objective, factor):
    honest = np.random.RandomState(0).normal(scale=2.0, size=(4000, 4))

    found = fit_temperature(objective, honest * factor, drawn(objective, honest))

    assert found == pytest.approx(factor, rel=0.06)


@given(st.integers(0, 1000), st.integers(2, 6), st.floats(0.1, 10))
@settings(max_examples=25, deadline=None)
def test_no_other_temperature_is_likelier(seed, labels, spread):
    random = np.random.RandomState(seed)
    logits = random.normal(scale=spread, size=(40, labels))
    truth = one_hot(random.randint(labels, size=40), labels)

    def loss(temperature):
        prior = 0.5 * ((np.log(temperature) - np.log(0.9)) / 0.25) ** 2
        return prior - np.log(np.maximum((truth * softmax(logits, temperature)).sum(axis=1), 1e-300)).sum()

    found = loss(fit_temperature(SingleLabel, logits, truth))
    assert found <= min(map(loss, np.geomspace(*TEMPERATURES, 60))) + 1e-4


def test_a_few_examples_that_are_all_right_do_not_make_a_network_certain():
    logits = np.tile([[4.0, 0.0], [0.0, 4.0]], (15, 1))
    truth = one_hot(logits.argmax(axis=1), 2)

    temperature = fit_temperature(SingleLabel, logits, truth)

    assert 0.5 < temperature < 0.9, "surer than before, but the prior holds it"
    assert SingleLabel.probabilities(logits, temperature, doubt_after(30)).max() < 0.993


def test_the_temperature_makes_probabilities_mean_what_they_say():
    honest = np.random.RandomState(1).normal(scale=2.0, size=(4000, 3))
    truth = drawn(SingleLabel, honest)
    too_sure = honest * 4

    def error(temperature):
        chances = softmax(too_sure, temperature)
        return expected_calibration_error(chances.max(axis=1), chances.argmax(axis=1) == truth.argmax(axis=1))

    assert error(1.0) > 0.1
    assert error(fit_temperature(SingleLabel, too_sure, truth)) < 0.03
