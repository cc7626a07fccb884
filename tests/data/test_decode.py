"""Recordings to mono waveforms: every format, only the stretch asked for, and an error that names the file."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from mediaml.data import decode
from mediaml.errors import AudioError
from tests.shared_data import SHARED, shared

RATE = 22050
Floats = npt.NDArray[np.float32]


def chirp(seconds: float = 3.0, rate: int = RATE) -> Floats:
    """Rise from 200 Hz to 2 kHz with a little noise: no stretch of it is like another."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.RandomState(0).standard_normal(len(time))
    sound = 0.3 * np.sin(2 * np.pi * (200 * time + 900 * time**2 / seconds)) + 0.02 * noise
    return sound.astype(np.float32)


def write(folder: Path, name: str, sound: Floats, rate: int = RATE, **options: str) -> Path:
    path = folder / name
    soundfile.write(path, sound, rate, **options)
    return path


def write_by_ffmpeg(folder: Path, name: str, codec: str, sound: Floats, rate: int = RATE, channels: int = 1) -> Path:
    """Write what libsndfile cannot: the containers of phones, cameras and broadcasters."""
    av = pytest.importorskip("av")
    path, layout = folder / name, {1: "mono", 2: "stereo"}[channels]
    samples = np.ascontiguousarray(sound.reshape(1, -1) * 32767, np.int16)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    with av.open(str(path), "w", metadata_errors="ignore") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout, bit_rate=128000)
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, layout, rate, context.frame_size or 1024)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def likeness(one: Floats, other: Floats, most: int) -> tuple[int, float]:
    """Find the shift of at most so many samples at which two sounds are most alike, and their correlation there."""
    size = 2 * max(len(one), len(other))
    products = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    shifts = np.arange(-most, most + 1)
    shift = int(shifts[products[shifts].argmax()])
    return shift, float(products[shift] / np.sqrt(np.square(one).sum() * np.square(other).sum()))


# --- formats

# name, options, the largest error of a sample
LOSSLESS = [
    ("16.wav", {"subtype": "PCM_16"}, 2**-15),
    ("24.wav", {"subtype": "PCM_24"}, 2**-23),
    ("32.wav", {"subtype": "PCM_32"}, 2**-23),
    ("8.wav", {"subtype": "PCM_U8"}, 2**-7),
    ("float.wav", {"subtype": "FLOAT"}, 0.0),
    ("double.wav", {"subtype": "DOUBLE"}, 0.0),
    ("ulaw.wav", {"subtype": "ULAW"}, 0.02),
    ("alaw.wav", {"subtype": "ALAW"}, 0.02),
    ("ima.wav", {"subtype": "IMA_ADPCM"}, 0.1),
    ("ms.wav", {"subtype": "MS_ADPCM"}, 0.1),
    ("extensible.wav", {"format": "WAVEX", "subtype": "PCM_24"}, 2**-23),
    ("long.w64", {"format": "W64", "subtype": "PCM_16"}, 2**-15),
    ("long.rf64", {"format": "RF64", "subtype": "PCM_16"}, 2**-15),
    ("16.flac", {"subtype": "PCM_16"}, 2**-15),
    ("24.flac", {"subtype": "PCM_24"}, 2**-23),
    ("16.aiff", {"subtype": "PCM_16"}, 2**-15),
    ("16.aif", {"format": "AIFF", "subtype": "PCM_16"}, 2**-15),
    ("float.aifc", {"format": "AIFF", "subtype": "FLOAT"}, 0.0),
    ("16.caf", {"subtype": "PCM_16"}, 2**-15),
    ("alac.caf", {"subtype": "ALAC_16"}, 2**-15),
    ("16.au", {"subtype": "PCM_16"}, 2**-15),
    ("ulaw.au", {"subtype": "ULAW"}, 0.02),
    ("16.snd", {"format": "AU", "subtype": "PCM_16"}, 2**-15),
    ("16.voc", {"subtype": "PCM_16"}, 2**-15),
]
LOSSY = [("vorbis.ogg", {}), ("opus.opus", {"format": "OGG", "subtype": "OPUS"}), ("layer3.mp3", {"format": "MP3"})]
BY_FFMPEG = [
    ("phone.m4a", "aac"),
    ("lossless.m4a", "alac"),
    ("clip.mp4", "aac"),
    ("camera.mov", "pcm_s16le"),
    ("film.mkv", "aac"),
    ("film.mka", "flac"),
    ("old.wma", "wmav2"),
    ("broadcast.ts", "mp2"),
    ("old.avi", "mp2"),
]


@pytest.mark.parametrize(("name", "options", "error"), LOSSLESS, ids=[name for name, _, _ in LOSSLESS])
def test_lossless_formats_come_back_to_their_last_bit(tmp_path, name, options, error):
    sound = chirp(0.5)

    waveform, rate = decode.read(write(tmp_path, name, sound, **options))

    assert rate == RATE
    assert waveform.dtype == np.float32
    assert waveform.flags.c_contiguous
    np.testing.assert_allclose(waveform[: len(sound)], sound, rtol=0, atol=error)
    assert len(sound) <= len(waveform) < len(sound) + 2048  # ADPCM comes in blocks


@pytest.mark.parametrize(("name", "options"), LOSSY, ids=[name for name, _ in LOSSY])
def test_lossy_formats_sound_the_same_at_the_same_time(tmp_path, name, options):
    sound = chirp(3.0, 24000)

    waveform, rate = decode.read(write(tmp_path, name, sound, 24000, **options))

    assert rate == 24000
    assert len(waveform) == len(sound)
    shift, correlation = likeness(waveform, sound, 5)
    assert abs(shift) <= 1
    assert correlation > 0.98


@pytest.mark.parametrize(("name", "codec"), BY_FFMPEG, ids=[name for name, _ in BY_FFMPEG])
def test_what_libsndfile_cannot_read_ffmpeg_does(tmp_path, name, codec):
    rate = 44100
    sound = chirp(2.0, rate)
    path = write_by_ffmpeg(tmp_path, name, codec, sound, rate)

    waveform, found = decode.read(path)

    assert found == rate
    assert waveform.dtype == np.float32
    assert len(waveform) == pytest.approx(len(sound), abs=0.06 * rate)
    _, correlation = likeness(waveform[rate // 2 :], sound[rate // 2 :], 2400)  # coders begin up to 50 ms late
    assert correlation > 0.95


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".txt", ""])
def test_the_content_tells_the_format_and_not_the_name(tmp_path, suffix):
    path = write(tmp_path, "a.flac", chirp(0.2)).rename(tmp_path / f"a{suffix}")

    assert len(decode.read(path)[0]) == round(0.2 * RATE)


@pytest.mark.parametrize("name", ["ä ö ü.wav", "日本語.wav", "with'quote.wav", "-dash.wav", "%41.wav", "file:x.wav"])
def test_any_name_of_a_file_will_do(tmp_path, name):
    path = write(tmp_path, "a.wav", chirp(0.1)).rename(tmp_path / name)

    assert len(decode.read(path)[0]) == len(decode.read(str(path))[0]) == round(0.1 * RATE)


@pytest.mark.parametrize("name", ["2024-05-01T10:30:00.m4a", "concat:a.m4a", "http:a.m4a"])
def test_a_relative_name_with_a_colon_is_no_address_to_ffmpeg(tmp_path, name, monkeypatch):
    write_by_ffmpeg(tmp_path, "a.m4a", "aac", chirp(0.5)).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    assert len(decode.read(name)[0]) > 0.4 * RATE


# --- channels and rates


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_channels_are_mixed_to_their_mean(tmp_path, channels):
    sound = np.random.RandomState(0).uniform(-1, 1, (1000, channels)).astype(np.float32)

    waveform, _ = decode.read(write(tmp_path, "a.wav", sound, subtype="FLOAT"))

    np.testing.assert_allclose(waveform, sound.mean(axis=1), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "codec"), [("a.mov", "pcm_s16le"), ("a.m4a", "alac")])
def test_channels_of_ffmpeg_are_mixed_to_their_mean(tmp_path, name, codec):
    left = np.repeat(np.array([0.5, -0.25], np.float32), RATE // 2)
    sound = np.stack([left, np.zeros_like(left)], axis=1)

    waveform, _ = decode.read(write_by_ffmpeg(tmp_path, name, codec, sound, channels=2))

    np.testing.assert_allclose(waveform[: len(left)], left / 2, rtol=0, atol=1e-3)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000, 384000])
def test_every_sample_rate_is_resampled_to_the_one_that_is_asked_for(tmp_path, rate):
    path = write(tmp_path, "a.wav", (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32), rate)

    waveform, found = decode.read(path, sample_rate=16000)

    assert found == 16000
    assert waveform.dtype == np.float32
    assert len(waveform) == 16000
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(waveform[1000:-1000], tone[1000:-1000], rtol=0, atol=2e-3)


@pytest.mark.parametrize("rate", [44100, 48000, 8000])
def test_without_soxr_resampling_differs_by_less_than_minus_60_db(tmp_path, rate, monkeypatch):
    path = write(tmp_path, "a.wav", chirp(1.0, rate), rate)
    with_soxr, _ = decode.read(path, sample_rate=RATE)
    monkeypatch.setitem(sys.modules, "soxr", None)
    without, _ = decode.read(path, sample_rate=RATE)

    # where the recording has no sound of its own: the noise reaches beyond 0.85 of the lower Nyquist frequency
    spectra = [np.fft.rfft(sound[: min(len(with_soxr), len(without))]) for sound in (with_soxr, without)]
    shared_band = np.fft.rfftfreq(min(len(with_soxr), len(without)), 1 / RATE) < 0.85 * min(rate, RATE) / 2
    error = np.abs(spectra[0] - spectra[1])[shared_band]
    assert abs(len(with_soxr) - len(without)) <= 1
    assert np.linalg.norm(error) / np.linalg.norm(spectra[0]) < 1e-3


def test_a_constant_part_does_not_begin_and_end_with_a_click_when_resampled(tmp_path):
    path = write(tmp_path, "a.wav", np.full(44100, 0.5, np.float32), 44100, subtype="FLOAT")

    waveform, _ = decode.read(path, sample_rate=RATE)

    np.testing.assert_allclose(waveform, 0.5, rtol=0, atol=1e-3)


# --- a stretch of a recording

STRETCHES = [(0.0, 0.5), (0.7, 1.3), (1.5, 2.9), (2.25, None), (0.01, 0.02), (1.0, 1.0), (2.9, 10.0)]


def assert_stretches_are_slices(path: Path, error: float) -> None:
    whole, rate = decode.read(path)
    for start, end in STRETCHES:
        stretch, _ = decode.read(path, start, end)
        expected = whole[round(start * rate) : None if end is None else round(end * rate)]
        assert stretch.shape == expected.shape, (start, end)
        np.testing.assert_allclose(stretch, expected, rtol=0, atol=error, err_msg=f"{start} to {end} s")


@pytest.mark.parametrize(("name", "options", "_"), LOSSLESS, ids=[name for name, _, _ in LOSSLESS])
def test_a_stretch_is_a_slice_of_the_whole(tmp_path, name, options, _):
    assert_stretches_are_slices(write(tmp_path, name, chirp(), **options), error=0.0)


@pytest.mark.parametrize(
    ("name", "options", "rate", "error"),
    [
        ("layer3.mp3", {"format": "MP3"}, 22050, 1e-3),
        ("layer3.mp3", {"format": "MP3"}, 44100, 1e-3),
        ("opus.opus", {"format": "OGG", "subtype": "OPUS"}, 24000, 5e-3),
        ("telephone.wav", {"subtype": "GSM610"}, 8000, 5e-3),
    ],
)
def test_a_stretch_of_a_coded_recording_has_no_click_at_its_start(tmp_path, name, options, rate, error):
    # coders need what came before: a decoder that is put down in the middle finds its feet after some milliseconds
    assert_stretches_are_slices(write(tmp_path, name, chirp(3.0, rate), rate, **options), error)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.au", "G721_32"), ("a.au", "G723_24"), ("a.au", "G723_40"), ("a.wav", "G721_32")],
)
def test_a_stretch_is_right_where_libsndfile_cannot_go_to_a_place(tmp_path, name, subtype):
    assert_stretches_are_slices(write(tmp_path, name, chirp(3.0, 8000), 8000, subtype=subtype), 5e-3)


@pytest.mark.parametrize("subtype", ["NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32"])
def test_a_stretch_of_a_voicemail_is_right(tmp_path, subtype):
    assert_stretches_are_slices(write(tmp_path, "voicemail.wav", chirp(3.0, 8000), 8000, subtype=subtype), 5e-3)


def test_a_stretch_of_a_vorbis_recording_is_right_to_ten_milliseconds(tmp_path):
    # libsndfile is a few milliseconds off in the last page of an Ogg file
    path = write(tmp_path, "vorbis.ogg", chirp())
    whole, rate = decode.read(path)

    for start, end in [(0.0, 0.5), (0.7, 1.3), (1.5, 2.9), (2.5, 3.0)]:
        stretch, _ = decode.read(path, start, end)
        shift, correlation = likeness(stretch, whole[round(start * rate) : round(end * rate)], rate // 100)
        assert len(stretch) == round(end * rate) - round(start * rate)
        assert abs(shift) <= rate / 100
        assert correlation > 0.95


@pytest.mark.parametrize(
    ("name", "codec"),
    [("phone.m4a", "aac"), ("lossless.m4a", "alac"), ("camera.mov", "pcm_s16le"), ("broadcast.ts", "mp2")],
)
def test_a_stretch_by_ffmpeg_is_a_slice_of_the_whole(tmp_path, name, codec):
    assert_stretches_are_slices(write_by_ffmpeg(tmp_path, name, codec, chirp()), 1e-3)


def test_a_stretch_of_a_matroska_file_is_right_to_the_millisecond_that_it_counts_in(tmp_path):
    path = write_by_ffmpeg(tmp_path, "film.mka", "flac", chirp())
    whole, rate = decode.read(path)

    for start, end in [(0.7, 1.3), (1.5, 2.9), (2.25, 3.0)]:
        stretch, _ = decode.read(path, start, end)
        shift, correlation = likeness(stretch, whole[round(start * rate) : round(end * rate)], rate // 1000)
        assert abs(shift) <= rate / 1000
        assert correlation > 0.98
        assert len(stretch) == pytest.approx((end - start) * rate, abs=rate / 1000)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.m4a"])
def test_beyond_the_end_there_is_nothing(tmp_path, name):
    sound = chirp(1.0)
    path = write_by_ffmpeg(tmp_path, name, "aac", sound) if name == "a.m4a" else write(tmp_path, name, sound)

    for start, end in [(1.5, 2.0), (100.0, None), (100.0, 200.0)]:
        assert decode.read(path, start, end)[0].shape == (0,)


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found

    def readinto(self, buffer: Any) -> int:
        size = super().readinto(buffer)
        self.count += size
        return size


@pytest.mark.parametrize("name", ["long.wav", "long.flac", "long.mov"])
def test_only_the_stretch_asked_for_is_read_from_a_long_file(tmp_path, name):
    sound = np.tile(chirp(5.0), 24)  # 2 minutes
    path = write_by_ffmpeg(tmp_path, name, "pcm_s16le", sound) if name == "long.mov" else write(tmp_path, name, sound)
    file = Counting(path.read_bytes())

    waveform, _ = decode.read(file, 60.0, 61.0)

    assert len(waveform) == RATE
    assert file.count < 0.2 * path.stat().st_size


# --- where the bytes come from


class OneWay(io.RawIOBase):
    """A stream that cannot go back, as a socket or a pipe."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


def in_the_middle(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.seek(len(content) // 2)
    return file


WRAPPED: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "file in memory": io.BytesIO,
    "file that stands in the middle": in_the_middle,
    "stream": OneWay,
    "buffered stream": lambda content: io.BufferedReader(OneWay(content)),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED.keys())
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.m4a"])
def test_bytes_and_files_are_read_as_their_path_is(tmp_path, wrap, name):
    sound = chirp(1.0)
    path = write_by_ffmpeg(tmp_path, name, "aac", sound) if name == "a.m4a" else write(tmp_path, name, sound)

    for stretch in ((0.0, None), (0.6, 0.9)):
        np.testing.assert_array_equal(decode.read(wrap(path.read_bytes()), *stretch)[0], decode.read(path, *stretch)[0])
    assert decode.info(wrap(path.read_bytes())) == decode.info(path)


@pytest.mark.parametrize("name", ["a.wav", "a.m4a"])
def test_an_open_file_is_left_open_and_can_be_read_again(tmp_path, name):
    sound = chirp(1.0)
    path = write_by_ffmpeg(tmp_path, name, "aac", sound) if name == "a.m4a" else write(tmp_path, name, sound)

    with path.open("rb") as file:
        first, again = decode.read(file)[0], decode.read(file)[0]
        assert not file.closed

    np.testing.assert_array_equal(first, again)


def test_a_path_may_be_text_or_a_path(tmp_path):
    path = write(tmp_path, "a.wav", chirp(0.1))

    np.testing.assert_array_equal(decode.read(path)[0], decode.read(str(path))[0])


# --- short and strange recordings


@pytest.mark.parametrize(
    ("name", "samples"),
    [
        (name, samples)
        for name in ("a.wav", "a.flac", "a.aiff", "a.au", "a.caf")
        for samples in (0, 1, 2)
        if (name, samples) != ("a.flac", 0)  # libsndfile writes no header for it
    ],
)
def test_recordings_of_hardly_any_samples_are_read(tmp_path, name, samples):
    path = write(tmp_path, name, np.full(samples, 0.5, np.float32))

    waveform, _ = decode.read(path)

    np.testing.assert_allclose(waveform, np.full(samples, 0.5), atol=1e-4)
    assert decode.info(path).duration == samples / RATE
    assert decode.read(path, sample_rate=16000)[0].dtype == np.float32


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 3e38, -1e10])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_no_sound_are_refused_with_their_number(tmp_path, value, subtype):
    sound = chirp(0.1).astype(np.float64)
    sound[[3, 100]] = value
    path = tmp_path / "broken sensor.wav"
    soundfile.write(path, sound, RATE, subtype=subtype)

    with pytest.raises(AudioError, match=r"broken sensor\.wav: 2 of 2205 samples are NaN, infinite or absurdly large"):
        decode.read(path)


def test_a_stretch_beside_the_broken_samples_is_read(tmp_path):
    sound = chirp(1.0)
    sound[:10] = np.nan

    assert len(decode.read(write(tmp_path, "a.wav", sound, subtype="FLOAT"), 0.5)[0]) == RATE // 2


def test_samples_above_full_scale_are_kept(tmp_path):
    sound = 4 * chirp(0.1)

    np.testing.assert_allclose(decode.read(write(tmp_path, "a.wav", sound, subtype="FLOAT"))[0], sound)


@pytest.mark.parametrize("name", ["a.wav", "a.aiff"])
def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path, name):
    path = write(tmp_path, name, chirp(1.0), subtype="PCM_16")
    whole, size = decode.read(path)[0], path.stat().st_size
    os.truncate(path, size - RATE)

    waveform, _ = decode.read(path)

    assert len(waveform) == pytest.approx(RATE / 2, abs=64)
    np.testing.assert_array_equal(waveform, whole[: len(waveform)])
    assert decode.info(path).truncated
    assert decode.info(path).duration == pytest.approx(0.5, abs=0.01)


# --- the header


@pytest.mark.parametrize(
    ("name", "rate", "channels", "options", "format_"),
    [
        ("a.wav", 22050, 1, {"subtype": "PCM_24"}, "WAV PCM_24"),
        ("a.flac", 48000, 2, {}, "FLAC PCM_16"),
        ("a.ogg", 8000, 1, {}, "OGG VORBIS"),
        ("a.mp3", 44100, 2, {}, "MP3 MPEG_LAYER_III"),
    ],
)
def test_the_header_tells_length_rate_channels_and_format(tmp_path, name, rate, channels, options, format_):
    path = write(tmp_path, name, np.zeros((rate * 2, channels), np.float32), rate, **options)

    found = decode.info(path)

    assert (found.duration, found.sample_rate, found.channels) == (2.0, rate, channels)
    assert found.format == format_
    assert not found.truncated


@pytest.mark.parametrize(("name", "codec"), BY_FFMPEG, ids=[name for name, _ in BY_FFMPEG])
@pytest.mark.parametrize("seconds", [0.3, 3.0])
def test_the_header_by_ffmpeg_agrees_with_the_samples(tmp_path, name, codec, seconds):
    path = write_by_ffmpeg(tmp_path, name, codec, chirp(seconds, 44100), 44100)

    found = decode.info(path)

    assert (found.sample_rate, found.channels) == (44100, 1)
    assert found.duration == pytest.approx(len(decode.read(path)[0]) / 44100, abs=0.07)
    assert found.duration == pytest.approx(seconds, abs=0.1)


# --- errors


def refused(source: Any) -> AudioError:
    """Give the error that reading and looking at a source both end in."""
    with pytest.raises(AudioError) as of_info:
        decode.info(source)
    with pytest.raises(AudioError) as of_read:
        decode.read(source)
    assert of_info.value.source == of_read.value.source
    return of_read.value


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.wav", b"", "empty"),
        ("text.wav", b"this is no sound\n" * 100, "not recogni[sz]ed"),
        ("riff.wav", b"RIFF\x24\x00\x00\x00WAVE", "data"),
        ("flac.flac", b"fLaC" + bytes(30), "."),
        ("noise.mp3", bytes(range(256)) * 8, "."),
        ("ogg.ogg", b"OggS" + bytes(100), "."),
        ("headerless.raw", bytes(1000), "."),
    ],
)
def test_what_is_no_recording_is_named_with_a_reason(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)

    error = refused(path)

    assert error.source == str(path)
    assert str(error).startswith(f"{path}: ")
    assert re.search(reason, error.reason)


def test_a_broken_mp3_is_there_though_libsndfile_says_that_it_is_not(tmp_path):
    path = tmp_path / "broken.mp3"
    path.write_bytes(b"ID3" + bytes(300))

    assert refused(path).reason.startswith("libsndfile: no sound was recognised in it; ")


def test_both_decoders_say_why(tmp_path):
    path = tmp_path / "text.wav"
    path.write_bytes(b"this is no sound\n" * 100)

    assert "libsndfile: " in refused(path).reason
    assert "FFmpeg: " in refused(path).reason


def test_a_missing_file_is_named(tmp_path):
    assert str(refused(tmp_path / "gone.wav")) == f"{tmp_path / 'gone.wav'}: no such file"


def test_a_folder_is_no_recording(tmp_path):
    assert "folder" in refused(tmp_path).reason


@pytest.mark.parametrize("path", ["", "nul\0byte.wav", "x" * 5000])
def test_a_path_that_cannot_be_is_refused(path):
    refused(path)


@pytest.mark.parametrize("source", [b"", bytearray(), io.BytesIO(b"")], ids=["bytes", "bytearray", "file"])
def test_no_bytes_are_no_recording(source):
    assert "empty" in refused(source).reason


@pytest.mark.parametrize("source", [b"no sound " * 100, io.BytesIO(b"no sound " * 100)], ids=["bytes", "file"])
def test_bytes_and_files_have_a_name_in_errors(source):
    assert refused(source).source in ("bytes", "file")


def test_an_open_file_is_named_by_its_path(tmp_path):
    (tmp_path / "text.wav").write_bytes(b"no sound " * 100)

    with (tmp_path / "text.wav").open("rb") as file:
        assert refused(file).source == str(tmp_path / "text.wav")


def test_a_file_opened_in_text_mode_is_told_so(tmp_path):
    write(tmp_path, "a.wav", chirp(0.1))

    with (tmp_path / "a.wav").open(encoding="latin-1") as file:
        assert "'rb'" in refused(file).reason
    assert "'rb'" in refused(io.StringIO("RIFF")).reason


def test_a_file_opened_for_writing_is_refused(tmp_path):
    with (tmp_path / "a.wav").open("wb") as file:
        file.write(b"RIFF")
        refused(file)


def test_a_closed_file_is_refused(tmp_path):
    with write(tmp_path, "a.wav", chirp(0.1)).open("rb") as file:
        pass

    assert "closed" in refused(file).reason


@pytest.mark.parametrize("source", [None, 3, 3.5, ["a.wav"], {"path": "a.wav"}, object()])
def test_what_is_no_source_at_all_is_refused(source):
    refused(source)


def test_a_film_without_sound_is_told_so(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "silent film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        container.mux(stream.encode(None))

    assert "no sound track" in refused(path).reason


def test_without_ffmpeg_the_error_holds_the_pip_command(tmp_path, monkeypatch):
    path = write_by_ffmpeg(tmp_path, "phone.m4a", "aac", chirp(0.5))
    monkeypatch.setitem(sys.modules, "av", None)

    error = refused(path)

    assert error.source == str(path)
    assert "pip install 'mediaml[video]'" in error.reason


def test_no_decoder_is_advised_for_a_table(tmp_path, monkeypatch):
    path = tmp_path / "labels.csv"
    path.write_text("path,label\n" * 50)
    monkeypatch.setitem(sys.modules, "av", None)

    assert refused(path).reason == "libsndfile: Format not recognised"


# --- strange files of the world

READ_ALL = """
import csv, json, sys, time
from pathlib import Path
from mediaml.data import decode
from mediaml.errors import AudioError

def outcome(call):
    try:
        return call()
    except AudioError as error:
        return {"refused": error.reason, "source": error.source}
    except BaseException as error:
        return {"crashed": f"{type(error).__name__}: {error}"}

def read(path):
    waveform, rate = decode.read(path)
    return {"samples": len(waveform), "rate": rate, "type": str(waveform.dtype)}

def info(path):
    found = decode.info(path)
    return {"duration": found.duration, "rate": found.sample_rate, "channels": found.channels}

root = Path(sys.argv[1])
with open(root / "odd_audio.csv", newline="") as table:
    for row in csv.DictReader(table):
        path = str(root / row["path"])
        print(json.dumps([row["path"]]), flush=True)  # whoever hangs has said his name
        started = time.monotonic()
        found = {"read": outcome(lambda: read(path)), "info": outcome(lambda: info(path))}
        print(json.dumps([row["path"], {**found, "seconds": time.monotonic() - started}]), flush=True)
"""

# neither of the reference's decoders reads these to the end; FFmpeg as a library gives what there is
GIVES_WHAT_THERE_IS = {"variable-block.flac", "04 - changing bitdepth.flac"}
# FFmpeg's program calls a file without any packet of sound "ok"
WITHOUT_SOUND = {"test2.wma"}


def odd_files() -> list[dict[str, str]]:
    if not (SHARED / "odd_audio.csv").exists():
        return []
    with (SHARED / "odd_audio.csv").open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


ODD = pytest.mark.parametrize("row", odd_files(), ids=lambda row: row["path"].split("/", 1)[1])


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    """Read all strange files in a process of its own, which may crash or hang without taking the tests along."""
    shared("odd_audio")
    try:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", READ_ALL, str(SHARED)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired as hanging:
        last = (hanging.stdout or b"").decode().splitlines()[-1]
        pytest.fail(f"hangs at {last}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"died at {lines[-1]}: {done.stderr[-2000:]}"
    return {line[0]: line[1] for line in lines if len(line) == 2}


@ODD
def test_a_strange_file_is_read_or_refused_by_name_and_at_once(row, outcomes):
    found = outcomes[row["path"]]
    readable = "ok" in (row["libsndfile"], row["ffmpeg"])
    name = Path(row["path"]).name

    assert "crashed" not in found["read"]
    assert "crashed" not in found["info"]
    assert found["seconds"] < 15
    if readable and name not in WITHOUT_SOUND:
        assert "refused" not in found["read"], found["read"]
        assert found["read"]["type"] == "float32"
    elif name not in GIVES_WHAT_THERE_IS:
        assert found["read"]["source"] == str(SHARED / row["path"])


@pytest.mark.parametrize(
    "row", [row for row in odd_files() if row["libsndfile"] == "ok"], ids=lambda row: row["path"].split("/", 1)[1]
)
def test_a_strange_file_is_as_long_as_libsndfile_says(row, outcomes):
    found = outcomes[row["path"]]
    if row["path"].endswith("/id3_frames.mp3"):  # its bit rate varies and no header counts: libsndfile stops early
        assert found["read"]["samples"] == 72576 > int(row["frames"])
        return

    assert (found["read"]["samples"], found["read"]["rate"]) == (int(row["frames"]), int(row["rate"]))
    assert (found["info"]["rate"], found["info"]["channels"]) == (int(row["rate"]), int(row["channels"]))


# --- an MP3 whose bit rate varies, without a header that says how long it is


def write_vbr(path, samples, rate=44100):
    """An MP3 as old encoders wrote it: loud parts take more bits, and nothing counts the packets."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 118 * 4
        for first in range(0, len(samples), 1152):
            frame = av.AudioFrame.from_ndarray(samples[None, first : first + 1152], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, first
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize("loud_first", [True, False])
def test_an_mp3_that_nobody_counted_is_read_to_its_end(tmp_path, loud_first):
    samples = (0.2 * np.random.RandomState(0).standard_normal(44100 * 30)).astype(np.float32)
    quiet = slice(44100 * 5, None) if loud_first else slice(0, 44100 * 5)
    samples[quiet] *= 0.02
    path = write_vbr(tmp_path / "a.mp3", samples)

    assert decode.info(path).duration == pytest.approx(30, abs=0.1)
    assert len(decode.read(path)[0]) == pytest.approx(30 * 44100, abs=4410)
    assert len(decode.read(path, 20.0, 21.0)[0]) == 44100


@pytest.mark.parametrize("rate", (8000, 16000, 22050, 44100))
def test_a_stretch_of_an_mp3_is_what_it_is_in_the_whole(tmp_path: Path, rate: int) -> None:
    wave = 0.3 * np.sin((np.arange(6 * rate) * 8000 / rate) ** 2 / 1e5)
    soundfile.write(tmp_path / "chirp.mp3", wave, rate)
    whole, _ = soundfile.read(tmp_path / "chirp.mp3")

    for start in np.arange(1.0, 5.0, 0.137):
        stretch, _ = decode.read(tmp_path / "chirp.mp3", start, start + 0.5)
        first = round(start * rate)
        assert np.abs(stretch - whole[first : first + len(stretch)]).max() < 1e-3
