"""Waveform to log-mel spectrogram: librosa's numbers, with scipy and without.

`references/logmel.npz` holds what librosa computed for the cases of `references/make_logmel.py`.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediaml.runtime import dsp
from mediaml.runtime.faults import SpecFault
from mediaml.runtime.spec import Spec
from tests.runtime.references.make_logmel import CASES, FILE, Case, Floats, waveform

FLOOR = -100.0
RICH = [case for case in CASES if case.signal != "tone"]


@pytest.fixture(scope="module")
def references() -> Iterator[dict[str, Floats]]:
    with np.load(FILE) as stored:
        yield {case.name: stored[case.name] for case in CASES}


@pytest.fixture(params=["scipy", "numpy alone"])
def engine(request, monkeypatch) -> Iterator[str]:
    """Run with scipy, and as on a machine without it."""
    if request.param == "numpy alone":
        monkeypatch.setattr(dsp, "_scipy_rfft", None)
        monkeypatch.setattr(dsp, "_csr_matrix", None)
    dsp._mel_product.cache_clear()
    yield request.param
    dsp._mel_product.cache_clear()


def spec_of(case: Case) -> Spec:
    return Spec(case.sample_rate, case.n_fft, case.hop_length, case.mel_bands, case.fmin, case.fmax)


def hiss(samples: int, seed: int = 0, level: float = 0.1) -> Floats:
    return (level * np.random.RandomState(seed).standard_normal(samples)).astype(np.float32)


# --- librosa's numbers


@pytest.mark.parametrize("case", RICH, ids=lambda case: case.name)
def test_every_band_is_within_a_thousandth_of_a_decibel_of_librosa(case, references, engine):
    computed = dsp.log_mel(waveform(case), spec_of(case))

    assert computed.dtype == np.float32
    assert computed.shape == references[case.name].shape
    np.testing.assert_allclose(computed, references[case.name], rtol=0, atol=1e-3)


def test_a_tone_alone_is_as_exact_down_to_60_db_below_its_peak_and_as_float32_allows_below(references, engine):
    # no sound around the tone hides the rounding of a float32 transform, about 140 dB below the tone
    (case,) = (case for case in CASES if case.signal == "tone")
    reference = references[case.name]
    audible = reference > reference.max(axis=0) - 60

    computed = dsp.log_mel(waveform(case), spec_of(case))

    np.testing.assert_allclose(computed[audible], reference[audible], rtol=0, atol=1e-3)
    np.testing.assert_allclose(computed, reference, rtol=0, atol=0.5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scipy_and_numpy_agree(case, monkeypatch):
    spec, sound = spec_of(case), waveform(case)
    dsp._mel_product.cache_clear()
    with_scipy = dsp.log_mel(sound, spec)
    monkeypatch.setattr(dsp, "_scipy_rfft", None)
    monkeypatch.setattr(dsp, "_csr_matrix", None)
    dsp._mel_product.cache_clear()
    without = dsp.log_mel(sound, spec)
    dsp._mel_product.cache_clear()

    audible = with_scipy > with_scipy.max(axis=0) - 60
    np.testing.assert_allclose(with_scipy[audible], without[audible], rtol=0, atol=1e-3)


def test_the_module_imports_where_scipy_is_missing():
    program = """
import sys
sys.modules["scipy"] = None
import numpy as np
from mediaml.runtime import dsp
from mediaml.runtime.spec import Spec
assert dsp._scipy_rfft is None and dsp._csr_matrix is None
print(dsp.log_mel(np.ones(4000, np.float32), Spec(mel_bands=16, n_fft=1024, hop_length=512)).shape)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(16, 8)"


# --- shape


@pytest.mark.parametrize("samples", [0, 1, 511, 512, 513, 1023, 1024, 1025, 22050])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(1024, 512), (1023, 512), (64, 512), (2, 1), (3, 2)])
def test_there_is_a_band_a_row_and_a_frame_a_column(samples, n_fft, hop_length):
    spec = Spec(n_fft=n_fft, hop_length=hop_length, mel_bands=16)

    computed = dsp.log_mel(hiss(samples), spec)

    assert computed.shape == (16, spec.frames(samples))
    assert computed.dtype == np.float32
    assert np.isfinite(computed).all()


def test_no_sound_at_all_is_one_frame_of_silence(engine):
    assert dsp.log_mel(np.zeros(0, np.float32), Spec(mel_bands=4)) == pytest.approx(np.full((4, 1), FLOOR), abs=1e-4)


@pytest.mark.parametrize("wrong", [np.zeros((2, 100), np.float32), np.float32(0.0)])
def test_a_waveform_that_is_not_one_row_of_samples_is_refused(wrong):
    with pytest.raises(SpecFault, match="one dimension"):
        dsp.log_mel(wrong, Spec())


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_other_floats_are_taken_as_well(dtype):
    sound = hiss(4000).astype(dtype)

    np.testing.assert_array_equal(dsp.log_mel(sound, Spec()), dsp.log_mel(sound.astype(np.float32), Spec()))


@pytest.mark.parametrize("view", [slice(None, None, 2), slice(None, None, -1)])
def test_a_view_gives_what_its_copy_gives(view):
    sound = hiss(8000)[view]

    np.testing.assert_array_equal(dsp.log_mel(sound, Spec()), dsp.log_mel(sound.copy(), Spec()))


def test_the_waveform_is_left_as_it_was():
    sound = hiss(4000)
    before = sound.copy()
    sound.setflags(write=False)

    dsp.log_mel(sound, Spec())

    np.testing.assert_array_equal(sound, before)


# --- time


BLOCK = dsp.BLOCK_SAMPLES // 128


@pytest.mark.parametrize("frames", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_blocks_do_not_show(frames, engine, monkeypatch):
    spec = Spec(sample_rate=8000, n_fft=128, hop_length=32, mel_bands=8)
    sound = hiss((frames - 1) * 32)
    in_blocks = dsp.log_mel(sound, spec)
    monkeypatch.setattr(dsp, "BLOCK_SAMPLES", 10**9)

    assert in_blocks.shape == (8, frames)
    np.testing.assert_allclose(in_blocks, dsp.log_mel(sound, spec), rtol=0, atol=1e-4)


def test_a_long_recording_equals_its_pieces(engine):
    # a piece of whole hops agrees with the whole wherever its windows do not reach over its ends
    spec = Spec(sample_rate=8000, n_fft=256, hop_length=64, mel_bands=8)
    sound = hiss(64 * 1500)
    whole = dsp.log_mel(sound, spec)

    for first in (0, 100, 500, 511, 512, 1000, 1400):
        piece = dsp.log_mel(sound[first * 64 : (first + 100) * 64], spec)
        np.testing.assert_allclose(piece[:, 2:99], whole[:, first + 2 : first + 99], rtol=0, atol=1e-4)


def test_a_click_shows_in_the_frames_whose_windows_hold_it():
    spec = Spec(n_fft=1024, hop_length=256, mel_bands=16)
    sound = np.zeros(20 * 256, np.float32)
    sound[10 * 256] = 1.0

    computed = dsp.log_mel(sound, spec)

    heard = np.flatnonzero((computed > FLOOR + 1).any(axis=0))
    assert heard.tolist() == [9, 10, 11]  # the window is 0 at its very start
    assert computed.sum(axis=0).argmax() == 10


# --- frequency


@pytest.mark.parametrize("hertz", [100.0, 440.0, 1000.0, 3000.0, 9000.0])
def test_a_tone_is_loudest_in_the_band_that_it_lies_in(hertz):
    spec = Spec(mel_bands=40, n_fft=2048)
    sound = np.sin(2 * np.pi * hertz * np.arange(22050) / 22050).astype(np.float32)
    corners = dsp.mel_to_hz(np.linspace(0, dsp.hz_to_mel(np.array(11025.0)), 42))

    loudest = dsp.log_mel(sound, spec)[:, 10].argmax()

    assert corners[loudest] < hertz < corners[loudest + 2]


@given(st.floats(0, 200000))
def test_mel_and_hertz_are_each_others_inverse(hertz):
    assert float(dsp.mel_to_hz(dsp.hz_to_mel(np.array(hertz)))) == pytest.approx(hertz, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("hertz", "mel"), [(0, 0), (200 / 3, 1), (1000, 15), (6400, 42)])
def test_the_scale_is_slaneys(hertz, mel):
    assert float(dsp.hz_to_mel(np.array(hertz))) == pytest.approx(mel)


def test_every_filter_has_the_area_of_one_hertz():
    spec = Spec(sample_rate=16000, n_fft=8192, mel_bands=20)

    areas = dsp.mel_filters(spec).sum(axis=1) * (spec.sample_rate / spec.n_fft)

    np.testing.assert_allclose(areas, 1.0, rtol=0.01)


def test_filters_are_silent_outside_of_their_frequencies():
    spec = Spec(sample_rate=16000, n_fft=1024, mel_bands=20, fmin=500.0, fmax=4000.0)
    bins = np.arange(513) * (16000 / 1024)

    bank = dsp.mel_filters(spec)

    assert bank.shape == (20, 513)
    assert not bank[:, (bins < 500) | (bins > 4000)].any()
    assert (bank >= 0).all()


def test_the_window_is_a_periodic_hann():
    np.testing.assert_allclose(dsp.hann(4), [0.0, 0.5, 1.0, 0.5], atol=1e-7)


@pytest.mark.parametrize("shared", [dsp.hann(16), dsp.mel_filters(Spec(mel_bands=8))])
def test_what_is_shared_between_calls_cannot_be_changed(shared):
    with pytest.raises(ValueError, match="read-only"):
        shared[0] = 0


# --- loudness


@given(st.floats(-40, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_louder_sound_is_that_much_higher_above_the_floor(decibels, seed):
    spec = Spec(sample_rate=8000, n_fft=256, hop_length=128, mel_bands=16)
    sound = hiss(2000, seed)
    before = dsp.log_mel(sound, spec)
    after = dsp.log_mel((sound * np.float32(10 ** (decibels / 20))), spec)

    above = np.minimum(before, before + decibels) > FLOOR + 1
    np.testing.assert_allclose((after - before)[above], decibels, rtol=0, atol=2e-3)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_sign_of_a_sound_is_not_heard(seed):
    spec = Spec(sample_rate=8000, n_fft=256, hop_length=128, mel_bands=16)
    sound = hiss(1000, seed)

    np.testing.assert_allclose(dsp.log_mel(-sound, spec), dsp.log_mel(sound, spec), rtol=0, atol=1e-3)


FINITE_SOUNDS = arrays.arrays(
    np.float32,
    st.integers(0, 600),
    elements=st.floats(-1e9, 1e9, width=32),
)


@given(FINITE_SOUNDS)
@settings(max_examples=100, deadline=None)
def test_any_sound_that_decoding_lets_through_has_a_finite_spectrogram_above_the_floor(sound):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        computed = dsp.log_mel(sound, Spec(sample_rate=8000, n_fft=128, hop_length=64, mel_bands=8))

    assert np.isfinite(computed).all()
    assert computed.min() >= FLOOR - 1e-4


@pytest.mark.parametrize("sound", [np.full(4096, 0.99e9), np.tile([0.99e9, -0.99e9], 2048)], ids=["steady", "buzz"])
def test_the_loudest_sound_that_decoding_lets_through_does_not_overflow(sound, engine):
    computed = dsp.log_mel(sound.astype(np.float32), Spec(n_fft=4096, mel_bands=64))

    assert np.isfinite(computed).all()


# --- the length of a clip


def test_a_long_waveform_is_cut_to_its_beginning():
    np.testing.assert_array_equal(dsp.fit_length(np.arange(10, dtype=np.float32), 4), [0, 1, 2, 3])


def test_a_short_waveform_is_repeated():
    np.testing.assert_array_equal(dsp.fit_length(np.array([1, 2, 3], np.float32), 8), [1, 2, 3, 1, 2, 3, 1, 2])


def test_no_waveform_becomes_silence():
    fitted = dsp.fit_length(np.zeros(0, np.float32), 3)

    np.testing.assert_array_equal(fitted, [0, 0, 0])
    assert fitted.dtype == np.float32


@given(st.integers(1, 50), st.integers(1, 200))
def test_a_clip_always_has_its_length_and_type(length, samples):
    fitted = dsp.fit_length(np.ones(length, np.float32), samples)

    assert fitted.shape == (samples,)
    assert fitted.dtype == np.float32
    assert (fitted == 1).all()


# --- the level that tells silence


def test_a_full_scale_sine_has_3_dbfs_below_full_scale():
    sound = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)

    assert dsp.loudest_dbfs(sound.astype(np.float32), 22050) == pytest.approx(-3.01, abs=0.01)


def test_the_loudest_moment_counts_however_short():
    sound = np.zeros(5 * 22050, np.float32)
    sound[50000:52205] = np.sin(2 * np.pi * 1000 * np.arange(2205) / 22050)  # 0.1 s of 5 s

    assert dsp.loudest_dbfs(sound, 22050) == pytest.approx(-3.0, abs=0.5)


@pytest.mark.parametrize("level", [0.0, 0.5, -1.0])
def test_a_constant_is_silent(level):
    assert dsp.loudest_dbfs(np.full(22050, level, np.float32), 22050) < -100


def test_a_sound_on_a_constant_is_as_loud_as_without_it():
    sound = hiss(22050, level=0.01)

    assert dsp.loudest_dbfs(sound + np.float32(0.3), 22050) == pytest.approx(dsp.loudest_dbfs(sound, 22050), abs=0.01)


@pytest.mark.parametrize("samples", [0, 1])
def test_nothing_and_a_single_sample_are_silent(samples):
    assert dsp.loudest_dbfs(np.ones(samples, np.float32), 22050) == float("-inf")


def test_a_sound_in_the_very_last_moment_is_heard():
    # 1.03 s: the last 30 ms are no whole frame of 50 ms
    sound = np.zeros(22713, np.float32)
    sound[-600:] = np.sin(2 * np.pi * 1000 * np.arange(600) / 22050)

    assert dsp.loudest_dbfs(sound, 22050) > -10


# --- whatever a user has as samples


@pytest.mark.parametrize(
    ("samples", "mono"),
    [
        (np.array([0, 64, -128], np.int8), [0.0, 0.5, -1.0]),
        (np.array([0, 16384, -32768], np.int16), [0.0, 0.5, -1.0]),
        (np.array([0, 1 << 30, -(1 << 31)], np.int32), [0.0, 0.5, -1.0]),
        (np.array([128, 192, 0], np.uint8), [0.0, 0.5, -1.0]),
        (np.array([32768, 49152, 0], np.uint16), [0.0, 0.5, -1.0]),
        (np.array([0.0, 0.5, -1.0]), [0.0, 0.5, -1.0]),
        (np.array([[0.0, 1.0], [0.5, -0.5]]), [0.5, 0.0]),
        (np.array([[16384, -16384], [16384, 16384]], np.int16), [0.0, 0.5]),
        ([0.0, 0.25], [0.0, 0.25]),
        (np.zeros((0, 2)), []),
    ],
)
def test_samples_become_mono_float32_with_full_scale_1(samples, mono):
    waveform_ = dsp.as_waveform(samples)

    assert waveform_.dtype == np.float32
    assert waveform_.flags.c_contiguous
    np.testing.assert_array_equal(waveform_, np.array(mono, np.float32))


@pytest.mark.parametrize(
    "wrong",
    [np.array(["a"]), np.array([1j]), np.array([True, False]), np.array([None]), np.zeros((2, 2, 2)), np.float64(0.5)],
    ids=["text", "complex", "bool", "object", "cube", "scalar"],
)
def test_what_is_no_row_of_samples_is_refused(wrong):
    with pytest.raises(SpecFault):
        dsp.as_waveform(wrong)
