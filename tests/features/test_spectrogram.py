"""The builder: settings that make sense, arrays that are sound."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import mediaml as mm
from mediaml.errors import AudioError, SpecMismatchError

BUILDER = mm.SpectrogramBuilder(sample_rate=16000, n_fft=1024, hop_length=512, mel_bands=40)


def test_shape_and_type() -> None:
    spectrogram = BUILDER.transform(np.zeros(16000), 16000)
    assert spectrogram.shape == (40, 1 + 16000 // 512)
    assert spectrogram.dtype == np.float32
    assert np.allclose(spectrogram, -100, atol=1e-3), "silence is the floor"


def test_is_frozen_and_equal_by_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        BUILDER.n_fft = 512  # type: ignore[misc]
    assert dataclasses.replace(BUILDER) == BUILDER
    assert len({BUILDER, dataclasses.replace(BUILDER)}) == 1
    assert mm.SpectrogramBuilder.from_spec(BUILDER.spec) == BUILDER


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 0},
        {"n_fft": 1},
        {"hop_length": 0},
        {"mel_bands": -1},
        {"mel_bands": 1.5},
        {"fmin": -1},
        {"fmin": 9000, "sample_rate": 16000},
        {"fmax": 9000, "sample_rate": 16000},
        {"clip_seconds": 0},
        {"clip_seconds": float("nan")},
    ],
)
def test_impossible_settings_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecMismatchError, match=next(iter(wrong))):
        mm.SpectrogramBuilder(**wrong)  # type: ignore[arg-type]


def test_another_rate_is_resampled() -> None:
    time = np.arange(44100) / 44100
    tone = np.sin(2 * np.pi * 1000 * time)
    at_rate = BUILDER.transform(np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000), 16000)
    resampled = BUILDER.transform(tone, 44100)
    assert resampled.shape == at_rate.shape
    loudest = at_rate.mean(axis=1).argmax()
    assert resampled.mean(axis=1).argmax() == loudest
    assert resampled[loudest, 5:-5] == pytest.approx(at_rate[loudest, 5:-5], abs=0.1)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint8])
def test_integers_are_full_scale_of_their_kind(kind: Any) -> None:
    wave = 0.5 * np.sin(2 * np.pi * 500 * np.arange(16000) / 16000)
    limits = np.iinfo(kind)
    middle = 0 if limits.min < 0 else (limits.max + 1) / 2
    integers = np.round(wave * (limits.max + 1 - middle) + middle).astype(kind)
    expected, got = BUILDER.transform(wave, 16000), BUILDER.transform(integers, 16000)
    assert got.max() == pytest.approx(expected.max(), abs=0.1)


def test_channels_are_mixed() -> None:
    wave = np.random.RandomState(0).standard_normal(8000)
    both = np.stack([wave, np.zeros(8000)], axis=1)
    assert np.allclose(BUILDER.transform(both, 16000), BUILDER.transform(wave / 2, 16000), atol=1e-3)


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (np.full(100, np.nan), "100 of 100 samples"),
        (np.array([0.0, np.inf]), "1 of 2 samples"),
        (np.zeros((2, 48000)), "transpose"),
        (np.zeros((2, 3, 4)), "shape"),
        (np.array(["a", "b"]), "numbers"),
    ],
)
def test_what_is_no_sound_is_refused(samples: np.ndarray, complaint: str) -> None:
    with pytest.raises(AudioError, match=complaint):
        BUILDER.transform(samples, 16000)
