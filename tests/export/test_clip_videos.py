"""Clips of videos: their packets, from the picture that is asked for or from the key picture before it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mediaml.export.clips import Clipped, export_clips
from mediaml.export.cutting.timecodes import moved_on
from tests.export.filmed import FPS, ffmpeg, film, find, h264, heard, seen, told
from tests.shared_data import shared


def cut(source: Path, start: float, end: float, margin: float = 0.0) -> Clipped:
    """Cut one clip."""
    (clip,) = export_clips([find(source, start, end)], source.parent / "out", margin=margin)
    assert clip.error is None and clip.path is not None and clip.start is not None, clip.error
    return clip


@pytest.fixture(scope="module")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "match.mp4", *h264())


@pytest.mark.parametrize("suffix", (".mp4", ".mov", ".m4v"))
@pytest.mark.parametrize(("start", "end"), ((3.1, 5.0), (2.0, 2.04), (0.0, 1.0), (1.96, 4.02), (5.5, 6.0), (3.1, 99)))
def test_mp4_begins_at_the_picture_of_the_start(
    mp4: Path, tmp_path: Path, suffix: str, start: float, end: float
) -> None:
    source = mp4
    if suffix != ".mp4":
        source = tmp_path / f"match{suffix}"
        assert ffmpeg("-i", mp4, "-c", "copy", "-f", "mov" if suffix == ".mov" else "mp4", source).returncode == 0
    clip = cut(source, start, end)

    assert clip.path is not None and clip.copied and clip.path.suffix == suffix
    first, last = int(start * FPS + 1e-6), min(6 * FPS, int(np.ceil(end * FPS - 1e-6))) - 1
    numbers = seen(clip.path)
    assert numbers == list(range(first, first + len(numbers)))  # in order, none left out
    assert last <= numbers[-1] <= last + 4  # up to the end of a group of B-frames
    assert clip.start == pytest.approx(first / FPS, abs=1e-4)


def test_the_sound_of_an_mp4_is_that_of_its_pictures(mp4: Path) -> None:
    clip = cut(mp4, 3.1, 5.0)
    assert clip.path is not None and clip.start is not None
    got, first = heard(clip.path), round(clip.start * 48000)
    assert len(got) >= 1.9 * 48000
    assert np.abs(got - heard(mp4)[first : first + len(got)]).max() < 1e-3


@pytest.mark.parametrize(
    ("suffix", "options"),
    (
        (".mkv", h264()),
        (".ts", h264()),
        (".flv", h264("-ar", "44100")),
        (".mpg", ("-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-q:v", "2", "-sc_threshold", "1000000000")),
        (".avi", ("-c:v", "mjpeg", "-q:v", "2", "-c:a", "pcm_s16le")),
        (".avi", ("-c:v", "mpeg4", "-bf", "2", "-q:v", "2", "-c:a", "libmp3lame")),
        (".webm", ("-c:v", "libvpx", "-b:v", "1M", "-g", "50", "-c:a", "libvorbis")),
        (".wmv", ("-c:v", "wmv2", "-q:v", "2", "-c:a", "wmav2")),
        (".mxf", ("-c:v", "mpeg2video", "-q:v", "2", "-c:a", "pcm_s16le")),
    ),
)
def test_elsewhere_a_clip_begins_at_the_key_picture_before(
    tmp_path: Path, suffix: str, options: tuple[str, ...]
) -> None:
    source = film(tmp_path / f"match{suffix}", *options)
    clip = cut(source, 3.1, 5.0)

    assert clip.path is not None and clip.start is not None and clip.copied and clip.path.suffix == suffix
    whole, numbers = seen(source), seen(clip.path)
    first = whole.index(numbers[0])
    assert whole[first : first + len(numbers)] == numbers
    assert numbers[0] <= 77 and numbers[-1] >= 124
    # an AVI with B-frames only says when pictures are decoded, not when they are shown
    assert clip.start == pytest.approx((numbers[0] - whole[0]) / FPS, abs=0.05)
    assert len(heard(clip.path)) / 48000 == pytest.approx(5 - clip.start, abs=0.15)


@pytest.mark.parametrize("codec", (("libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error"), ("mpeg4",)))
def test_other_codecs_in_an_mp4_keep_their_tags(tmp_path: Path, codec: tuple[str, ...]) -> None:
    source = film(tmp_path / "match.mp4", "-c:v", *codec, "-c:a", "aac", sound=True)
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and clip.copied and seen(clip.path)[0] == 77
    assert ("hvc1" if codec[0] == "libx265" else "mp4v") in told(clip.path)


def test_a_timecode_moves_on(tmp_path: Path) -> None:
    source = film(
        tmp_path / "match.mov",
        *("-c:v", "libx264", "-g", "50", "-bf", "3", "-c:a", "pcm_s24le", "-timecode", "01:00:00;00"),
        fps="30000/1001",
    )
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and seen(clip.path)[0] == 92
    assert "timecode        : 01:00:03;02" in told(clip.path)  # picture 92, counted at 30 a second
    assert "pcm_s24le" in told(clip.path)


@pytest.mark.parametrize(
    ("code", "seconds", "rate", "expected"),
    (
        ("01:00:00:00", 3.08, Fraction(25), "01:00:03:02"),
        ("00:00:59;29", Fraction(1001, 30000), Fraction(30000, 1001), "00:01:00;02"),
        ("00:09:59;29", Fraction(1001, 30000), Fraction(30000, 1001), "00:10:00;00"),
        ("00:00:59;59", Fraction(1001, 60000), Fraction(60000, 1001), "00:01:00;04"),
        ("00:00:00;00", 3600, Fraction(30000, 1001), "01:00:00;00"),
        ("00:00:00:00", 3600, Fraction(30000, 1001), "00:59:56:12"),
        ("23:59:59:24", 0.04, Fraction(25), "00:00:00:00"),
        ("noon", 1, Fraction(25), None),
    ),
)
def test_timecodes_are_counted_as_smpte_counts(code: str, seconds: float, rate: Fraction, expected: str | None) -> None:
    assert moved_on(code, float(seconds), rate) == expected


@pytest.mark.parametrize("code", ("00:00:00;00", "01:00:00;00", "10:10:59;28"))
def test_timecodes_agree_with_another_library(code: str) -> None:
    from timecode import Timecode  # type: ignore[attr-defined]

    for pictures in (*range(1, 4000, 37), 17981, 17982, 17983, 107892):
        other = Timecode("29.97", code) + pictures
        assert moved_on(code, float(pictures * Fraction(1001, 30000)), Fraction(30000, 1001)) == str(other)


def test_a_turned_video_stays_turned(mp4: Path, tmp_path: Path) -> None:
    source = tmp_path / "phone.mp4"
    assert ffmpeg("-display_rotation", "90", "-i", mp4, "-c", "copy", source).returncode == 0
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and "rotation of 90.00 degrees" in told(clip.path) and seen(clip.path)[0] == 77


def test_wide_pixels_stay_wide(tmp_path: Path) -> None:
    for suffix in (".mp4", ".mkv"):
        clip = cut(film(tmp_path / f"old{suffix}", "-vf", "setsar=64/45", *h264(), seconds=4), 1, 2)
        assert clip.path is not None and "SAR 64:45" in told(clip.path)


def test_all_sound_tracks_and_what_is_said_of_them_are_kept(mp4: Path, tmp_path: Path) -> None:
    source = tmp_path / "two.mp4"
    said = ("-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=fra", "-metadata", "title=Derby")
    assert ffmpeg("-i", mp4, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", *said, source).returncode == 0
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None
    text = told(clip.path)
    assert "(deu): Audio: aac" in text and "(fra): Audio: aac" in text and "Derby" in text


def test_a_video_without_sound_is_cut(tmp_path: Path) -> None:
    source = film(tmp_path / "mute.mp4", "-c:v", "libx264", "-g", "50", "-bf", "2", sound=False, seconds=4)
    clip = cut(source, 3.1, 3.5)
    assert clip.path is not None and seen(clip.path)[:10] == list(range(77, 87))


def test_sound_that_ends_early_does_not_matter(tmp_path: Path, mp4: Path) -> None:
    source = tmp_path / "short.mp4"
    done = ffmpeg("-i", mp4, "-t", "1", "-i", mp4, "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    assert done.returncode == 0
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and seen(clip.path)[0] == 77


def test_a_clip_of_a_clip_is_as_exact(mp4: Path, tmp_path: Path) -> None:
    first = cut(mp4, 2.6, 5.5)
    assert first.path is not None
    (tmp_path / "one.mp4").write_bytes(first.path.read_bytes())
    second = cut(tmp_path / "one.mp4", 1.0, 2.0)
    start = cut(tmp_path / "one.mp4", 0.0, 1.0)
    assert second.path is not None and seen(second.path)[:25] == list(range(90, 115))
    assert start.path is not None and seen(start.path)[:25] == list(range(65, 90))


def test_a_picture_of_a_video_becomes_a_second(mp4: Path) -> None:
    clip = cut(mp4, 3.0, 3.0)
    assert clip.path is not None
    numbers = seen(clip.path)
    assert numbers[0] == 62 and 86 <= numbers[-1] <= 91


def test_what_is_behind_the_end_is_an_error(mp4: Path, tmp_path: Path) -> None:
    (clip,) = export_clips([find(mp4, 7, 8)], tmp_path)
    assert clip.path is None and clip.error == "it ends at 6.000 s, before 7.000 s"


def test_a_codec_that_the_container_does_not_take_goes_to_mkv(tmp_path: Path) -> None:
    source = film(tmp_path / "match.mkv", "-c:v", "ffv1", "-c:a", "flac", seconds=4).rename(tmp_path / "match.mpg")
    clip = cut(source, 2.1, 3.0)
    assert clip.path is not None and clip.copied and clip.path.suffix == ".mkv"
    assert set(range(53, 75)) <= set(seen(clip.path))


def test_a_raw_stream_is_encoded_anew(tmp_path: Path) -> None:
    source = film(tmp_path / "match.h264", "-c:v", "libx264", "-g", "50", "-bf", "3", "-crf", "10", sound=False)
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and not clip.copied and clip.path.suffix == ".mp4"
    assert seen(clip.path) == list(range(77, 125))
    assert clip.start == pytest.approx(3.08)


def test_what_is_encoded_anew_has_its_sound_and_is_upright(mp4: Path, tmp_path: Path, monkeypatch) -> None:
    from mediaml.export.cutting import ways
    from mediaml.export.cutting.spans import CannotCopyError

    def refuse(*arguments: object) -> None:
        raise CannotCopyError("no")

    monkeypatch.setattr(ways, "copy_packets", refuse)
    source = tmp_path / "phone.mp4"
    assert ffmpeg("-display_rotation", "90", "-i", mp4, "-c", "copy", source).returncode == 0
    clip = cut(source, 3.1, 5.0)
    assert clip.path is not None and clip.start is not None and not clip.copied
    assert "64x192" in told(clip.path) and "rotation" not in told(clip.path)
    got, first = heard(clip.path), round(clip.start * 48000)
    assert len(got) / 48000 == pytest.approx(1.92, abs=0.05)
    assert np.corrcoef(got[4800:81600], heard(mp4)[first + 4800 : first + 81600])[0, 1] > 0.98


def test_a_damaged_video_gives_what_it_has_or_an_error(mp4: Path, tmp_path: Path) -> None:
    whole = mp4.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # the index is at the end
    (tmp_path / "holes.mp4").write_bytes(whole[:40000] + bytes(3000) + whole[43000:])
    first, second = export_clips([find(tmp_path / "cut.mp4", 1, 2), find(tmp_path / "holes.mp4", 1, 2)], tmp_path)
    assert first.error is not None and first.error.startswith("FFmpeg: ")
    assert second.path is not None


@pytest.mark.parametrize("name", ("bottle-detection.mp4", "cockatoo.mp4", "realshort.mp4"))
def test_real_videos_are_cut(tmp_path: Path, name: str) -> None:
    source = shared("video", name)
    (clip,) = export_clips([find(source, 0.5, 1.1)], tmp_path)

    assert clip.error is None and clip.path is not None and clip.copied and clip.start == pytest.approx(0.5, abs=0.06)
    assert _hashes(clip.path)[0] in _hashes(source)
    everything, mine = _hashes(source), _hashes(clip.path)
    first = everything.index(mine[0])
    assert everything[first : first + len(mine)] == mine


def _hashes(path: Path) -> list[str]:
    done = ffmpeg("-v", "error", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    return [line.split(",")[-1].strip() for line in done.stdout.decode().splitlines() if not line.startswith("#")]
