"""Where the line between a label and nothing is drawn, for what was asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.runtime.faults import EvidenceFault
from mediaml.runtime.thresholds import (
    ACCEPT,
    BEST_F1,
    FALSE_ALARMS,
    TARGET_PRECISION,
    HeldOut,
    choose,
    measure,
    threshold_keeping,
)

NOTHING = np.zeros((0, 2))


def held_out(scores, truth, background=NOTHING, hours=0.0):
    return HeldOut(np.array(scores, float), np.array(truth, float), np.array(background, float), hours)


ONE_LABEL = held_out(
    [[0.9, 0], [0.8, 0], [0.7, 0], [0, 0.9], [0, 0.5], [0, 0.3]],
    [[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [1, 0]],
)

SCORES = arrays.arrays(np.float64, st.tuples(st.integers(2, 30), st.just(2)), elements=st.floats(0.01, 1))


# --- accept


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


def test_where_one_label_is_true_accept_gives_all_the_same_threshold():
    thresholds = choose(ONE_LABEL, ACCEPT, 0.5, "single_label")

    assert thresholds[0] == thresholds[1]
    assert (ONE_LABEL.scores.max(axis=1) >= thresholds[0]).mean() == 0.5


@given(SCORES, st.floats(0, 1))
def test_where_several_can_be_true_accept_keeps_the_share_of_each_label(scores, share):
    truth = np.ones_like(scores)

    thresholds = choose(HeldOut(scores, truth, NOTHING, 0.0), ACCEPT, share, "multi_label")

    assert ((scores >= thresholds).mean(axis=0) >= share - 1e-6).all()


def test_where_several_can_be_true_each_label_has_its_own_even_if_each_clip_has_one():
    data = held_out([[0.9, 0.1], [0.8, 0.2], [0.3, 0.4], [0.2, 0.5]], [[1, 0], [1, 0], [0, 1], [0, 1]])

    first, second = choose(data, ACCEPT, 1.0, "multi_label")

    assert 0.7 < first <= 0.8
    assert 0.3 < second <= 0.4


def test_where_several_can_be_true_a_label_that_was_not_held_out_is_never_given():
    assert np.isinf(choose(held_out([[0.5, 0.5]], [[1, 0]]), ACCEPT, 0.95, "multi_label")[1])


# --- precision


def test_precision_is_reached_with_as_many_answers_as_possible():
    thresholds = choose(ONE_LABEL, TARGET_PRECISION, 0.6, "single_label")

    assert thresholds[0] == pytest.approx(0.35, abs=0.01), "two of three right: 0.67, down to the score of 0.7"
    assert thresholds[1] == pytest.approx(0.15, abs=0.01), "two of three right"


def test_a_label_that_cannot_reach_the_precision_is_never_given():
    wrong = held_out([[0.9, 0], [0.5, 0]], [[0, 1], [0, 1]])

    assert np.isinf(choose(wrong, TARGET_PRECISION, 0.9, "single_label")).all()


def test_background_counts_against_precision():
    quiet = held_out([[0.9, 0], [0.5, 0]], [[1, 0], [1, 0]])
    loud = quiet._replace(background=np.array([[0.6, 0.0]]), hours=1.0)

    assert choose(quiet, TARGET_PRECISION, 1.0, "single_label")[0] < 0.5
    assert 0.6 < choose(loud, TARGET_PRECISION, 1.0, "single_label")[0] <= 0.9


@given(SCORES, st.integers(0, 1000), st.floats(0.05, 1))
def test_precision_is_kept_wherever_it_can_be(scores, seed, target):
    truth = (np.random.RandomState(seed).uniform(size=scores.shape) < 0.5).astype(float)
    data = HeldOut(scores, truth, NOTHING, 0.0)

    for one in measure(data, choose(data, TARGET_PRECISION, target, "single_label")):
        assert np.isnan(one.precision) or one.precision >= target - 1e-9


# --- false alarms


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(0, 1)),
    st.floats(0, 50),
    st.floats(0.1, 3),
)
def test_background_is_taken_for_a_sound_as_seldom_as_was_asked(background, per_hour, hours):
    data = held_out([[0.9, 0.0]], [[1, 0]], background, hours)

    thresholds = choose(data, FALSE_ALARMS, per_hour, "single_label")

    assert (background >= thresholds).any(axis=1).sum() <= per_hour * hours


def test_without_background_there_is_nothing_to_count_false_alarms_on():
    with pytest.raises(EvidenceFault, match="fifth of the background"):
        choose(held_out([[0.9, 0.0]], [[1, 0]]), FALSE_ALARMS, 1.0, "single_label")


def test_where_several_can_be_true_what_was_not_held_out_is_not_given_for_being_quiet():
    data = held_out([[0.9, 0.2]], [[1, 0]], [[0.1, 0.1], [0.3, 0.2]], 2.0)
    assert choose(data, FALSE_ALARMS, 0.0, "multi_label") == pytest.approx([0.3, np.inf])


# --- F1


def test_the_best_f1_is_found():
    data = held_out([[0.9, 0.1], [0.7, 0.2], [0.6, 0.9], [0.2, 0.8]], [[1, 0], [1, 0], [0, 1], [1, 1]])

    first, second = choose(data, BEST_F1, 1.0, "single_label")

    assert first == pytest.approx(0.1), "all four given, three right: 0.86"
    assert 0.2 < second <= 0.8


def test_background_counts_against_it():
    known = held_out([[0.9, 0.9], [0.5, 0.5], [0.3, 0.3]], [[1, 1]] * 3)
    noisy = known._replace(background=np.array([[0.4, 0.01]] * 8))

    assert 0.0 < choose(known, BEST_F1, 1.0, "single_label")[0] < 0.3
    first, second = choose(noisy, BEST_F1, 1.0, "single_label")
    assert 0.4 < first < 0.5
    assert 0.01 < second < 0.3


def test_a_label_that_was_not_held_out_has_no_threshold_that_is_best():
    assert np.isinf(choose(held_out([[0.5, 0.5]], [[1, 0]]), BEST_F1, 1.0, "single_label")[1])


# --- measured


def test_every_figure_of_a_label():
    data = ONE_LABEL._replace(background=np.array([[0.95, 0.0], [0.1, 0.0]]), hours=0.5)

    dog, cat = measure(data, np.array([0.6, 0.4]))

    assert (dog.precision, dog.recall, dog.clips) == pytest.approx((2 / 4, 2 / 3, 3))
    assert dog.false_alarms_per_hour == pytest.approx(2.0)
    assert (cat.precision, cat.recall) == pytest.approx((1.0, 2 / 3))
    assert np.isnan(measure(ONE_LABEL, np.array([0.6, 0.4]))[0].false_alarms_per_hour), "there was no background"


def test_a_score_of_nothing_is_no_answer_at_any_threshold():
    first, second = measure(ONE_LABEL._replace(background=np.array([[0.0, 0.2]]), hours=0.5), np.zeros(2))

    assert first.precision == pytest.approx(2 / 3)
    assert first.false_alarms_per_hour == 0.0
    assert second.false_alarms_per_hour == 2.0
