"""Things are followed by how much their boxes overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.backends.pictures.following import Seen, follow
from mediaml.values.geometry import Box


def box(left: float, top: float = 0.0, sure: float = 0.9, size: float = 20) -> Box:
    return Box(label="car", left=left, top=top, width=size, height=size, confidence=sure)


def each_second(*pictures: Sequence[Box]) -> list[Seen]:
    return [Seen(float(start), start + 1.0, boxes) for start, boxes in enumerate(pictures)]


def test_two_things_that_pass_each_other_on_two_lanes_stay_two():
    pictures = each_second(*([box(5 * time), box(100 - 5 * time, top=30)] for time in range(20)))

    tracks = follow(pictures, 0.5, 2.0)

    assert sorted({sight.box.top for sight in track.sightings} == {0.0} for track in tracks) == [False, True]
    assert [len(track.sightings) for track in tracks] == [20, 20]


def test_what_is_lost_for_too_long_begins_anew():
    pictures = each_second(*([] if time in (5, 6, 7) else [box(0)] for time in range(12)))

    assert [len(track.sightings) for track in follow(pictures, 0.5, 2.0)] == [5, 4]
    assert [len(track.sightings) for track in follow(pictures, 0.5, 4.0)] == [9]


@pytest.mark.parametrize(("missed", "gap", "tracks"), [(0, 0.0, 1), (1, 1.0, 2), (1, 2.0, 1), (2, 2.0, 2), (2, 2.1, 1)])
def test_a_thing_goes_on_where_an_event_would(missed: int, gap: float, tracks: int):
    """What is seen again before `gap_seconds` are over is the same, and so is what is never lost."""
    pictures = each_second([box(0)], *[[]] * missed, [box(0)])

    assert len(follow(pictures, 0.5, gap)) == tracks


def test_a_picture_that_holds_for_long_is_followed_into_the_next_one():
    (track,) = follow([Seen(0.0, 60.0, [box(0)]), Seen(60.0, 60.04, [box(2)])], 0.5, 2.0)

    assert [sight.time for sight in track.sightings] == [0, 60]


def test_a_track_has_one_sure_box_at_least():
    pictures = each_second([box(0, sure=0.3), box(50, sure=0.3)], [box(0, sure=0.8), box(50, sure=0.3)])

    (track,) = follow(pictures, 0.5, 2.0)

    assert [sight.box.confidence for sight in track.sightings] == [0.3, 0.8]
    assert track.surest.time == 1.0


places = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4, unique=True)


@given(st.lists(places, max_size=8))
def test_each_box_is_in_one_track_and_a_track_has_one_box_a_picture(pictures):
    given_boxes = each_second(*([box(7 * x, 7 * y) for x, y in one] for one in pictures))

    tracks = follow(given_boxes, 0.5, 2.0)

    followed = Counter((sight.time, str(sight.box)) for track in tracks for sight in track.sightings)
    assert followed == Counter((time, str(one)) for time, _, boxes in given_boxes for one in boxes)
    assert all(len({sight.time for sight in track.sightings}) == len(track.sightings) for track in tracks)
