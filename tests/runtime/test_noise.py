"""The noise that no one asks for is the same every time, and each kind of it sounds as its name says."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import find_peaks, welch

from mediaml.data.waveform import check_samples
from mediaml.runtime import noise

RATE = 16000
SECONDS = 5.0
Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def made() -> dict[str, list[Floats]]:
    """All of them by kind."""
    kinds: dict[str, list[Floats]] = defaultdict(list)
    for number, (samples, _) in enumerate(noise.noises(SECONDS, RATE)):
        kinds[noise.KINDS[number % len(noise.KINDS)]].append(np.asarray(samples, np.float64))
    return dict(kinds)


def spectrum(samples: Floats) -> tuple[Floats, Floats]:
    """Frequencies and power; Hann windows of half a second."""
    frequency, power = welch(samples, RATE, nperseg=RATE // 2)
    return frequency, power


# --- all of them


def test_there_are_eight_of_each_kind():
    assert {kind: len(ones) for kind, ones in made().items()} == dict.fromkeys(noise.KINDS, noise.OF_EACH)


def test_they_are_the_same_at_every_call():
    again = list(noise.noises(SECONDS, RATE))

    for (first, _), (second, _) in zip(noise.noises(SECONDS, RATE), again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_no_two_are_alike():
    everything = [samples for ones in made().values() for samples in ones]

    assert len({samples.tobytes() for samples in everything}) == len(everything)


def test_making_them_leaves_others_random_numbers_alone():
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random_sample()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    list(noise.noises(0.1, RATE))

    assert np.random.random_sample() == expected  # noqa: NPY002


@pytest.mark.parametrize(
    ("seconds", "rate", "samples"), [(5.0, 16000, 80000), (0.975, 8000, 7800), (0.5, 44100, 22050)]
)
def test_each_has_the_length_and_the_rate_that_was_asked_for(seconds, rate, samples):
    for waveform, its_rate in noise.noises(seconds, rate):
        assert waveform.shape == (samples,)
        assert waveform.dtype == np.float32
        assert its_rate == rate


@pytest.mark.parametrize(("seconds", "rate"), [(0.0, 8000), (0.0001, 8000), (0.01, 200), (2.0, 200), (0.2, 192000)])
def test_short_ones_and_odd_rates_are_sounds_as_well(seconds, rate):
    for waveform, _ in noise.noises(seconds, rate):
        assert len(waveform) == max(2, round(seconds * rate))
        check_samples(waveform, "noise")


def test_peaks_lie_within_the_levels_and_spread_over_them():
    peaks = [20 * np.log10(np.abs(samples).max()) for ones in made().values() for samples in ones]
    low, high = noise.LEVELS

    assert min(peaks) >= low - 0.01
    assert max(peaks) <= high + 0.01
    assert min(peaks) < low + 5 < high - 5 < max(peaks)


# --- each kind


@pytest.mark.parametrize(("kind", "slope"), [("white", 0.0), ("pink", -3.01), ("brown", -6.02), ("blue", 3.01)])
def test_a_colour_falls_or_rises_by_so_many_decibels_an_octave(kind, slope):
    for samples in made()[kind]:
        frequency, power = spectrum(samples)
        inside = (frequency > 100) & (frequency < 7000)
        measured, _ = np.polyfit(np.log2(frequency[inside]), 10 * np.log10(power[inside]), 1)
        assert measured == pytest.approx(slope, abs=0.3)


@pytest.mark.parametrize("kind", ["white", "pink", "brown", "blue"])
def test_a_colour_is_steady(kind):
    for samples in made()[kind]:
        high = np.diff(samples)  # without the slow swings of brown noise
        levels = 20 * np.log10([np.sqrt(np.mean(part**2)) for part in np.split(high, np.arange(1, 5) * RATE)])
        assert np.ptp(levels) < 1.0


def test_a_band_holds_nearly_all_of_its_noise_and_is_a_third_of_an_octave_to_two_wide():
    for samples in made()["band"]:
        power = np.abs(np.fft.rfft(samples)) ** 2
        frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
        loud = frequency[power > 1e-3 * power.max()]
        low, high = loud[0], loud[-1]
        inside = (frequency >= low) & (frequency <= high)

        assert power[inside].sum() > 0.99 * power.sum()
        assert low >= 75
        assert 0.2 < np.log2(high / low) < 2.1
        assert (power[inside] > 1e-3 * power.max()).mean() > 0.9  # a band, and no lines


def test_hum_has_its_lines_at_multiples_of_50_or_60_hertz():
    mains = []
    for samples in made()["hum"]:
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
        lines = frequency[find_peaks(power, height=1e-4 * power.max(), distance=20)[0]]
        base = min((50.0, 60.0), key=lambda hertz: np.abs(lines / hertz - np.round(lines / hertz)).max())
        mains.append(base)

        assert len(lines) >= 3
        assert lines.max() <= 10 * base + 1
        np.testing.assert_allclose(lines, base * np.round(lines / base), rtol=0, atol=0.2)
    assert set(mains) == {50.0, 60.0}


def test_a_tone_is_one_line():
    pitches = []
    for samples in made()["tone"]:
        power = np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) ** 2
        peak = int(power.argmax())
        assert power[max(0, peak - 5) : peak + 6].sum() > 0.9999 * power.sum()
        pitches.append(peak / SECONDS)

    assert min(pitches) >= 60
    assert max(pitches) <= 0.45 * RATE
    assert max(pitches) > 4 * min(pitches)


def test_clicks_are_short_and_few_with_silence_between():
    for samples in made()["clicks"]:
        sounding = np.flatnonzero(samples)
        clicks = np.split(sounding, np.flatnonzero(np.diff(sounding) > 1) + 1)

        assert 1 <= len(clicks) <= 6 * SECONDS
        assert (samples == 0).mean() > 0.99
        assert max(len(click) for click in clicks) <= 2 * RATE // 1000  # a millisecond, or two that touch


def test_the_kinds_do_not_depend_on_the_rate():
    # a tone of 440 Hz is one at every rate: the pitch is drawn in Hz, below what the rate can hold
    for rate in (8000, 44100):
        for number, (samples, _) in enumerate(noise.noises(2.0, rate)):
            if noise.KINDS[number % len(noise.KINDS)] == "tone":
                pitch = np.abs(np.fft.rfft(samples)).argmax() / 2.0
                assert 59 <= pitch <= 0.45 * rate + 1
