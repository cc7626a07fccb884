"""Random changes to a batch of spectrograms that leave its labels true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime import augment

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 20), st.integers(1, 30))
SEEDS = st.integers(0, 2**32 - 1)


def numbered(shape):
    """Give a batch in which no two cells are equal."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


CHANGES = {
    "time_shift": augment.time_shift,
    "gain": lambda batch, random: augment.gain(batch, random, 6.0),
    "mask": lambda batch, random: augment.mask(batch, random, np.zeros(batch.shape[1], np.float32), 4, 6),
    "mixup": lambda batch, random: augment.mixup(batch, np.ones((len(batch), 1), np.float32), random, 0.3)[0],
}


# --- what holds for all of them


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@given(shape=SHAPES, seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_shape_and_type_stay_and_the_seed_decides(change, shape, seed):
    once = change(numbered(shape), np.random.RandomState(seed))
    again = change(numbered(shape), np.random.RandomState(seed))

    assert once.shape == shape
    assert once.dtype == np.float32
    assert np.isfinite(once).all()
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_another_seed_makes_another_change(change):
    shape = (8, 16, 24)

    one, other = (change(numbered(shape), np.random.RandomState(seed)) for seed in (1, 2))

    assert (one != other).any()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_world_outside_does_not_decide(change):
    np.random.seed(0)  # noqa: NPY002
    one = change(numbered((8, 16, 24)), np.random.RandomState(1))
    np.random.seed(1)  # noqa: NPY002
    other = change(numbered((8, 16, 24)), np.random.RandomState(1))

    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "mask"])
def test_all_but_the_mask_leave_the_batch_that_they_were_given(name):
    batch = numbered((4, 6, 8))

    CHANGES[name](batch, np.random.RandomState(0))

    np.testing.assert_array_equal(batch, numbered((4, 6, 8)))


# --- time shift


@given(SHAPES, SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_shift_rolls_each_spectrogram_around_by_one_number_of_frames(shape, seed):
    batch = numbered(shape)

    shifted = augment.time_shift(batch, np.random.RandomState(seed))

    for before, after in zip(batch, shifted, strict=True):
        assert any(np.array_equal(np.roll(before, by, axis=1), after) for by in range(shape[2]))


def test_spectrograms_of_a_batch_are_shifted_by_numbers_of_their_own():
    batch = np.repeat(numbered((1, 1, 100)), 20, axis=0)

    first_frames = augment.time_shift(batch, np.random.RandomState(0))[:, 0, 0]

    assert len(set(first_frames)) > 10


# --- gain


@given(SEEDS, st.floats(0, 20))
@settings(max_examples=50, deadline=None)
def test_a_gain_moves_a_whole_spectrogram_by_at_most_its_decibels(seed, decibels):
    batch = np.zeros((6, 3, 4), np.float32)

    louder = augment.gain(batch, np.random.RandomState(seed), decibels)

    assert np.abs(louder).max() <= decibels * 1.0001 + 1e-30  # float32 rounds what is smaller still
    assert (louder == louder[:, :1, :1]).all()


def test_gains_go_up_and_down():
    gains = augment.gain(np.zeros((200, 1, 1), np.float32), np.random.RandomState(0), 6.0)

    assert gains.min() < -5
    assert gains.max() > 5
    assert abs(gains.mean()) < 1


# --- mask


@given(SHAPES, SEEDS, st.integers(0, 30), st.integers(0, 40), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_a_mask_covers_whole_bands_and_whole_frames_with_the_filling(shape, seed, bands, frames, times):
    batch, fill = numbered(shape), -1.0 - np.arange(shape[1], dtype=np.float32)

    covered = augment.mask(batch.copy(), np.random.RandomState(seed), fill, bands, frames, times)

    hidden = covered != batch
    rows, columns = hidden.all(axis=2), hidden.all(axis=1)
    np.testing.assert_array_equal(hidden, rows[:, :, None] | columns[:, None, :])
    np.testing.assert_array_equal(covered[hidden], np.broadcast_to(fill[None, :, None], shape)[hidden])


@given(SEEDS)
@settings(max_examples=50, deadline=None)
def test_a_mask_is_narrower_than_its_limit_and_leaves_the_rest(seed):
    batch = augment.mask(np.zeros((10, 40, 60), np.float32), np.random.RandomState(seed), np.ones(40, np.float32), 5, 9)

    assert (batch.all(axis=2).sum(axis=1) <= 2 * 4).all()
    assert (batch.all(axis=1).sum(axis=1) <= 2 * 8).all()


@pytest.mark.parametrize(("bands", "frames", "times"), [(1, 1, 2), (0, 0, 2), (9, 9, 0)])
def test_a_mask_without_width_covers_nothing(bands, frames, times):
    batch = numbered((5, 10, 10))

    covered = augment.mask(batch.copy(), np.random.RandomState(0), np.zeros(10, np.float32), bands, frames, times)

    np.testing.assert_array_equal(covered, batch)


def test_every_band_and_every_frame_is_covered_at_times():
    hidden = augment.mask(
        np.zeros((400, 12, 20), np.float32), np.random.RandomState(0), np.ones(12, np.float32), 4, 6, times=1
    )

    assert hidden.all(axis=2).any(axis=0).all()
    assert hidden.all(axis=1).any(axis=0).all()


# --- mixup


def test_a_blend_has_the_same_shares_of_sounds_and_of_labels():
    batch = np.eye(6, dtype=np.float32)[:, None, :]
    targets = np.eye(6, dtype=np.float32)

    blended, blended_targets = augment.mixup(batch, targets, np.random.RandomState(3), 0.3)

    np.testing.assert_allclose(blended[:, 0, :], blended_targets, atol=1e-6)


@given(SEEDS, st.floats(0.05, 5))
@settings(max_examples=50, deadline=None)
def test_every_example_keeps_at_least_half_of_itself_and_labels_keep_their_sum(seed, alpha):
    targets = np.eye(8, dtype=np.float32)

    _, blended = augment.mixup(np.zeros((8, 2, 2), np.float32), targets, np.random.RandomState(seed), alpha)

    np.testing.assert_allclose(blended.sum(axis=1), 1.0, atol=1e-6)
    assert (np.diag(blended) >= 0.5 - 1e-6).all()
    assert ((blended > 0).sum(axis=1) <= 2).all()


def test_weighted_labels_keep_their_weights():
    targets = np.array([[2.0, 0.0], [0.0, 0.5]], np.float32)

    _, blended = augment.mixup(np.zeros((2, 1, 1), np.float32), targets, np.random.RandomState(0), 0.3)

    assert blended.dtype == np.float32
    np.testing.assert_allclose(blended @ [0.5, 2.0], 1.0, atol=1e-6)


def test_one_example_alone_stays_as_it_is():
    batch, targets = numbered((1, 3, 4)), np.array([[0.0, 1.0]], np.float32)

    blended, blended_targets = augment.mixup(batch, targets, np.random.RandomState(0), 0.3)

    np.testing.assert_allclose(blended, batch, rtol=1e-6)
    np.testing.assert_allclose(blended_targets, targets, rtol=1e-6)
