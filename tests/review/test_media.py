"""The small files beside the page."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from PIL import Image

from mediaml.data import decode, decode_video, video
from mediaml.data.pictures.decode import read as decode_picture
from mediaml.errors import MissingExtraError
from mediaml.export.cutting.encode import encode_video
from mediaml.export.cutting.spans import Span
from mediaml.review import pictures, sounds, videos
from mediaml.review.items import Candidate
from mediaml.review.prepared import Prepared, Shelf, prepared
from mediaml.values.judgement import Sense
from tests.media import coloured, late_sound, numbered
from tests.shared_data import shared

full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "page", "0123456789")


def sound_of(path: Path, start: float = 0.0, end: float = 0.0) -> Candidate:
    return Candidate(source=str(path), kind="sound", sense="heard", start=start, end=end)


def grey(place: Path | io.BytesIO) -> npt.NDArray[np.float64]:
    with Image.open(place) as image:
        return np.asarray(image.convert("L"), float)


# -- sounds -----------------------------------------------------------------------------------------------------------


def clicks(place: Path, rate: int, seconds: float, *at: float) -> Path:
    samples = np.zeros(round(seconds * rate), np.float32)
    for second in at:
        samples[round(second * rate)] = 0.9
    soundfile.write(place, samples, rate)
    return place


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 96000])
def test_the_clip_has_the_stretch_where_it_says(rate: int, tmp_path: Path, shelf: Shelf) -> None:
    source = clicks(tmp_path / "clicks.wav", rate, 12.0, 5.0)

    made = sounds.make(sound_of(source, 4.5, 6.0), shelf)

    waveform, heard_rate = decode.read(shelf.folder / made.clip)
    assert (made.begins, made.ends, made.length) == pytest.approx((1.0, 2.5, 3.5), abs=1e-3)
    assert int(np.abs(waveform).argmax()) / heard_rate == pytest.approx(1.5, abs=0.002)
    assert len(waveform) / heard_rate == pytest.approx(3.5, abs=0.08)


def test_at_the_ends_of_a_recording_there_is_less_around_it(recording: Path, shelf: Shelf) -> None:
    first = sounds.make(sound_of(recording, 0.25, 1.0), shelf)
    last = sounds.make(sound_of(recording, 9.0, 10.0), shelf)

    assert (first.begins, first.ends, first.length) == pytest.approx((0.25, 1.0, 2.0))
    assert (last.begins, last.ends, last.length) == pytest.approx((1.0, 2.0, 2.0))


def test_a_stretch_without_length_is_all_of_the_recording(recording: Path, shelf: Shelf) -> None:
    made = sounds.make(sound_of(recording), shelf)

    assert (made.begins, made.ends) == pytest.approx((0.0, 10.0))
    assert made.note == ""


def test_of_a_long_stretch_the_first_minute_is_kept_and_it_says_so(tmp_path: Path, shelf: Shelf) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros(8000 * 200, np.float32), 8000)

    made = sounds.make(sound_of(tmp_path / "long.wav", 10.0, 190.0), shelf)

    assert (made.ends - made.begins, made.note) == (60.0, "the first 60 of 180 s")


def test_the_spectrogram_shows_where_the_sound_is(recording: Path, shelf: Shelf) -> None:
    made = sounds.make(sound_of(recording, 2.0, 4.0), shelf)  # 1 s of noise, 2 s of hum, 1 s of noise

    levels = grey(shelf.folder / made.picture)
    low = levels[-12:].mean(axis=0)
    assert levels.shape[1] > 400
    quarter = len(low) // 4
    assert low[quarter : 3 * quarter].mean() > 1.3 * np.concatenate([low[: quarter - 9], low[3 * quarter + 9 :]]).mean()


def test_a_quiet_recording_is_drawn_as_bright_as_a_loud_one() -> None:
    loud = 0.5 * np.sin(np.arange(16000) / 5).astype(np.float32)

    bright, faint = (grey(io.BytesIO(sounds.spectrogram(gain * loud, 8000))).max() for gain in (1.0, 0.01))

    assert faint == pytest.approx(bright, abs=8)


def test_no_sound_at_all_is_black() -> None:
    assert grey(io.BytesIO(sounds.spectrogram(np.zeros(8000, np.float32), 8000))).max() < 3


@pytest.mark.parametrize("samples", [1, 40, 1000])
def test_the_shortest_sounds_have_a_picture_too(samples: int, tmp_path: Path, shelf: Shelf) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(samples, np.float32), 8000)

    made = sounds.make(sound_of(tmp_path / "short.wav"), shelf)

    assert grey(shelf.folder / made.picture).shape[1] >= 1


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_pictures_are_turned_upright_and_made_small(shelf: Shelf) -> None:
    source = shared("odd_images", "exif-orientation", "Landscape_6.jpg")

    made = pictures.make(Candidate(source=str(source), kind="picture", sense="seen"), shelf)

    assert made.width is not None
    assert made.height is not None
    assert made.width > made.height
    with Image.open(shelf.folder / made.picture) as large, Image.open(shelf.folder / made.thumb) as small:
        assert max(large.size) == pictures.LARGE
        assert max(small.size) == pictures.SMALL
        assert large.width / large.height == pytest.approx(made.width / made.height, rel=0.01)
        assert not large.getexif()


# -- videos -----------------------------------------------------------------------------------------------------------


def test_a_clip_of_a_video_is_small_and_has_the_picture_that_is_judged(tmp_path: Path, shelf: Shelf) -> None:
    film = coloured(tmp_path / "film.mkv", [("red", 3.0), ("blue", 3.0)])
    one = Candidate(source=str(film), kind="video", sense="seen", start=3.5, end=4.5, time=4.0)

    made = videos.make(one, shelf)

    assert (made.begins, made.ends, made.length) == pytest.approx((1.0, 2.0, 3.0), abs=0.11)
    assert made.time == pytest.approx(4.0)
    assert (made.width, made.height) == (96, 64)
    red, _, blue = decode_picture(shelf.folder / made.picture).reshape(-1, 3).mean(axis=0)
    assert blue > 200 > 60 > red
    clip = str(shelf.folder / made.clip)
    assert video.frame_at(clip, 0.2).pixels is not None
    colours = [decode_video.pixels_of(shot).reshape(-1, 3).mean(axis=0) for shot in decode_video.shots(clip)]
    assert colours[2][0] > 200
    assert colours[8][2] > 200


def test_a_large_video_is_made_smaller(shelf: Shelf) -> None:
    source = shared("video", "cockatoo.mp4")

    made = videos.make(Candidate(source=str(source), kind="video", sense="seen", start=1.0, end=1.5), shelf)

    assert video.media_of(shelf.folder / made.clip).height == videos.SHORTER
    assert (made.width, made.height) == (1280, 720)
    assert made.time == pytest.approx(1.25, abs=0.05), "the middle of the stretch"


def test_what_is_heard_in_a_video_is_seen_as_a_spectrogram(tmp_path: Path, shelf: Shelf) -> None:
    film = numbered(tmp_path / "film.mp4", sound=True)

    made = videos.make(Candidate(source=str(film), kind="video", sense="heard", start=1.0, end=2.0), shelf)

    assert (shelf.folder / made.spectrogram).is_file()
    assert made.time is None
    assert video.media_of(shelf.folder / made.clip).has_sound


def test_the_spectrogram_of_a_film_whose_sound_begins_late_is_of_the_stretch(tmp_path: Path, shelf: Shelf) -> None:
    samples = 0.001 * np.random.RandomState(5).standard_normal(4 * 16000)
    samples[32000:48000] += 0.3 * np.sin(np.arange(16000) / 5)  # 2 s to 3 s: in the film 4 s to 5 s
    soundfile.write(tmp_path / "tone.wav", samples, 16000)
    film = late_sound(tmp_path / "film.mkv", tmp_path / "tone.wav", by=2.0)

    made = videos.make(Candidate(source=str(film), kind="video", sense="heard", start=4.0, end=5.0), shelf)

    loudest = grey(shelf.folder / made.spectrogram).max(axis=0)
    third = len(loudest) // 3
    assert loudest[third + 9 : 2 * third - 9].min() > 1.5 * loudest[: third - 9].mean()
    assert loudest[third + 9 : 2 * third - 9].min() > 1.5 * loudest[2 * third + 9 :].mean()


def test_a_missing_extra_is_the_problem_of_the_item(tmp_path: Path) -> None:
    def without(one: Candidate, shelf: Shelf) -> Prepared:
        raise MissingExtraError("reading videos needs av: pip install 'mediaml[video]'")

    (tmp_path / "film.mp4").write_bytes(b"film")
    made = prepared(Candidate(source=str(tmp_path / "film.mp4"), kind="video", sense="seen"), tmp_path, without)

    assert "pip install 'mediaml[video]'" in made.problem


@pytest.mark.parametrize(("sense", "time"), [("seen", 1.5), ("heard", None)])
def test_a_video_that_cannot_be_shown_keeps_the_time_of_its_picture(
    sense: Sense, time: float | None, tmp_path: Path
) -> None:
    (tmp_path / "film.mp4").write_bytes(b"film")
    one = Candidate(source=str(tmp_path / "film.mp4"), kind="video", sense=sense, start=1.0, end=2.0)

    made = prepared(one, tmp_path, videos.make)

    assert made.problem
    assert made.time == time


@full_disk
def test_a_full_disk_is_no_problem_of_the_item(recording: Path, tmp_path: Path) -> None:
    def fills(one: Candidate, shelf: Shelf) -> Prepared:
        return Prepared(clip=shelf.fill(".mp3", lambda place: Path("/dev/full").write_bytes(b"sound")))

    with pytest.raises(OSError, match="No space left"):
        prepared(sound_of(recording), tmp_path / "page", fills)


@full_disk
def test_a_disk_that_is_full_while_a_film_is_encoded_is_no_problem_of_the_item(tmp_path: Path) -> None:
    film = str(numbered(tmp_path / "film.mp4", seconds=1.0))

    def fills(one: Candidate, shelf: Shelf) -> Prepared:
        return Prepared(clip=shelf.fill(".mp4", lambda place: encode_video(film, Path("/dev/full"), Span(0.0, 1.0))))

    with pytest.raises(OSError, match="No space left"):
        prepared(Candidate(source=film, kind="video", sense="seen"), tmp_path / "page", fills)


def test_nothing_half_written_is_left_where_making_fails(tmp_path: Path) -> None:
    def fails(one: Candidate, shelf: Shelf) -> Prepared:
        shelf.fill(".mp3", lambda place: [place.write_bytes(b"half"), 1 / 0])
        return Prepared()

    (tmp_path / "a.wav").write_bytes(b"sound")
    made = prepared(sound_of(tmp_path / "a.wav"), tmp_path / "page", fails)

    assert made.problem == "division by zero"
    assert [path for path in (tmp_path / "page").rglob("*") if path.is_file()] == []
