"""Resampling in numpy alone, measured against soxr's HQ setting."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime.resample import resample
from tests.runtime.references.make_logmel import Floats

RATES = [
    (44100, 22050),
    (48000, 22050),
    (22050, 16000),
    (8000, 22050),
    (384000, 22050),
    (96000, 44100),
    (16000, 44100),
    (11025, 8000),
]
PASS_BAND = 0.85  # of the lower Nyquist frequency: what `resample` promises


def band_noise(samples: int, rate: int, low: float, high: float, seed: int = 0) -> Floats:
    """Noise from `low` to `high` Hz with a mean power of 0.01, faded in and out so that no edge adds frequencies."""
    spectrum = np.fft.rfft(np.random.RandomState(seed).standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / rate)
    spectrum[(hertz < low) | (hertz > high)] = 0
    sound = np.fft.irfft(spectrum, samples)
    sound *= 0.1 / np.sqrt(np.mean(sound**2))
    return (sound * np.hanning(samples)).astype(np.float32)


def decibels(power: float) -> float:
    return float(10 * np.log10(max(power, 1e-30)))


def power(sound: Floats) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64)))


# --- soxr's numbers


@pytest.mark.parametrize(("source", "target"), RATES)
def test_in_the_pass_band_it_differs_from_soxr_by_less_than_minus_60_db(source, target):
    sound = band_noise(source // 2, source, 0, PASS_BAND * min(source, target) / 2)
    ours, theirs = resample(sound, source, target), soxr.resample(sound, source, target, quality="HQ")

    shared = min(len(ours), len(theirs))

    assert abs(len(ours) - len(theirs)) <= 1
    assert decibels(power(ours[:shared] - theirs[:shared])) - decibels(power(theirs)) < -60


@pytest.mark.parametrize(("source", "target"), RATES)
def test_up_to_the_highest_frequency_it_differs_from_soxr_by_less_than_minus_50_db(source, target):
    """Where the highest bands are a little quieter, a network that heard soxr's finds other events in a recording."""
    sound = band_noise(source // 2, source, 0, source / 2)
    ours, theirs = resample(sound, source, target), soxr.resample(sound, source, target, quality="HQ")

    shared = min(len(ours), len(theirs))

    assert decibels(power(ours[:shared] - theirs[:shared])) - decibels(power(theirs)) < -50


@pytest.mark.parametrize(("source", "target"), RATES)
def test_at_no_single_sample_does_it_stray_from_soxr(source, target):
    sound = band_noise(source // 2, source, 0, PASS_BAND * min(source, target) / 2, seed=1)
    ours, theirs = resample(sound, source, target), soxr.resample(sound, source, target, quality="HQ")

    shared = min(len(ours), len(theirs))

    assert np.abs(ours[:shared] - theirs[:shared]).max() < 1e-3 * np.abs(theirs).max()


# --- what must not be heard


@pytest.mark.parametrize(("source", "target"), [pair for pair in RATES if pair[0] > pair[1]])
@pytest.mark.parametrize("highest", [1.15, 20.0])
def test_what_lies_above_the_new_nyquist_frequency_is_gone(source, target, highest):
    top = min(highest * target / 2, 0.98 * source / 2)
    sound = band_noise(source // 2, source, 1.01 * target / 2, top)

    folded = resample(sound, source, target)

    assert decibels(power(folded)) - decibels(power(sound)) < -70


@pytest.mark.parametrize(("source", "target"), [pair for pair in RATES if pair[0] < pair[1]])
def test_nothing_is_added_above_the_old_nyquist_frequency(source, target):
    sound = band_noise(source // 2, source, 0, PASS_BAND * source / 2)

    raised = resample(sound, source, target).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(raised * np.hanning(len(raised)))) ** 2
    hertz = np.fft.rfftfreq(len(raised), 1 / target)

    assert decibels(spectrum[hertz > 1.05 * source / 2].sum() / spectrum.sum()) < -60


# --- what must stay


@pytest.mark.parametrize(("source", "target"), RATES)
@pytest.mark.parametrize("share", [0.01, 0.3, PASS_BAND])
def test_a_tone_stays_where_it_is_and_as_loud_as_it_is(source, target, share):
    hertz = share * min(source, target) / 2
    sound = np.sin(2 * np.pi * hertz * np.arange(source // 4) / source).astype(np.float32)

    resampled = resample(sound, source, target)

    expected = np.sin(2 * np.pi * hertz * np.arange(len(resampled)) / target)
    inside = slice(len(resampled) // 4, -len(resampled) // 4)
    np.testing.assert_allclose(resampled[inside], expected[inside], rtol=0, atol=1e-3)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_constant_stays_constant(source, target):
    resampled = resample(np.full(source // 4, 0.5, np.float32), source, target)

    inside = resampled[len(resampled) // 4 : -len(resampled) // 4]
    np.testing.assert_allclose(inside, 0.5, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_click_stays_at_its_time(source, target):
    sound = np.zeros(source // 4, np.float32)
    sound[source // 8] = 1.0

    resampled = resample(sound, source, target)

    assert np.abs(resampled).argmax() / target == pytest.approx((source // 8) / source, abs=0.6 / target)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_there_and_back_again_is_where_it_was(source, target):
    sound = band_noise(source // 4, source, 0, PASS_BAND * min(source, target) / 2)

    back = resample(resample(sound, source, target), target, source)[: len(sound)]

    assert decibels(power(back - sound[: len(back)])) - decibels(power(sound)) < -60


# --- lengths


@given(
    st.integers(0, 3000),
    st.sampled_from([8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000]),
    st.sampled_from([8000, 11025, 16000, 22050, 44100]),
)
@settings(max_examples=150, deadline=None)
def test_the_length_is_the_duration_at_the_new_rate_rounded_up(samples, source, target):
    resampled = resample(np.ones(samples, np.float32), source, target)

    assert len(resampled) == -(-samples * target // source)
    assert resampled.dtype == np.float32
    assert np.isfinite(resampled).all()


@pytest.mark.parametrize(("source", "target"), RATES)
def test_no_samples_stay_no_samples(source, target):
    resampled = resample(np.zeros(0, np.float32), source, target)

    assert resampled.shape == (0,)
    assert resampled.dtype == np.float32


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_single_sample_is_heard(source, target):
    resampled = resample(np.array([0.5], np.float32), source, target)

    assert len(resampled) == -(-target // source)
    assert np.isfinite(resampled).all()
    assert 0 < resampled[0] <= 0.5


def test_the_same_rate_changes_nothing():
    sound = band_noise(1000, 22050, 0, 9000)

    np.testing.assert_array_equal(resample(sound, 22050, 22050), sound)


def test_other_floats_become_float32():
    assert resample(np.ones(100), 44100, 22050).dtype == np.float32
    assert resample(np.ones(100), 22050, 22050).dtype == np.float32


def test_blocks_do_not_show(monkeypatch):
    sound = band_noise(20000, 48000, 0, 9000)
    in_blocks = resample(sound, 48000, 22050)
    monkeypatch.setattr("mediaml.runtime.resample.RESAMPLE_BLOCK", 7)

    np.testing.assert_allclose(resample(sound, 48000, 22050), in_blocks, rtol=0, atol=1e-6)
