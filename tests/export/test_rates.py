"""Frames and timecodes, against SMPTE's known ones, the package timecode, and exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timecode.timecode import Timecode

from mediaml.errors import ExportError
from mediaml.export.rates import Clock, clock_of, edit_rate, frames_of, timecode_of
from mediaml.values.geometry import Segment
from mediaml.values.media import FrameRate, Media
from tests.timelines import RATES, SOUND, video

DROP = {"29.97 drop": (2589408, 30), "59.94 drop": (5178816, 60)}  # frames a day, and what a timecode counts to


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        ("29.97 drop", 1799, "00:00:59;29"),
        ("29.97 drop", 1800, "00:01:00;02"),
        ("29.97 drop", 17981, "00:09:59;29"),
        ("29.97 drop", 17982, "00:10:00;00"),
        ("29.97 drop", 107892, "01:00:00;00"),
        ("29.97 drop", 2589407, "23:59:59;29"),
        ("59.94 drop", 3599, "00:00:59;59"),
        ("59.94 drop", 3600, "00:01:00;04"),
        ("59.94 drop", 35964, "00:10:00;00"),
        ("59.94 drop", 215784, "01:00:00;00"),
        ("29.97", 1800, "00:01:00:00"),
        ("29.97", 108000, "01:00:00:00"),
        ("59.94", 3600, "00:01:00:00"),
        ("23.976", 86400, "01:00:00:00"),
        ("24", 86399, "00:59:59:23"),
        ("25", 90000, "01:00:00:00"),
        ("30", 107999, "00:59:59:29"),
        ("50", 180000, "01:00:00:00"),
        ("60", 216000, "01:00:00:00"),
    ],
)
def test_known_timecodes(rate: str, frame: int, timecode: str) -> None:
    assert timecode_of(frame, RATES[rate]) == timecode
    assert frames_of(timecode, RATES[rate], RATES[rate], "a.mov") == frame


@pytest.mark.parametrize("rate", DROP)
@given(st.data())
def test_dropped_frames_are_those_that_another_package_drops(rate: str, data: st.DataObject) -> None:
    day, _ = DROP[rate]
    frame = data.draw(st.integers(0, day - 1))
    oracle = Timecode(rate.removesuffix(" drop"), frames=frame + 1)  # it counts from 1
    oracle.drop_frame = True
    assert timecode_of(frame, RATES[rate]) == str(oracle)
    assert frames_of(str(oracle), RATES[rate], RATES[rate], "a.mov") == frame


@pytest.mark.parametrize("rate", RATES)
@given(st.data())
def test_every_frame_of_a_day_has_a_timecode_of_its_own(rate: str, data: st.DataObject) -> None:
    day = DROP[rate][0] if rate in DROP else 86400 * round(RATES[rate].fps)
    frame = data.draw(st.one_of(st.integers(0, day - 1), st.integers(day - 5000, day - 1)))
    assert frames_of(timecode_of(frame, RATES[rate]), RATES[rate], RATES[rate], "a.mov") == frame


@pytest.mark.parametrize("rate", RATES)
def test_midnight_is_an_end_and_what_comes_after_it_is_refused(rate: str) -> None:
    day = DROP[rate][0] if rate in DROP else 86400 * round(RATES[rate].fps)
    assert timecode_of(day, RATES[rate]).replace(";", ":") == "00:00:00:00"
    with pytest.raises(ExportError, match=r"day\.mov: a timecode after midnight"):
        timecode_of(day + 1, RATES[rate], "day.mov")


@pytest.mark.parametrize(
    ("rate", "timecode"),
    [
        ("25", "1:00:00:00"),
        ("25", "01:00:00:25"),
        ("25", "01:60:00:00"),
        ("25", "24:00:00:00"),
        ("25", "-1:00:00:00"),
        ("25", "01:00:00;00"),  # nothing is dropped at 25
        ("29.97 drop", "00:01:00;00"),  # one of those that are dropped
        ("29.97 drop", "00:01:00;01"),
        ("59.94 drop", "00:01:00;03"),
        ("24", "noon"),
        ("24", ""),
    ],
)
def test_a_timecode_that_is_none_is_refused_by_the_files_name(rate: str, timecode: str) -> None:
    with pytest.raises(ExportError, match=r"^/a/news\.mov: its timecode .* is none at "):
        clock_of(video(rate, timecode), "/a/news.mov")


def test_the_last_sign_between_numbers_says_what_is_dropped() -> None:
    plain = video("29.97", "01:00:00;00")
    assert edit_rate(plain).drop_frame
    assert clock_of(plain, "a.mov").start == 107892
    assert clock_of(video("29.97 drop", "01:00:00:00"), "a.mov").start == 107892
    assert clock_of(video("29.97", "01:00:00:00"), "a.mov").start == 108000


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (24000, 1001, "23.976"),
        (2398, 100, "23.976"),
        (2997, 100, "29.97"),
        (5994, 100, "59.94"),
        (25, 2, "25"),
        (15000, 1001, "29.97"),
        (15, 1, "30"),
        (10, 1, "30"),
        (12, 1, "24"),
        (1, 1, "24"),
        (48, 1, "24"),
        (100, 1, "50"),
        (120, 1, "60"),
        (120000, 1001, "59.94"),
        (2987, 100, "29.97"),
        (26, 1, "25"),
        (1000, 1, "50"),
    ],
)
def test_other_rates_are_counted_at_one_that_editors_know(numerator: int, denominator: int, expected: str) -> None:
    rate = FrameRate(numerator=numerator, denominator=denominator)
    assert edit_rate(video(rate)) == RATES[expected]


def test_timecodes_of_fast_pictures_are_read_as_they_count() -> None:
    fast = video(FrameRate(numerator=120), "00:00:01:119")
    assert clock_of(fast, "a.mov").start == 119
    assert clock_of(video(FrameRate(numerator=100), "00:00:01:98"), "a.mov").start == 99


@pytest.mark.parametrize(
    ("numerator", "denominator", "timecode", "frame"),
    [
        (25, 2, "01:00:00:06", 90000 + 12),  # 0.48 s, at 25
        (25, 2, "01:00:00:12", 90000 + 24),
        (15, 2, "01:00:00:06", 108000 + 24),  # 0.8 s, at 30
        (15000, 1001, "01:00:00:07", 108000 + 14),
        (12, 1, "00:00:01:11", 24 + 22),
        (2398, 100, "00:00:00:23", 23),
        (239, 2, "00:00:01:118", 60 + 59),  # what a phone calls 120
        (116, 10, "00:00:01:11", 24 + 22),  # and what it calls 12
        (26, 1, "00:00:00:13", 13),  # the nearest is no multiple: it is counted as it stands
    ],
)
def test_the_last_number_of_a_timecode_is_a_picture_of_the_file(
    numerator: int, denominator: int, timecode: str, frame: int
) -> None:
    media = video(FrameRate(numerator=numerator, denominator=denominator), timecode)
    assert clock_of(media, "a.mov").start == frame


def test_sound_is_counted_25_times_a_second() -> None:
    assert clock_of(SOUND, "a.wav") == Clock(RATES["25"], 0, 1500)


@pytest.mark.parametrize("rate", RATES)
@given(
    start=st.floats(0, 90000),
    length=st.floats(0, 4000),
    duration=st.floats(0, 90000),
)
def test_no_frame_is_lost_and_none_invented(rate: str, start: float, length: float, duration: float) -> None:
    clock = clock_of(video(rate, duration=duration), "a.mov")
    exact = RATES[rate].fraction
    found = clock.frames(Segment(start=start, end=start + length))
    assert 0 <= found.start < found.end <= clock.length
    assert clock.length <= max(1, duration * exact + Fraction(1, 10))
    begin, end = Fraction(start) * exact, Fraction(start + length) * exact
    tiny = Fraction(1, 100_000)
    if end <= clock.length:
        assert found.start <= begin + tiny
        assert found.end >= end - tiny
        assert found.start > begin - 1 - tiny
        assert found.end < end + 1 + tiny or found.length == 1


@pytest.mark.parametrize("rate", RATES)
@given(first=st.integers(0, 5_000_000), length=st.integers(1, 5000))
def test_the_times_of_pictures_are_their_frames(rate: str, first: int, length: int) -> None:
    exact = RATES[rate].fraction
    clock = Clock(RATES[rate], 0, 10_000_000)
    segment = Segment(start=float(first / exact), end=float((first + length) / exact))
    assert clock.frames(segment) == (first, length)


def test_a_length_in_whole_milliseconds_loses_no_picture() -> None:
    for pictures in range(1, 2000):
        cut = math.floor(1000 * pictures * 1001 / 60000) / 1000  # as Matroska may write it
        length = clock_of(video("59.94", duration=cut), "a.mkv").length
        assert length == pictures


def test_a_sound_that_is_longer_than_its_pictures_adds_none() -> None:
    assert clock_of(video("25", duration=10.02), "a.mp4").length == 250  # an AAC frame more


def test_a_file_of_no_length_has_one_frame() -> None:
    clock = clock_of(Media(duration=0.0, sample_rate=8000, channels=1), "a.wav")
    assert clock.frames(Segment(start=0, end=0)) == (0, 1)
