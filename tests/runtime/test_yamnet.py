"""YAMNet's front end in plain float64, how its patches are put together, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.backends import mxnet_thread
from mediaml.data.decode import resample
from mediaml.runtime import dsp
from mediaml.runtime.faults import SpecFault
from mediaml.runtime.network import Network
from mediaml.runtime.networks import yamnet
from mediaml.runtime.spec import Spec
from tests.shared_data import shared

RATE = yamnet.SPEC.sample_rate
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@pytest.fixture(params=["scipy", "numpy alone"])
def engine(request, monkeypatch) -> Iterator[str]:
    """Run with scipy, and as on a machine without it."""
    if request.param == "numpy alone":
        monkeypatch.setattr(dsp, "_scipy_rfft", None)
        monkeypatch.setattr(dsp, "_csr_matrix", None)
    dsp._mel_product.cache_clear()
    yield request.param
    dsp._mel_product.cache_clear()


# --- the front end


def published_front_end(waveform: npt.ArrayLike) -> Doubles:
    """Log-mel [64, frames] as it is published, one frame at a time, in float64."""
    samples = np.asarray(waveform, np.float64)
    time = np.arange(400)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * time / 400)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(257), time) / 512)  # of the transform of 512 points, zeros behind
    corners = np.linspace(mel(125.0), mel(7500.0), 66)
    triangles = np.array([triangle(corners[band : band + 3]) for band in range(64)])
    columns = []
    for start in range(0, len(samples) - 400 + 1, 160):
        magnitude = np.abs(turns @ (hann * samples[start : start + 400]))
        columns.append(np.log(triangles @ magnitude + 0.001))
    return np.array(columns).T


def mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def triangle(corners: Doubles) -> Doubles:
    """0 at the first corner, 1 at the second, 0 at the third, straight in mel; the constant part is not heard."""
    low, middle, high = corners
    heights = np.zeros(257)
    for bin_ in range(1, 257):
        at = mel(bin_ * 16000 / 512)
        heights[bin_] = max(0.0, min((at - low) / (middle - low), (high - at) / (high - middle)))
    return heights


def hiss(samples: int, seed: int = 0, level: float = 0.1) -> Floats:
    return (level * np.random.RandomState(seed).standard_normal(samples)).astype(np.float32)


def sounds() -> dict[str, Floats]:
    time = np.arange(8000) / RATE
    sweep = 0.5 * np.sin(2 * np.pi * (50 * time + 7000 * time**2))
    click = np.zeros(8000)
    click[3333] = 1.0
    return {
        "hiss": hiss(8000),
        "faint": hiss(8000, level=1e-5),
        "loud": np.clip(hiss(8000, level=2.0), -1, 1),
        "sweep": sweep.astype(np.float32),
        "click": click.astype(np.float32),
        "silence": np.zeros(8000, np.float32),
        "with a constant": np.float32(0.5) + hiss(8000),
    }


def assert_published(waveform: Floats) -> None:
    """Within 1e-4 down to 60 dB below a frame's loudest band (measured: 4.5e-5), as float32 allows below."""
    computed, expected = dsp.log_mel(waveform, yamnet.SPEC), published_front_end(waveform)
    audible = expected > expected.max(axis=0) - np.log(1000.0)

    assert computed.dtype == np.float32
    np.testing.assert_allclose(computed[audible], expected[audible], rtol=0, atol=1e-4)
    np.testing.assert_allclose(computed, expected, rtol=0, atol=0.01)  # measured: 0.0031, a thirtieth of a decibel


@pytest.mark.parametrize("name", sounds())
def test_every_number_is_that_of_the_published_front_end(name, engine):
    assert_published(sounds()[name])


def test_a_real_recording_has_the_numbers_of_the_published_front_end(engine):
    waveform, rate = soundfile.read(shared("audio", "esc10", "rooster", "1-26806-A.ogg"), dtype="float32")

    assert_published(resample(waveform, rate, RATE)[: 2 * RATE])


def test_the_triangles_are_those_of_the_published_front_end():
    corners = np.linspace(mel(125.0), mel(7500.0), 66)
    expected = np.array([triangle(corners[band : band + 3]) for band in range(64)])

    np.testing.assert_allclose(dsp.mel_filters(yamnet.SPEC), expected, rtol=0, atol=1e-6)


def test_silence_is_the_floor():
    assert dsp.log_mel(np.zeros(RATE, np.float32), yamnet.SPEC) == pytest.approx(yamnet.SPEC.floor, abs=1e-5)
    assert yamnet.SPEC.floor == pytest.approx(np.log(0.001))


@pytest.mark.parametrize("frames", [1, 2, 96, dsp.BLOCK_SAMPLES // 512, dsp.BLOCK_SAMPLES // 512 + 1])
def test_windows_stand_from_the_first_sample_on_and_a_rest_is_not_heard(frames, engine):
    waveform = hiss(400 + 160 * (frames - 1) + 159)
    spectrogram = dsp.log_mel(waveform, yamnet.SPEC)

    assert spectrogram.shape == (64, frames)
    np.testing.assert_array_equal(dsp.log_mel(waveform[:-159], yamnet.SPEC), spectrogram)


def test_the_first_patch_ends_with_its_last_window():
    waveform = hiss(yamnet.PATCH_SAMPLES)

    assert dsp.log_mel(waveform, yamnet.SPEC).shape[1] == yamnet.PATCH_FRAMES
    assert dsp.log_mel(waveform[:-1], yamnet.SPEC).shape[1] == yamnet.PATCH_FRAMES - 1


# --- patches


@given(st.integers(yamnet.PATCH_FRAMES, 5000))
def test_patches_overlap_by_half_and_leave_less_than_a_hop_unheard(frames):
    starts = yamnet.patch_starts(frames)

    assert starts[0] == 0
    assert set(np.diff(starts)) <= {yamnet.PATCH_HOP}
    assert 0 <= frames - (starts[-1] + yamnet.PATCH_FRAMES) < yamnet.PATCH_HOP


@pytest.fixture(scope="module")
def network() -> Network:
    return mxnet_thread.run(lambda: Network("yamnet", yamnet.SPEC, 2, seed=5))


def spectrograms(silent: list[list[bool]], seed: int = 1) -> Floats:
    """Random spectrograms of five seconds, with the runs of frames silent that belong to one hop each."""
    random = np.random.RandomState(seed)
    made = random.uniform(-4.0, 3.0, (len(silent), 64, yamnet.SPEC.clip_frames)).astype(np.float32)
    for row, hops in zip(made, silent, strict=True):
        for number, quiet in enumerate(hops):
            end = None if number == len(hops) - 1 else (number + 1) * yamnet.PATCH_HOP
            if quiet:
                row[:, number * yamnet.PATCH_HOP : end] = yamnet.SPEC.floor
    return made


def cut(clips: Floats) -> Floats:
    """[n, mel, frames] to patches [n, patches, mel, PATCH_FRAMES]."""
    starts = yamnet.patch_starts(clips.shape[2])
    return np.stack([clips[:, :, start : start + yamnet.PATCH_FRAMES] for start in starts], axis=1)


def pooled(network: Network, clips: Floats) -> Floats:
    patches = cut(clips)
    flat = patches.reshape(-1, *patches.shape[2:])
    heard = mxnet_thread.run(lambda: network.hear(flat)).reshape(*patches.shape[:2], -1)
    return yamnet.pool(heard, patches.max(axis=(2, 3)))


HOPS = 10  # of half a patch, in five seconds
RUNS = [
    [False] * HOPS,
    [True] * HOPS,
    [True] * 5 + [False] * 5,
    [False] + [True] * 9,
    [True] * 9 + [False],
    [False, True] * 5,
]


def test_pooling_in_numpy_equals_what_the_body_computes(network):
    clips = spectrograms(RUNS)

    embeddings = mxnet_thread.run(lambda: network.embed(clips))

    assert embeddings.shape == (len(RUNS), yamnet.EMBEDDING)
    assert np.abs(embeddings).max() > 0.01
    np.testing.assert_allclose(pooled(network, clips), embeddings, rtol=0, atol=1e-5 * np.abs(embeddings).max())


@settings(max_examples=10, deadline=None)
@given(st.lists(st.booleans(), min_size=HOPS, max_size=HOPS), st.integers(0, 99))
def test_pooling_in_numpy_equals_the_body_wherever_the_silence_is(network, silent, seed):
    clips = spectrograms([silent], seed)

    embeddings = mxnet_thread.run(lambda: network.embed(clips))

    np.testing.assert_allclose(pooled(network, clips), embeddings, rtol=0, atol=1e-5 * np.abs(embeddings).max())


def test_the_embedding_is_the_mean_and_the_maximum_over_the_patches(network):
    clips = spectrograms([[False] * HOPS])
    heard = mxnet_thread.run(lambda: network.hear(cut(clips)[0]))

    (embedding,) = mxnet_thread.run(lambda: network.embed(clips))

    expected = np.concatenate([heard.mean(axis=0, dtype=np.float64), heard.max(axis=0)])
    np.testing.assert_allclose(embedding, expected, rtol=0, atol=1e-5 * expected.max())


def test_silent_patches_are_left_out(network):
    half = spectrograms([[False] * 4 + [True] * 6])
    loud = cut(half)[0][:4]  # the last one of them is half silent

    (embedding,) = mxnet_thread.run(lambda: network.embed(half))
    heard = mxnet_thread.run(lambda: network.hear(loud))

    expected = np.concatenate([heard.mean(axis=0), heard.max(axis=0)])
    np.testing.assert_allclose(embedding, expected, rtol=0, atol=1e-5 * expected.max())


def test_where_all_is_silent_all_patches_count(network):
    clips = spectrograms([[True] * HOPS])
    (heard,) = mxnet_thread.run(lambda: network.hear(cut(clips)[0][:1]))

    (embedding,) = mxnet_thread.run(lambda: network.embed(clips))

    np.testing.assert_allclose(embedding, np.tile(heard, 2), rtol=0, atol=1e-5 * heard.max())


@pytest.mark.parametrize(("above", "counts"), [(0.01, True), (-0.01, False)])
def test_a_patch_is_silent_until_one_point_of_it_is_louder_than_the_limit(above, counts):
    heard = np.array([[[1.0], [3.0]]], np.float32)
    loudest = np.array([[0.0, yamnet.SILENT + above]], np.float32)

    assert yamnet.pool(heard, loudest).tolist() == ([[2.0, 3.0]] if counts else [[1.0, 1.0]])


# --- what it refuses


@pytest.mark.parametrize("seconds", [0.975, 1.0, 5.0, 60.0])
def test_its_own_front_end_is_taken_at_any_length_from_a_patch_on(seconds):
    yamnet.check(Spec(**dict(yamnet.SPEC.to_dict(), clip_seconds=seconds)))


OTHERS = {
    "sample_rate": 22050,
    "n_fft": 1024,
    "hop_length": 80,
    "mel_bands": 32,
    "fmin": 0.0,
    "fmax": 8000.0,
    "window_length": 512,
    "recipe": "librosa",
}


def test_the_names_below_are_all_that_a_front_end_has_but_its_length():
    assert set(OTHERS) == set(yamnet.SPEC.to_dict()) - {"clip_seconds"}


@pytest.mark.parametrize("name", OTHERS)
def test_another_front_end_is_refused_by_the_name_and_the_value_that_it_must_have(name):
    other = Spec(**dict(yamnet.SPEC.to_dict(), **{name: OTHERS[name]}))

    with pytest.raises(SpecFault) as caught:
        yamnet.check(other)

    assert f"{name} must be {yamnet.SPEC.to_dict()[name]!r}." in str(caught.value)
    assert "for_network('yamnet'" in str(caught.value)


def test_all_that_is_different_is_named_at_once():
    with pytest.raises(SpecFault, match=r"fmax, mel_bands must be 7500\.0, 64\."):
        yamnet.check(Spec(**dict(yamnet.SPEC.to_dict(), fmax=None, mel_bands=40)))


@pytest.mark.parametrize("seconds", [0.5, 0.96, 0.974])
def test_a_clip_that_is_shorter_than_a_patch_is_refused(seconds):
    with pytest.raises(SpecFault, match=rf"at least 0\.975 s, not {seconds:g} s"):
        yamnet.check(Spec(**dict(yamnet.SPEC.to_dict(), clip_seconds=seconds)))


def test_the_body_refuses_what_check_refuses():
    with pytest.raises(SpecFault, match="yamnet hears through its own front end"):
        yamnet.body(Spec())
