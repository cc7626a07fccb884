"""Fixed windows over recordings, and which labels they carry."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data.windows import labels_within, windows
from mediaml.runtime.windows import covering_windows

SECONDS = st.floats(0.1, 30)
DURATIONS = st.floats(0, 600)


# --- segments of a dataset


@pytest.mark.parametrize(
    ("end", "seconds", "hop", "cut"),
    [
        (10.0, 5.0, None, [(0, 5), (5, 10)]),
        (12.5, 5.0, None, [(0, 5), (5, 10), (10, 12.5)]),  # half a window is left: it is one
        (12.4, 5.0, None, [(0, 5), (5, 10)]),  # less is dropped
        (3.0, 5.0, None, [(0, 3)]),  # shorter than a window
        (0.001, 5.0, None, [(0, 0.001)]),
        (5.0, 5.0, None, [(0, 5)]),
        (5.0, 5.0, 2.5, [(0, 5)]),  # what the window has heard already is not heard again
        (10.0, 5.0, 2.5, [(0, 5), (2.5, 7.5), (5, 10)]),
        (11.0, 5.0, 2.5, [(0, 5), (2.5, 7.5), (5, 10), (7.5, 11)]),
        (20.0, 5.0, 10.0, [(0, 5), (10, 15)]),  # with gaps
        (13.0, 5.0, 10.0, [(0, 5), (10, 13)]),
        (12.0, 5.0, 10.0, [(0, 5)]),
        (0.3, 0.2, None, [(0, 0.2), (0.2, 0.3)]),  # 0.3 - 0.2 is a hair less than 0.1
        (0.3, 0.1, None, [(0, 0.1), (0.1, 0.2), (0.2, 0.3)]),  # 3 * 0.1 is a hair more than 0.3
    ],
)
def test_known_cuts(end, seconds, hop, cut):
    found = list(windows(0.0, end, seconds, hop))

    assert [first for first, _ in found] == pytest.approx([first for first, _ in cut])
    assert [last for _, last in found] == pytest.approx([last for _, last in cut])


def test_a_cut_may_begin_anywhere():
    assert list(windows(2.0, 12.0, 5.0)) == [(2.0, 7.0), (7.0, 12.0)]


def test_a_stretch_without_length_is_a_window_without_length():
    assert list(windows(3.0, 3.0, 5.0)) == [(3.0, 3.0)]


@given(st.floats(0, 100), DURATIONS, SECONDS)
def test_windows_lie_side_by_side_and_cover_all_but_a_rest_of_half_a_window(start, duration, seconds):
    found = list(windows(start, start + duration, seconds))

    assert found[0][0] == pytest.approx(start, abs=1e-6)
    for (_, end), (next_start, _) in pairwise(found):
        assert end == pytest.approx(next_start, abs=2e-6)
    rest = start + duration - found[-1][1]
    assert -2e-6 <= rest < seconds / 2 + 2e-6


@given(DURATIONS, SECONDS, st.floats(0.05, 60))
def test_no_window_leaves_the_recording_or_is_too_long_or_too_short(duration, seconds, hop):
    found = list(windows(0.0, duration, seconds, hop))

    assert found
    for number, (start, end) in enumerate(found):
        assert start == pytest.approx(number * hop, abs=1e-5)
        assert 0 <= start <= end <= duration + 2e-6
        assert end - start <= seconds + 2e-6
        assert number == 0 or end - start >= seconds / 2 - 2e-6


@given(DURATIONS, SECONDS, st.floats(0.1, 0.99))
def test_every_overlapping_window_hears_something_new(duration, seconds, share):
    ends = [end for _, end in windows(0.0, duration, seconds, share * seconds)]

    assert ends == sorted(set(ends))


@pytest.mark.parametrize(
    ("seconds", "hop"),
    [(0, None), (-5, None), (float("nan"), None), (5, 0), (5, -1), (5, float("nan"))],
)
def test_windows_without_length_or_progress_are_refused(seconds, hop):
    with pytest.raises(ValueError, match="seconds > 0 and hop > 0"):
        list(windows(0.0, 10.0, seconds, hop))


# --- windows of a prediction


@pytest.mark.parametrize(
    ("duration", "seconds", "cover"),
    [
        (0.0, 5.0, [(0, 0)]),
        (2.0, 5.0, [(0, 2)]),
        (5.0, 5.0, [(0, 5)]),
        (5.2, 5.0, [(0, 5)]),  # a few samples too long
        (6.0, 5.0, [(0, 5), (1, 6)]),
        (10.0, 5.0, [(0, 5), (2.5, 7.5), (5, 10)]),
        (10.1, 5.0, [(0, 5), (2.5, 7.5), (5, 10)]),
        (11.0, 5.0, [(0, 5), (2.5, 7.5), (5, 10), (6, 11)]),
    ],
)
def test_known_covers(duration, seconds, cover):
    assert covering_windows(duration, seconds) == pytest.approx([pytest.approx(window) for window in cover])


@given(DURATIONS, SECONDS)
def test_a_cover_hears_everything_but_a_twentieth_of_a_window(duration, seconds):
    found = covering_windows(duration, seconds)

    assert found[0][0] == 0
    assert all(start <= previous_end for (_, previous_end), (start, _) in pairwise(found))
    assert found[-1][1] >= duration - 0.05 * seconds - 1e-9


@given(DURATIONS, SECONDS)
def test_a_cover_steps_by_at_most_half_a_window_and_never_stands_still(duration, seconds):
    starts = [start for start, _ in covering_windows(duration, seconds)]

    assert all(0 < after - before <= seconds / 2 + 1e-9 for before, after in pairwise(starts))


@given(DURATIONS, SECONDS)
def test_covering_windows_are_whole_and_inside_unless_the_recording_is_shorter(duration, seconds):
    found = covering_windows(duration, seconds)

    assert all(end <= duration + 1e-9 for _, end in found)
    if duration >= seconds:
        assert all(end - start == pytest.approx(seconds) for start, end in found)
    else:
        assert found == [(0.0, duration)]


# --- labels

CALL = [(2.0, 3.0, ("call",))]
SONG = [(0.0, 60.0, ("song",))]


@pytest.mark.parametrize(
    ("start", "end", "annotations", "labels"),
    [
        (0.0, 5.0, CALL, ("call",)),
        (0.0, 2.5, CALL, ("call",)),  # half of the call
        (2.5, 5.0, CALL, ("call",)),  # the other half
        (0.0, 2.4, CALL, ()),  # less than half
        (5.0, 10.0, CALL, ()),
        (10.0, 15.0, SONG, ("song",)),  # a small part of the song fills the window
        (57.5, 62.5, SONG, ("song",)),  # half of the window
        (58.0, 63.0, SONG, ()),
        (60.0, 65.0, SONG, ()),  # they touch
        (0.0, 5.0, CALL + SONG, ("call", "song")),
        (0.0, 5.0, CALL + CALL, ("call",)),
        (0.0, 5.0, [(1.0, 4.0, ("wind", "rain"))], ("rain", "wind")),
        (0.0, 5.0, [(1.0, 4.0, ())], ()),
        (0.0, 5.0, [], ()),
    ],
)
def test_known_labels(start, end, annotations, labels):
    assert labels_within(start, end, annotations) == labels


@pytest.mark.parametrize(("moment", "labels"), [(0.0, ("mark",)), (4.9, ("mark",)), (5.0, ()), (7.0, ())])
def test_a_mark_without_length_belongs_to_the_one_window_that_it_stands_in(moment, labels):
    assert labels_within(0.0, 5.0, [(moment, moment, ("mark",))]) == labels


@given(st.floats(0, 100), st.floats(0.01, 20), SECONDS)
def test_no_annotation_is_lost_between_windows(start, length, seconds):
    cut = windows(0.0, start + length + 2 * seconds, seconds)

    assert any(labels_within(first, last, [(start, start + length, ("call",))]) for first, last in cut)


@given(st.floats(0, 10), st.floats(0.001, 10), st.floats(0, 10), st.floats(0, 10))
def test_what_fills_the_whole_window_labels_it_and_what_does_not_touch_it_does_not(start, length, before, after):
    end = start + length

    assert labels_within(start, end, [(start - before, end + after, ("sea",))]) == ("sea",)
    assert labels_within(start, end, [(end + 0.1, end + 0.1 + after, ("sea",))]) == ()
