"""Intervals that hold what they promise: they count recordings, not clips, and are never narrower than they may be."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.metrics.calibration import by_chance, errors_by_chance, weighted_calibration_errors
from mediaml.metrics.intervals import (
    DRAWS,
    FEWEST_DRAWS,
    Weights,
    bootstrap,
    effective_number,
    effective_trials,
    interval,
    numbered,
    share_interval,
    wilson,
)
from mediaml.runtime.calibration import expected_calibration_error

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def share_of(correct: Bools, recordings: Ints) -> npt.NDArray[np.float64]:
    """The share that is right in each draw."""

    def measure(weights: Weights) -> dict[str, npt.NDArray[np.floating[Any]]]:
        return {"share": correct.astype(np.float32) @ weights / weights.sum(axis=0)}

    return bootstrap(recordings, measure)["share"]


# -- drawing recordings -----------------------------------------------------------------------------------------------


def test_recordings_are_drawn_whole_and_as_many_as_there_are() -> None:
    recordings = numbered(["a", "b", "a", "c", "b", "a"])
    assert recordings.tolist() == [0, 1, 0, 2, 1, 0]
    seen = []

    def measure(weights: Weights) -> dict[str, npt.NDArray[np.floating[Any]]]:
        seen.append(weights)
        return {"nothing": weights[0]}

    bootstrap(recordings, measure)
    weights = np.concatenate(seen, axis=1)
    assert weights.shape == (6, DRAWS)
    assert (weights[0] == weights[2]).all() and (weights[0] == weights[5]).all() and (weights[1] == weights[4]).all()
    assert (weights[[0, 1, 3]].sum(axis=0) == 3).all()
    assert weights.mean(axis=1) == pytest.approx(np.ones(6), abs=0.1)


def test_the_same_clips_give_the_same_interval() -> None:
    correct, recordings = np.arange(40) % 3 > 0, np.arange(40) // 2
    assert share_of(correct, recordings).tolist() == share_of(correct, recordings).tolist()


def test_the_bootstrap_of_single_clips_is_the_binomial() -> None:
    correct = np.arange(400) % 4 > 0
    drawn = share_of(correct, np.arange(400))
    assert drawn.mean() == pytest.approx(0.75, abs=0.003)
    assert drawn.std() == pytest.approx((0.75 * 0.25 / 400) ** 0.5, rel=0.1)


def test_much_work_makes_fewer_draws_but_never_fewer_than_200() -> None:
    def draws(work: int) -> int:
        return len(bootstrap(np.arange(1000), lambda weights: {"x": weights[0]}, work)["x"])

    assert [draws(work) for work in (1, 100, 200, 10_000)] == [DRAWS, DRAWS, 500, FEWEST_DRAWS]


@given(st.integers(8, 30), st.integers(2, 8), st.integers(0, 1000))
def test_clips_that_are_all_alike_count_as_one(recordings: int, each: int, seed: int) -> None:
    right = np.random.default_rng(seed).random(recordings) < 0.7
    correct, of = np.repeat(right, each), np.repeat(np.arange(recordings), each)
    together = share_interval(share_of(correct, of), correct, of)
    apart = share_interval(share_of(correct, np.arange(len(of))), correct, np.arange(len(of)))
    assert together.width > apart.width
    alone = share_interval(share_of(right, np.arange(recordings)), right, np.arange(recordings))
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high), abs=0.03)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40))
def test_an_interval_holds_its_figure(clips: list[tuple[bool, int]]) -> None:
    correct, of = np.array([clip[0] for clip in clips]), numbered([clip[1] for clip in clips])
    found = share_interval(share_of(correct, of), correct, of)
    assert 0 <= found.low <= correct.mean() <= found.high <= 1
    assert found.width > 0


@pytest.mark.parametrize(("right", "low", "high"), [(True, 20 / (20 + 1.959964**2), 1.0), (False, 0.0, 0.16113)])
def test_all_right_is_no_proof_that_the_next_is(right: bool, low: float, high: float) -> None:
    correct, of = np.full(100, right), np.repeat(np.arange(20), 5)
    drawn = share_of(correct, of)
    assert drawn.std() == 0, "the bootstrap alone would be certain"
    found = share_interval(drawn, correct, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_a_recording_that_is_most_of_the_test_makes_it_a_small_one() -> None:
    assert effective_number(numbered("abcd")) == 4
    assert effective_number(numbered("aabbccdd")) == 4
    assert effective_number(numbered("a" * 97 + "bcd")) == pytest.approx(100**2 / (97**2 + 3))
    assert effective_number(np.array([], np.int64)) == 0


@pytest.mark.parametrize(
    ("recordings", "outside"),
    # from tables: Student's t of n - 1 is 2.776, 2.262, 2.093, 2.023, 1.990; times the root of n / (n - 1) that is
    # 3.104, 2.385, 2.147, 2.049, 2.003 deviations of a normal distribution
    [(5, 0.0010), (10, 0.0086), (20, 0.0159), (40, 0.0203), (80, 0.0226)],
)
def test_few_recordings_reach_further_out(recordings: int, outside: float) -> None:
    draws = np.linspace(0, 1, 100_001)
    found = interval(draws, 0.5, recordings)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((outside, 1 - outside), abs=1e-4)
    alone = interval(draws, 0.5, 1)
    assert alone is not None
    assert (alone.low, alone.high) == (0, 1)


def test_clips_that_are_independent_count_each_and_alike_ones_as_one() -> None:
    random = np.random.default_rng(6)
    of = np.repeat(np.arange(200), 10)
    apart, together = random.random(2000) < 0.7, np.repeat(random.random(200) < 0.7, 10)
    assert effective_trials(share_of(apart, of), apart, of) > 1400
    assert effective_trials(share_of(together, of), together, of) == pytest.approx(200, rel=0.15)


def test_four_recordings_with_a_wrong_clip_are_too_few_to_know_how_alike_clips_are() -> None:
    of = np.repeat(np.arange(100), 10)
    for wrong, trusted in ((4, False), (5, True)):
        correct = ~np.isin(np.arange(1000), 10 * np.arange(wrong))
        assert (effective_trials(share_of(correct, of), correct, of) > 100) == trusted


def test_draws_that_do_not_differ_say_nothing() -> None:
    assert interval(np.full(10, np.nan), 0.5, 10) is None
    assert interval(np.ones(10), 1.0, 10) is None
    assert interval(np.array([np.nan, 0.4, 0.6]), 0.5, 3) is not None


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_is_the_published_one(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


# -- the calibration error --------------------------------------------------------------------------------------------

CLIPS = st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=60)


@given(CLIPS)
def test_a_weight_is_a_clip_that_comes_as_often(clips: list[tuple[bool, int, int]]) -> None:
    correct, times = np.array([clip[0] for clip in clips]), np.array([clip[2] for clip in clips])
    confidence = np.array([clip[1] / 20 for clip in clips])
    weighted = weighted_calibration_errors(confidence, correct, times.astype(np.float32)[:, None])[0]
    # which of the clips of equal confidence comes first is not defined: put them in the order that weights have
    order = np.argsort(confidence, kind="stable")
    sure, right = (np.repeat(part[order], times[order]) for part in (confidence, correct))
    assert weighted == pytest.approx(expected_calibration_error(sure, right), abs=1e-9, nan_ok=True)


def test_what_chance_makes_of_true_confidences() -> None:
    confidence = np.random.default_rng(1).uniform(0.3, 1, 400)
    simulated = by_chance(confidence)
    assert simulated.shape == (2000, 10)
    stated = np.sort(confidence).reshape(10, 40).mean(axis=1)
    assert simulated.mean(axis=0) == pytest.approx(stated, abs=0.01)
    random = np.random.default_rng(2)
    plain = [expected_calibration_error(confidence, random.random(400) < confidence) for _ in range(2000)]
    errors = errors_by_chance(confidence, simulated)
    assert errors.mean() == pytest.approx(np.mean(plain), rel=0.03)
    assert np.quantile(errors, 0.95) == pytest.approx(np.quantile(plain, 0.95), rel=0.05)


def test_more_clips_leave_less_to_chance() -> None:
    usual = [errors_by_chance(of, by_chance(of)).mean() for of in (np.full(n, 0.8) for n in (200, 2000, 20_000))]
    assert usual[0] / usual[1] == pytest.approx(10**0.5, rel=0.1)
    assert usual[1] / usual[2] == pytest.approx(10**0.5, rel=0.1)


def test_clips_that_are_right_together_leave_more_to_chance() -> None:
    confidence = np.full(500, 0.8)
    together = errors_by_chance(confidence, by_chance(confidence, np.arange(500) // 50))
    assert together.mean() > 2 * errors_by_chance(confidence, by_chance(confidence)).mean()


@pytest.mark.parametrize("clips", [1, 7, 30_001])
def test_any_number_of_clips_can_be_simulated(clips: int) -> None:
    simulated = by_chance(np.full(clips, 1.0))
    assert simulated.shape == ({1: 2000, 7: 2000, 30_001: 666}[clips], min(10, clips))
    assert (simulated == 1).all()


def test_every_draw_adds_chance_to_chance_so_the_interval_is_centred() -> None:
    random = np.random.default_rng(4)
    confidence = random.uniform(0.4, 1, 300)
    correct = random.random(300) < confidence
    error = expected_calibration_error(confidence, correct)
    drawn = bootstrap(np.arange(300), lambda weights: {"x": weighted_calibration_errors(confidence, correct, weights)})[
        "x"
    ]
    assert drawn.mean() > 1.15 * error
    found = interval(drawn, error, 300, centred=True)
    assert found is not None
    assert (found.low + found.high) / 2 == pytest.approx(error, rel=0.25)


# -- do they hold what they promise? ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recordings", "each", "accuracy", "alike"),
    [(10, 10, 0.8, 2), (30, 10, 0.8, 2), (40, 5, 0.95, 2), (100, 3, 0.6, 2), (30, 10, 0.97, 2), (100, 20, 0.9, 1e6)],
)
def test_ninety_five_of_a_hundred_intervals_hold_the_truth(
    recordings: int, each: int, accuracy: float, alike: float
) -> None:
    """Recordings differ in how hard they are (a beta distribution), and their clips share it; of 1e6 they do not."""
    random, tests, held, widths = np.random.default_rng(3), 400, 0, []
    of = np.repeat(np.arange(recordings), each)
    for _ in range(tests):
        ease = random.beta(alike * accuracy, alike * (1 - accuracy), recordings)
        correct = random.random(len(of)) < ease[of]
        found = share_interval(share_of(correct, of), correct, of)
        held += found.low <= accuracy <= found.high
        widths.append(found.width)
    assert held / tests >= 0.92
    # wholly alike clips would leave this; no interval of the clips that are at hand needs to be much wider
    assert np.mean(widths) < 1.5 * 2 * 1.96 * (accuracy * (1 - accuracy) / recordings) ** 0.5
    if alike > 1000:
        assert np.mean(widths) < 1.2 * 2 * 1.96 * (accuracy * (1 - accuracy) / len(of)) ** 0.5


def test_a_large_test_takes_less_than_a_second() -> None:
    random = np.random.default_rng(0)
    confidence = random.random(10_000)
    correct, of = random.random(10_000) < confidence, np.arange(10_000) // 5

    def measure(weights: Weights) -> dict[str, npt.NDArray[np.floating[Any]]]:
        return {"error": weighted_calibration_errors(confidence, correct, weights)}

    taken = []
    for _ in range(3):
        start = time.process_time()
        bootstrap(of, measure)
        taken.append(time.process_time() - start)
    assert min(taken) < 1.0
