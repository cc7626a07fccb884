"""WAV files as AWS's container reads them; soundfile is the oracle."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime import wav
from mediaml.runtime.faults import SoundFault

KINDS = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]


def encoded(samples, rate=16000, subtype="PCM_16", container="WAV"):
    out = io.BytesIO()
    soundfile.write(out, samples, rate, subtype, format=container)
    return out.getvalue()


@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("subtype", KINDS)
def test_every_kind_is_read_as_soundfile_does(subtype, channels, container):
    samples = np.random.RandomState(1).uniform(-1, 1, (400, channels))
    content = encoded(samples, 22050, subtype, container)
    expected, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    found, found_rate = wav.read(content)
    assert (found.dtype, found_rate) == (np.float32, rate)
    np.testing.assert_allclose(found, expected.mean(axis=1), atol=2e-7)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-4, 4, width=32), max_size=50), st.integers(1, 192000))
def test_what_is_written_comes_back_exactly(values, rate):
    samples = np.array(values, np.float32)
    found, found_rate = wav.read(wav.write(samples, rate))
    assert found_rate == rate
    np.testing.assert_array_equal(found, samples)


def test_soundfile_reads_what_is_written():
    samples = np.random.RandomState(2).standard_normal(100).astype(np.float32)
    found, rate = soundfile.read(io.BytesIO(wav.write(samples, 8000)), dtype="float32")
    assert rate == 8000
    np.testing.assert_array_equal(found, samples)


def test_chunks_before_the_samples_and_a_length_that_no_one_knew():
    content = encoded(np.linspace(-0.5, 0.5, 10), 8000)
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # of an odd length, so padded
    np.testing.assert_array_equal(wav.read(content[:12] + extra + content[12:])[0], wav.read(content)[0])
    place = content.index(b"data") + 4
    streamed = content[:place] + b"\xff\xff\xff\xff" + content[place + 4 :]
    np.testing.assert_array_equal(wav.read(streamed)[0], wav.read(content)[0])


def test_a_file_that_was_cut_off_gives_what_there_is():
    content = encoded(np.linspace(-0.5, 0.5, 10), 8000)
    assert len(wav.read(content[:-5])[0]) == 7


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"OggS" + bytes(50),
        encoded(np.zeros(4))[:20],
        encoded(np.zeros(4))[:36],
        encoded(np.zeros(4)).replace(b"fmt ", b"fmd "),
        encoded(np.zeros(4)).replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x55\0"),
        wav.write(np.array([np.nan], np.float32), 8000),
    ],
    ids=["empty", "start", "ogg", "no format", "no samples", "no description", "mp3 inside", "not a number"],
)
def test_what_is_no_wav_is_refused(content):
    with pytest.raises(SoundFault):
        wav.read(content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 60))
def test_damage_is_a_fault_and_nothing_else(noise, place):
    content = bytearray(encoded(np.zeros(20)))
    content[place : place + len(noise)] = noise
    try:
        samples, rate = wav.read(bytes(content))
    except SoundFault:
        return
    assert samples.ndim == 1 and rate > 0


@pytest.mark.parametrize("subtype", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_stretch_is_read_as_it_stands_in_the_whole(subtype, channels):
    content = encoded(np.random.RandomState(4).uniform(-1, 1, (1000, channels)), 8000, subtype)
    whole, rate = wav.read(content)
    file = wav.opened(bytearray(content))
    assert (file.frames, file.rate, file.channels) == (1000, rate, channels)
    for first, last in ((0, 1000), (17, 400), (990, 2000), (5, 5), (7, 3), (2000, 3000)):
        np.testing.assert_array_equal(file.read(first, last), whole[first:last])
