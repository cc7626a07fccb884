"""The one description of how a waveform becomes a spectrogram."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.runtime.faults import SpecFault
from mediaml.runtime.spec import Spec

SPECS = st.builds(
    Spec,
    sample_rate=st.integers(8000, 384000),
    n_fft=st.integers(2, 8192),
    hop_length=st.integers(1, 4096),
    mel_bands=st.integers(1, 256),
    fmin=st.floats(0, 1000),
    fmax=st.none() | st.floats(1001, 4000),
    clip_seconds=st.floats(0.01, 60),
)


# --- values


def test_the_defaults_are_the_front_end_that_the_documentation_states():
    spec = Spec()

    assert (spec.sample_rate, spec.n_fft, spec.hop_length, spec.mel_bands) == (22050, 2048, 1024, 64)
    assert (spec.fmin, spec.fmax, spec.clip_seconds) == (0.0, None, 5.0)


def test_a_spec_cannot_be_changed_and_equal_values_are_one_key():
    spec = Spec(mel_bands=32)

    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.mel_bands = 64  # type: ignore[misc]
    assert {spec: "found"}[Spec(mel_bands=32)] == "found"


def test_the_top_frequency_is_half_the_sample_rate_unless_it_is_stated():
    assert Spec(sample_rate=16000).top_frequency == 8000.0
    assert Spec(sample_rate=16000, fmax=7500).top_frequency == 7500.0


def test_whole_numbers_may_come_as_floats_and_become_integers():
    spec = Spec(sample_rate=22050.0, n_fft=1024.0)  # type: ignore[arg-type]

    assert type(spec.sample_rate) is int
    assert type(spec.n_fft) is int
    assert spec.digest == Spec(sample_rate=22050, n_fft=1024).digest


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"sample_rate": 0}, "sample_rate"),
        ({"sample_rate": -22050}, "sample_rate"),
        ({"sample_rate": 22050.5}, "sample_rate"),
        ({"n_fft": 0}, "n_fft"),
        ({"n_fft": 1}, "n_fft"),
        ({"n_fft": True}, "n_fft"),
        ({"hop_length": 0}, "hop_length"),
        ({"hop_length": -1}, "hop_length"),
        ({"mel_bands": 0}, "mel_bands"),
        ({"mel_bands": 0.5}, "mel_bands"),
        ({"fmin": -1.0}, "fmin"),
        ({"fmin": 11025.0}, "fmin"),
        ({"fmin": 500.0, "fmax": 500.0}, "fmax"),
        ({"fmin": float("nan")}, "fmin"),
        ({"fmax": 0.0}, "fmax"),
        ({"fmax": 11026.0}, "fmax"),
        ({"fmax": float("nan")}, "fmax"),
        ({"clip_seconds": 0.0}, "clip_seconds"),
        ({"clip_seconds": -5.0}, "clip_seconds"),
        ({"clip_seconds": float("nan")}, "clip_seconds"),
    ],
)
def test_a_value_out_of_its_range_is_refused_and_named(values, named):
    with pytest.raises(SpecFault, match=named):
        Spec(**values)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"sample_rate": "22050"}, "sample_rate"),
        ({"sample_rate": None}, "sample_rate"),
        ({"n_fft": float("nan")}, "n_fft"),
        ({"hop_length": float("inf")}, "hop_length"),
        ({"fmin": "low"}, "fmin"),
        ({"fmin": None}, "fmin"),
        ({"fmax": "high"}, "fmax"),
        ({"clip_seconds": None}, "clip_seconds"),
        ({"clip_seconds": float("inf")}, "clip_seconds"),
    ],
)
def test_a_value_that_is_no_number_is_refused_and_named_too(values, named):
    with pytest.raises(SpecFault, match=named):
        Spec(**values)


# --- frames


@pytest.mark.parametrize(
    ("samples", "hop_length", "frames"),
    [(0, 512, 1), (1, 512, 1), (511, 512, 1), (512, 512, 2), (1023, 512, 2), (110250, 512, 216), (10, 1, 11)],
)
def test_windows_are_centred_so_both_ends_have_a_frame(samples, hop_length, frames):
    assert Spec(hop_length=hop_length).frames(samples) == frames


def test_a_clip_has_its_seconds_of_samples_to_the_nearest_one():
    spec = Spec(sample_rate=22050, hop_length=1024, clip_seconds=0.96)

    assert spec.clip_samples == 21168
    assert spec.clip_frames == spec.frames(21168) == 21


@given(SPECS, st.integers(0, 10**7), st.integers(0, 10**5))
def test_more_samples_never_have_fewer_frames(spec, samples, more):
    assert 1 <= spec.frames(samples) <= spec.frames(samples + more)


# --- keeping


@given(SPECS)
def test_a_spec_survives_json(spec):
    again = Spec.from_dict(json.loads(json.dumps(spec.to_dict())))

    assert again == spec
    assert again.digest == spec.digest


def test_an_unknown_setting_is_refused_and_named():
    with pytest.raises(SpecFault, match="win_length"):
        Spec.from_dict({"n_fft": 1024, "win_length": 800})


def test_a_setting_out_of_range_in_a_file_is_refused():
    with pytest.raises(SpecFault, match="mel_bands"):
        Spec.from_dict({"mel_bands": -3})


def test_the_digest_is_the_same_on_every_machine_and_in_every_release():
    # caches and saved models are found by it: change it only on purpose
    assert Spec().digest == "c06a1205630f5d2e"


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Spec)])
def test_every_setting_changes_the_digest(field):
    other: Any = {"fmin": 50.0, "fmax": 8000.0, "clip_seconds": 2.0, "recipe": "yamnet"}.get(field, 128)

    assert dataclasses.replace(Spec(), **{field: other}).digest != Spec().digest


def test_numbers_that_are_equal_have_one_digest_however_they_were_written():
    assert Spec(fmin=50, clip_seconds=5, fmax=8000).digest == Spec(fmin=50.0, clip_seconds=5.0, fmax=8000.0).digest
