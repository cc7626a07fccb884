"""Pictures of videos: the ones that ffmpeg shows, at the times at which it shows them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from PIL import Image

from mediaml.data import video
from mediaml.data.sampling import Sampling
from mediaml.errors import AudioError, DataError, VideoError
from tests.media import ffmpeg, numbered, shown_times
from tests.shared_data import shared

ALL = Sampling(every=0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos of all kinds."""
    folder = tmp_path_factory.mktemp("videos")
    plain = numbered(folder / "plain.mp4", sound=True)
    drop = ("-timecode", "01:00:00;00", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")
    numbered(folder / "drop.mov", *drop, rate="30000/1001", sound=True)
    numbered(folder / "59.mp4", rate="60000/1001", seconds=1)
    ffmpeg("-i", plain, "-vf", "select='not(mod(n,3))+not(mod(n,7))'", "-fps_mode", "vfr", folder / "varies.mkv")
    for degrees in (90, 180, -90):
        ffmpeg("-display_rotation:v:0", str(degrees), "-i", plain, "-c", "copy", folder / f"turned{degrees}.mp4")
    ffmpeg("-i", plain, "-c:v", "copy", "-an", "-bsf:v", "h264_mp4toannexb", "-f", "h264", folder / "raw.h264")
    ffmpeg("-i", plain, "-c", "copy", folder / "stream.ts")
    pal = ("-vf", "scale=720:576,setsar=16/15", "-c:v", "mpeg2video", "-t", "1")
    ffmpeg("-i", plain, *pal, folder / "pal.mpg")
    return folder


KINDS = ("plain.mp4", "drop.mov", "59.mp4", "varies.mkv", "turned90.mp4", "raw.h264", "stream.ts", "pal.mpg")


@pytest.mark.parametrize("name", KINDS)
def test_every_picture_has_the_time_that_ffmpeg_gives_it(made, name):
    times = [frame.time for frame in video.frames(made / name, ALL, 16)]

    assert times == pytest.approx(shown_times(made / name), abs=1e-5)


@pytest.mark.parametrize("name", ["bottle-detection.mp4", "cockatoo.mp4", "realshort.mp4"])
def test_so_it_is_in_real_videos(name):
    path = shared("video", name)

    times = [frame.time for frame in video.frames(path, ALL, 16)]

    assert times == pytest.approx(shown_times(path), abs=1e-5)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_pictures_stand_as_ffmpeg_turns_them(made, tmp_path, degrees):
    ffmpeg("-i", made / f"turned{degrees}.mp4", "-frames:v", "1", tmp_path / "first.png")

    first = next(video.frames(made / f"turned{degrees}.mp4", ALL))

    expected = np.asarray(Image.open(tmp_path / "first.png").convert("RGB"))
    assert first.pixels is not None
    assert np.array_equal(first.pixels, expected)


def test_old_television_is_as_wide_as_it_was_on_the_screen(made):
    media = video.media_of(made / "pal.mpg")

    assert (media.width, media.height) == (768, 576)


@pytest.mark.parametrize(
    ("name", "rate", "code"),
    [
        ("plain.mp4", (25, 1, False), None),
        ("drop.mov", (30000, 1001, True), "01:00:00;00"),
        ("59.mp4", (60000, 1001, False), None),
        ("raw.h264", (25, 1, False), None),
    ],
)
def test_rates_and_timecodes_are_exact(made, name, rate, code):
    media = video.media_of(made / name)

    assert media.frame_rate is not None
    assert (media.frame_rate.numerator, media.frame_rate.denominator, media.frame_rate.drop_frame) == rate
    assert media.start_timecode == code


def test_a_file_says_whether_it_has_picture_and_sound(made, tmp_path):
    soundfile.write(tmp_path / "tone.wav", np.zeros((800, 2)), 8000)

    both, picture = video.media_of(made / "plain.mp4"), video.media_of(made / "raw.h264")
    sound = video.media_of(tmp_path / "tone.wav")

    assert (both.has_picture, both.has_sound, both.sample_rate) == (True, True, 16000)
    assert (picture.has_picture, picture.has_sound) == (True, False)
    assert (sound.has_picture, sound.has_sound, sound.channels) == (False, True, 2)
    assert picture.duration == pytest.approx(4.0, abs=0.05)


def test_by_time_the_first_picture_at_or_after_each_step_is_taken(made):
    found = [(frame.number, frame.time) for frame in video.frames(made / "varies.mkv", Sampling(every=0.5), 16)]

    times = shown_times(made / "varies.mkv")
    expected = [next(time for time in times if time >= step / 2 - 1e-6) for step in range(8)]
    assert [time for _, time in found] == pytest.approx(expected, abs=1e-5)
    assert [times[number] for number, _ in found] == pytest.approx(expected, abs=1e-5)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of 4 s."""
    path = tmp_path_factory.mktemp("cut") / "cut.mp4"
    bottles, bird = shared("video", "bottle-detection.mp4"), shared("video", "cockatoo.mp4")
    alike = "scale=320:180,setsar=1,fps=25"
    parts = f"[0:v]trim=0:4,setpts=PTS-STARTPTS,{alike}[a];[1:v]trim=0:4,setpts=PTS-STARTPTS,{alike}[b];"
    parts += f"[0:v]trim=10:14,setpts=PTS-STARTPTS,{alike}[c];[a][b][c]concat=n=3:v=1"
    ffmpeg("-i", bottles, "-i", bird, "-filter_complex", parts, "-an", path)
    return path


def test_at_cuts_the_first_picture_of_each_scene_is_taken(cut):
    times = [frame.time for frame in video.frames(cut, Sampling(every=None, scenes=True), 16)]

    assert times == pytest.approx([0, 4, 8], abs=0.1)


def test_both_together_give_each_picture_once_and_in_order(cut):
    times = [frame.time for frame in video.frames(cut, Sampling(every=3, scenes=True), 16)]

    assert times == sorted(set(times))
    assert times == pytest.approx([0, 3, 4, 6, 8, 9, 12], abs=0.1)


def test_a_still_picture_is_looked_at_once_and_a_small_thing_that_comes_in_is_noticed(tmp_path):
    still = "color=gray:size=320x240:rate=10:duration=6,noise=alls=4:allf=t"
    ffmpeg("-f", "lavfi", "-i", still, tmp_path / "still.mp4")
    ffmpeg("-i", tmp_path / "still.mp4", "-vf", "drawbox=40:40:50:50:red:fill:enable='gte(t,3)'", tmp_path / "in.mp4")

    def new(name):
        frames = video.frames(tmp_path / name, Sampling(every=1, skip_similar=True))
        return [round(frame.time) for frame in frames if frame.pixels is not None]

    assert new("still.mp4") == [0]
    assert new("in.mp4") == [0, 3]


@pytest.mark.parametrize("time", [0.0, 0.61, 2.0, 3.99, 60.0])
def test_the_picture_at_a_time_is_the_one_that_is_shown_then(made, time):
    shown = [frame for frame in video.frames(made / "plain.mp4", ALL) if frame.time <= time + 1e-6][-1]

    found = video.frame_at(made / "plain.mp4", time)

    assert found.number == shown.number
    assert found.time == pytest.approx(shown.time)
    assert found.pixels is not None
    assert shown.pixels is not None
    assert np.array_equal(found.pixels, shown.pixels)


def test_smaller_pictures_know_how_large_they_were(made):
    frame = next(video.frames(made / "pal.mpg", ALL, 144))

    assert frame.pixels is not None
    assert frame.pixels.shape == (144, 192, 3)
    assert (frame.width, frame.height) == (768, 576)


# -- what is no video -------------------------------------------------------------------------------------------------


def test_sound_alone_is_refused_and_says_who_hears_it(made, tmp_path):
    cover = tmp_path / "cover.png"
    Image.new("RGB", (64, 64), "red").save(cover)
    ffmpeg("-i", made / "plain.mp4", "-vn", "-c:a", "copy", tmp_path / "sound.m4a")
    art = ("-map", "0:a", "-map", "1:v", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", made / "plain.mp4", "-i", cover, *art, tmp_path / "art.mp4")

    for name in ("sound.m4a", "art.mp4"):
        with pytest.raises(VideoError, match=f"{name}.*only sound: sound models hear it"):
            list(video.frames(tmp_path / name, ALL))
        assert not video.media_of(tmp_path / name).has_picture


def test_what_is_no_file_or_no_video_is_named(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.mp4").write_bytes(os.urandom(5000))

    for path, reason in (("none.mp4", "no such file"), (".", "a folder"), ("empty.mp4", "empty"), ("noise.mp4", "FF")):
        with pytest.raises(VideoError, match=reason):
            list(video.frames(tmp_path / path, ALL))
        with pytest.raises((VideoError, AudioError)):
            video.media_of(tmp_path / path)


@pytest.mark.parametrize("start", [0.3, 0.5, 0.9])
def test_damage_in_the_middle_costs_the_pictures_there(made, tmp_path, start):
    content = bytearray((made / "stream.ts").read_bytes())
    place = int(start * len(content))
    content[place : place + 2000] = os.urandom(2000)
    (tmp_path / "damaged.ts").write_bytes(content)

    times = [frame.time for frame in video.frames(tmp_path / "damaged.ts", ALL, 16)]

    assert times == sorted(times)
    assert len(times) > 30


def test_half_a_file_gives_half_the_pictures_or_says_why_not(made, tmp_path):
    for name in ("plain.mp4", "varies.mkv", "stream.ts"):
        content = (made / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        try:
            found = list(video.frames(tmp_path / name, ALL, 16))
        except DataError as error:
            assert name in str(error)
        else:
            assert found


def test_the_memory_does_not_grow_with_the_video(tmp_path):
    numbered(tmp_path / "long.mp4", rate="25", seconds=40)
    process = psutil.Process()
    held = []
    for frame in video.frames(tmp_path / "long.mp4", Sampling(every=0), 16):
        if frame.number in (100, 999):
            held.append(process.memory_info().rss)

    assert held[1] - held[0] < 30e6
