"""Clips of sound files: to the sample where nothing is lost, to the packet elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mediaml.export.clips import export_clips
from tests.export.filmed import SOUND, ffmpeg, find, heard
from tests.shared_data import shared

RATE = 44100
EXACT = (
    *(("wav", "WAV", kind) for kind in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")),
    *(("flac", "FLAC", kind) for kind in ("PCM_S8", "PCM_16", "PCM_24")),
    *(("aiff", "AIFF", kind) for kind in ("PCM_16", "PCM_24")),
    *(("caf", "CAF", "PCM_24"), ("caf", "CAF", "ALAC_16"), ("w64", "W64", "PCM_16"), ("au", "AU", "PCM_16")),
    *(("wav", "WAVEX", "PCM_24"), ("wav", "RF64", "PCM_16")),
)


@pytest.mark.parametrize(("suffix", "container", "subtype"), EXACT)
@pytest.mark.parametrize("channels", (1, 2, 6))
def test_samples_are_the_same_bit_by_bit(
    tmp_path: Path, suffix: str, container: str, subtype: str, channels: int
) -> None:
    source = tmp_path / f"whole.{suffix}"
    samples = np.random.RandomState(3).uniform(-1, 1, (3 * RATE, channels))
    soundfile.write(source, samples, RATE, subtype, format=container)
    (clip,) = export_clips([find(source, 1.2345, 2.3456)], tmp_path / "out")

    assert clip.path is not None and clip.path.suffix == f".{suffix}" and clip.copied
    before, after = soundfile.info(source), soundfile.info(clip.path)
    assert (after.format, after.subtype, after.samplerate, after.channels) == (
        *(before.format, before.subtype, RATE, channels),
    )
    first, last = round(1.2345 * RATE), int(np.ceil(2.3456 * RATE))
    kind = "float64" if subtype in ("FLOAT", "DOUBLE") else "int32"
    expected, _ = soundfile.read(source, start=first, stop=last, dtype=kind, always_2d=True)
    assert np.array_equal(soundfile.read(clip.path, dtype=kind, always_2d=True)[0], expected)
    assert clip.start == first / RATE


def test_samples_above_full_scale_stay(tmp_path: Path) -> None:
    loud = np.asarray(np.linspace(-3, 3, RATE), np.float32)
    soundfile.write(tmp_path / "loud.wav", loud, RATE, "FLOAT")
    (clip,) = export_clips([find(tmp_path / "loud.wav", 0, 1)], tmp_path / "out")

    assert np.array_equal(soundfile.read(clip.path, dtype="float32")[0], loud)


def test_big_endian_stays_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "far.wav", np.zeros(RATE), RATE, "PCM_16", endian="BIG")
    (clip,) = export_clips([find(tmp_path / "far.wav", 0, 0.5)], tmp_path / "out")
    assert clip.path is not None and clip.path.read_bytes()[:4] == b"RIFX"


def test_title_and_artist_are_kept(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "named.flac", "w", RATE, 1) as file:
        file.title, file.artist = "Dawn", "Łucja"
        file.write(np.zeros(RATE))
    (clip,) = export_clips([find(tmp_path / "named.flac", 0, 0.5)], tmp_path / "out")
    with soundfile.SoundFile(clip.path) as file:
        assert (file.title, file.artist) == ("Dawn", "Łucja")


def test_a_truncated_recording_gives_what_is_there(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whole.wav", np.zeros(10 * RATE), RATE)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[: 44 + 2 * 3 * RATE])
    first, second = export_clips([find(tmp_path / "cut.wav", 2, 8), find(tmp_path / "cut.wav", 4, 5)], tmp_path / "out")

    assert first.path is not None and soundfile.info(first.path).duration == 1
    assert second.error == "it ends at 3.000 s, before 4.000 s"


def lossy(path: Path, *options: str) -> Path:
    done = ffmpeg("-v", "error", "-y", "-f", "lavfi", "-i", f"{SOUND}:d=8", *options, path)
    assert done.returncode == 0, done.stderr.decode()
    return path


COMPRESSED = (
    ("mp3", ("-b:a", "128k"), 0.2),
    ("mp3", ("-q:a", "2"), 0.3),  # of variable rate
    ("mp3", ("-ar", "16000", "-b:a", "24k"), 0.7),
    ("ogg", ("-c:a", "libvorbis"), 0.15),
    ("opus", ("-c:a", "libopus"), 0.15),
    ("m4a", ("-aac_pns", "0"), 0.0),
    ("m4a", ("-c:a", "alac"), 0.0),
    ("aac", ("-aac_pns", "0"), 0.15),
    ("mka", ("-c:a", "aac", "-aac_pns", "0"), 0.15),
    ("wma", (), 0.15),
    ("wav", ("-c:a", "adpcm_ms"), 0.3),
)


@pytest.mark.parametrize(("suffix", "options", "earlier"), COMPRESSED)
def test_packets_are_copied_from_the_start_or_a_little_before(
    tmp_path: Path, suffix: str, options: tuple[str, ...], earlier: float
) -> None:
    source = lossy(tmp_path / f"whole.{suffix}", *options)
    (clip,) = export_clips([find(source, 3.21, 5.0)], tmp_path / "out")

    assert clip.error is None and clip.path is not None and clip.start is not None
    assert clip.copied and clip.path.suffix == f".{suffix}"
    assert 3.21 - earlier - 1e-6 <= clip.start <= 3.21 + 1e-6
    whole, got = heard(source), heard(clip.path)
    assert clip.start + len(got) / 48000 >= 5.0
    # from the wanted start on the clip sounds as its source does, and at the same time
    skip, length, around = round((3.21 - clip.start) * 48000) + 4800, 48000, 4800
    place = round(clip.start * 48000) + skip
    lag, likeness = _lag(whole[place - around : place + length + around], got[skip : skip + length])
    assert likeness > 0.99
    if suffix == "wma":
        lag += 4128  # ffmpeg writes WMA from its first sample on, which is at 0.086 s
    assert abs(lag - around) <= (2 if earlier == 0 else 48)  # a millisecond


def _lag(whole: np.ndarray, piece: np.ndarray) -> tuple[int, float]:
    """Where a piece lies in a longer one, by correlation, and how like it is there."""
    from scipy.signal import correlate

    found = int(np.argmax(correlate(whole, piece, "valid", "fft")))
    return found, float(np.corrcoef(whole[found : found + len(piece)], piece)[0, 1])


def test_m4a_is_exact_to_the_sample(tmp_path: Path) -> None:
    source = lossy(tmp_path / "whole.m4a", "-aac_pns", "0")
    (clip,) = export_clips([find(source, 3.21, 5.0)], tmp_path / "out")

    got, first = heard(clip.path or source), round(3.21 * 48000)
    assert np.abs(got - heard(source)[first : first + len(got)])[: round(1.7 * 48000)].max() < 1e-4


def test_the_start_of_a_compressed_file_can_be_cut(tmp_path: Path) -> None:
    for suffix, options, _ in COMPRESSED:
        source = lossy(tmp_path / f"whole.{suffix}", *options)
        (clip,) = export_clips([find(source, 0, 1.0)], tmp_path / "out" / suffix)
        assert clip.start == pytest.approx(0, abs=0.09) and clip.path is not None
        assert len(heard(clip.path)) >= 0.9 * 48000


def test_what_is_behind_the_end_of_a_compressed_file_is_an_error(tmp_path: Path) -> None:
    source = lossy(tmp_path / "whole.mp3")
    (clip,) = export_clips([find(source, 20, 21)], tmp_path / "out")
    assert clip.path is None and clip.error is not None and "it ends at" in clip.error


def test_what_no_container_takes_becomes_flac(tmp_path: Path) -> None:
    source = lossy(tmp_path / "whole.m4a", "-aac_pns", "0").rename(tmp_path / "whole.odd")
    (clip,) = export_clips([find(source, 3.21, 5.0)], tmp_path / "out")

    assert clip.path is not None and clip.path.suffix == ".flac" and not clip.copied
    got, first = heard(clip.path), round(3.21 * 48000)
    assert len(got) == round(1.79 * 48000)
    assert np.abs(got - heard(source)[first : first + len(got)]).max() < 1e-4


def test_real_recordings_are_cut(tmp_path: Path) -> None:
    speech = shared("audio", "librispeech", "2609", "2609-156975-0002.flac")
    helicopter = shared("audio", "esc10", "helicopter", "2-37806-B.ogg")
    first, second = export_clips([find(speech, 1, 2.5), find(helicopter, 1, 2.5)], tmp_path)

    whole, rate = soundfile.read(speech, dtype="int16")
    assert np.array_equal(soundfile.read(first.path, dtype="int16")[0], whole[rate : rate * 5 // 2])
    assert second.copied and second.start == pytest.approx(1, abs=0.15)
    got, skip = heard(second.path or helicopter), 9600
    place = round((second.start or 0) * 48000) + skip
    lag, likeness = _lag(heard(helicopter)[place - 960 : place + 24960], got[skip : skip + 24000])
    assert likeness > 0.99 and abs(lag - 960) <= 48
