"""From single pictures to stretches of time: as a plain reading of the rules would have it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mediaml.backends.pictures.joining import OFFSET, Glimpse, Joiner, Joining, Sight
from mediaml.values.geometry import Box
from mediaml.values.timeline import Event

ONSET = 0.8
levels = st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.9]), min_size=1, max_size=40)


def joined(scores: list[float], joining: Joining, label: str = "cat") -> list[Event]:
    """One picture a second."""
    joiner = Joiner({label: ONSET}, 2.0, joining)
    events = [
        event
        for start, score in enumerate(scores)
        for event in joiner.push(start, start + 1, Glimpse({label: Sight(score, score)}))
    ]
    return [*events, *joiner.finish()]


def expected(scores: list[float], joining: Joining) -> list[tuple[int, int]]:
    """Runs above the offset threshold with one picture above the onset threshold, near ones joined, short ones left."""
    runs: list[list[int]] = []
    start = None
    for number, score in enumerate([*scores, 0.0]):
        if score >= OFFSET * ONSET:
            start = number if start is None else start
        elif start is not None:
            if max(scores[start:number]) >= ONSET:
                runs.append([start, number])
            start = None
    merged: list[list[int]] = []
    for run in runs:
        if merged and run[0] - merged[-1][1] < joining.gap_seconds:
            merged[-1][1] = run[1]
        else:
            merged.append(run)
    return [(begin, end) for begin, end in merged if end - begin >= joining.minimum_seconds]


@given(levels, st.sampled_from([0.0, 2.0, 3.5]), st.sampled_from([0.0, 1.5, 3.0]))
def test_events_are_what_the_rules_say(scores, gap, minimum):
    joining = Joining(minimum, gap)

    found = sorted((event.segment.start, event.segment.end) for event in joined(scores, joining))

    assert found == expected(scores, joining)


def test_a_single_picture_in_which_it_was_missed_does_not_cut_an_event_in_two():
    events = joined([0.9, 0.0, 0.9], Joining(gap_seconds=2.0))

    assert [(event.segment.start, event.segment.end) for event in events] == [(0, 3)]


def test_the_confidence_is_the_mean_of_the_pictures_that_were_sure():
    (event,) = joined([0.5, 0.9, 0.8, 0.5], Joining())

    assert abs(event.confidence - 0.85) < 1e-9


def test_a_label_that_nobody_announced_is_found_from_the_usual_threshold_on():
    joiner = Joiner({}, 0.5, Joining())

    events = [*joiner.push(0, 1, Glimpse({"dog": Sight(0.6, 0.6), "cow": Sight(0.4, 0.4)})), *joiner.finish()]

    assert [event.label for event in events] == ["dog"]


def box(left: float, sure: float = 0.9) -> Box:
    return Box(label="cat", left=left, top=0, width=10, height=10, confidence=sure)


def test_boxes_belong_to_the_event_in_which_they_were_seen():
    joiner = Joiner({"cat": ONSET}, 2.0, Joining(gap_seconds=1.5))
    sure = {"cat": Sight(0.9, 0.9)}
    pushed = [(0, sure, (box(0),)), (1, sure, (box(2),)), (2, {}, ()), (3, {}, ()), (4, sure, (box(50),))]

    events = []
    for start, sights, boxes in pushed:
        events += joiner.push(start, start + 1, Glimpse(sights, boxes))
    events += joiner.finish()

    assert [[len(track.sightings) for track in event.tracks] for event in events] == [[2], [1]]
    assert all(
        event.segment.start <= sight.time < event.segment.end
        for event in events
        for track in event.tracks
        for sight in track.sightings
    )


def test_a_picture_stands_for_the_time_until_the_next_one_also_for_its_boxes():
    """With `skip_similar` nothing is looked at through a still shot, and what was seen at its beginning still holds."""
    joiner = Joiner({"cat": ONSET}, 2.0, Joining(gap_seconds=2.0))
    sure = {"cat": Sight(0.9, 0.9)}
    events = [
        *joiner.push(0, 60, Glimpse(sure, (box(0),))),
        *joiner.push(60, 61, Glimpse(sure, (box(2),))),
        *joiner.finish(),
    ]

    assert [[[sight.time for sight in track.sightings] for track in event.tracks] for event in events] == [[[0, 60]]]


def test_what_was_never_sure_is_forgotten():
    joiner = Joiner({"cat": ONSET}, 2.0, Joining(gap_seconds=1.0))
    for start in range(0, 2000, 4):
        joiner.push(start, start + 1, Glimpse({"cat": Sight(0.5, 0.5)}, (box(0, 0.5),)))
        joiner.push(start + 1, start + 4, Glimpse({"cat": Sight(0.0, 0.0)}))

    assert joiner.finish() == []
    assert len(joiner._labels["cat"]._seen) == 0


@given(st.lists(st.sampled_from([1.1e-5, 9e-5, 2e-4, 0.04]), min_size=1, max_size=30))
def test_pictures_may_be_as_close_as_a_video_s_clock_ticks(steps):
    """At 90 kHz a picture may come 11 microseconds after another one (`every=0` looks at all of them)."""
    times = [sum(steps[:number]) for number in range(len(steps) + 1)]
    joiner = Joiner({"cat": ONSET}, 2.0, Joining())
    for start, end in pairwise(times):
        assert joiner.push(start, end, Glimpse({"cat": Sight(0.9, 0.9)})) == []

    (event,) = joiner.finish()

    assert event.segment.start == 0
    assert times[-1] <= event.segment.end <= times[-1] + 1e-4 * len(steps)
