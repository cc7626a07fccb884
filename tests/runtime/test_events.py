"""Events from scores: the rules one by one, then against a plain reading of the whole array."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime.events import Found, Tracker

Step = tuple[float, float, Sequence[float]]


class Rules(NamedTuple):
    onset: float = 0.6
    offset: float = 0.3
    minimum: float = 0.0
    gap: float = 0.0


PLAIN_RULES = Rules()


def tracked(steps: Sequence[Step], rules: Rules = PLAIN_RULES) -> list[Found]:
    labels = len(steps[0][2]) if steps else 1
    tracker = Tracker(np.full(labels, rules.onset), np.full(labels, rules.offset), rules.minimum, rules.gap)
    found = [event for start, end, scores in steps for event in tracker.push(start, end, np.array(scores))]
    return found + tracker.finish()


def steps_of(*scores: float, seconds: float = 1.0) -> list[Step]:
    """One label, a step of equal length a score."""
    return [(n * seconds, (n + 1) * seconds, [score]) for n, score in enumerate(scores)]


def stretches(found: Sequence[Found]) -> list[tuple[float, float]]:
    return [(event.start, event.end) for event in found]


# --- where an event begins and ends


def test_an_event_reaches_back_and_forth_as_far_as_the_offset_threshold_is_reached() -> None:
    assert stretches(tracked(steps_of(0.1, 0.4, 0.7, 0.3, 0.1))) == [(1, 4)]


def test_what_never_reaches_the_onset_threshold_is_none() -> None:
    assert tracked(steps_of(0.1, 0.4, 0.59, 0.4, 0.1)) == []


def test_a_threshold_is_reached_by_a_score_that_equals_it() -> None:
    assert stretches(tracked(steps_of(0.3, 0.6, 0.3))) == [(0, 3)]


def test_a_score_that_falls_below_the_offset_threshold_parts_two_events() -> None:
    assert stretches(tracked(steps_of(0.7, 0.2, 0.7))) == [(0, 1), (2, 3)]


def test_the_confidence_is_the_mean_of_the_steps_that_reach_the_onset_threshold() -> None:
    (event,) = tracked(steps_of(0.3, 0.6, 0.5, 0.9, 0.3))
    assert event[:3] == (0, 0.0, 5.0)
    assert event.confidence == pytest.approx(0.75)


def test_each_label_has_thresholds_of_its_own() -> None:
    tracker = Tracker(np.array([0.5, 0.9]), np.array([0.5, 0.1]), 0, 0)
    assert tracker.push(0, 1, np.array([0.6, 0.6])) == []
    assert tracker.push(1, 2, np.array([0.4, 0.95])) == [Found(0, 0.0, 1.0, 0.6)]
    assert tracker.finish() == [Found(1, 0.0, 2.0, 0.95)]


# --- short gaps and short events


def test_events_that_are_near_are_one_and_share_their_confidence() -> None:
    (event,) = tracked(steps_of(0.6, 0.1, 0.9, 0.9), Rules(gap=1.5))
    assert event[:3] == (0, 0.0, 4.0)
    assert event.confidence == pytest.approx(0.8)


def test_events_exactly_the_gap_apart_stay_two() -> None:
    assert stretches(tracked(steps_of(0.7, 0.1, 0.7), Rules(gap=1))) == [(0, 1), (2, 3)]


def test_a_run_between_them_that_is_no_event_does_not_bring_events_together() -> None:
    assert stretches(tracked(steps_of(0.7, 0.1, 0.4, 0.1, 0.7), Rules(gap=2))) == [(0, 1), (4, 5)]


def test_short_events_are_dropped_after_near_ones_were_joined() -> None:
    steps = steps_of(0.7, 0.1, 0.7, 0.1, 0.1, 0.1, 0.7)
    assert stretches(tracked(steps, Rules(minimum=3, gap=1.5))) == [(0, 3)]


@pytest.mark.parametrize("first", range(30))
def test_three_steps_of_a_tenth_are_three_tenths_wherever_they_lie(first: int) -> None:
    scores = [0.0] * first + [0.9] * 3 + [0.0]
    steps = [(n / 10, (n + 1) / 10, [score]) for n, score in enumerate(scores)]
    assert len(tracked(steps, Rules(minimum=0.3))) == 1


# --- stretches that could not be read


def test_a_missing_stretch_ends_an_event() -> None:
    assert stretches(tracked([(0, 1, [0.7]), (1, 2, [0.7]), (5, 6, [0.7])])) == [(0, 2), (5, 6)]


def test_no_event_reaches_over_a_missing_stretch_however_short() -> None:
    assert stretches(tracked([(0, 1, [0.7]), (1.5, 2, [0.7])], Rules(gap=10))) == [(0, 1), (1.5, 2)]


def test_what_reached_the_offset_threshold_before_a_missing_stretch_does_not_count_after_it() -> None:
    assert stretches(tracked([(0, 1, [0.4]), (2, 3, [0.7])])) == [(2, 3)]


# --- as a stream


def test_an_event_is_given_as_soon_as_it_cannot_grow() -> None:
    tracker = Tracker(np.array([0.6]), np.array([0.3]), 0, 2)
    answers = [tracker.push(n, n + 1, np.array([score])) for n, score in enumerate([0.7, 0.1, 0.1, 0.1])]
    assert [stretches(found) for found in answers] == [[], [], [(0, 1)], []]


def test_a_weak_run_that_began_near_may_still_belong_to_the_event_before_it() -> None:
    tracker = Tracker(np.array([0.6]), np.array([0.3]), 0, 2)
    scores = [0.7, 0.1, 0.4, 0.4, 0.4, 0.8, 0.1, 0.1]
    answers = [tracker.push(n, n + 1, np.array([score])) for n, score in enumerate(scores)]
    assert [stretches(found) for found in answers] == [[], [], [], [], [], [], [], [(0, 6)]]


def test_after_the_end_a_tracker_begins_anew() -> None:
    tracker = Tracker(np.array([0.6]), np.array([0.3]), 0, 0)
    tracker.push(50, 51, np.array([0.7]))
    assert stretches(tracker.finish()) == [(50, 51)]
    assert tracker.finish() == []
    tracker.push(0, 1, np.array([0.7]))
    assert stretches(tracker.finish()) == [(0, 1)]


def test_the_memory_does_not_grow_with_the_recording() -> None:
    def held(tracker: Tracker) -> int:
        return sum(value.nbytes if isinstance(value, np.ndarray) else 1 for value in vars(tracker).values())

    tracker = Tracker(np.full(5, 0.6), np.full(5, 0.3), 0, 3)
    tracker.push(0, 1, np.full(5, 0.5))
    before = held(tracker)
    random = np.random.RandomState(0)
    for n in range(1, 2000):
        tracker.push(n, n + 1, random.uniform(size=5))
    assert held(tracker) == before


# --- what is refused


@pytest.mark.parametrize(
    ("onset", "offset", "minimum", "gap"),
    [
        ([0.5], [0.6], 0, 0),
        ([0.5, 0.5], [0.5], 0, 0),
        ([[0.5]], [[0.5]], 0, 0),
        ([float("nan")], [0.5], 0, 0),
        ([0.5], [0.5], -1, 0),
        ([0.5], [0.5], 0, float("inf")),
    ],
)
def test_settings_that_contradict_themselves_are_refused(onset, offset, minimum, gap) -> None:
    with pytest.raises(ValueError, match=r"thresholds|\[labels\]|seconds"):
        Tracker(np.array(onset), np.array(offset), minimum, gap)


@pytest.mark.parametrize(
    ("start", "end", "scores"),
    [
        (0.5, 2, [0.5]),
        (1, 1, [0.5]),
        (2, 1, [0.5]),
        (1, 2, [0.5, 0.5]),
        (1, 2, [float("nan")]),
        (1, float("inf"), [0.5]),
    ],
)
def test_a_step_that_cannot_follow_is_refused(start, end, scores) -> None:
    tracker = Tracker(np.array([0.5]), np.array([0.5]), 0, 0)
    tracker.push(0, 1, np.array([0.7]))
    with pytest.raises(ValueError, match="step"):
        tracker.push(start, end, np.array(scores))
    assert stretches(tracker.finish()) == [(0, 1)]


# --- against a plain reading of the whole array


def plain(steps: Sequence[Step], rules: Rules) -> list[Found]:
    """Read all steps at once, label by label."""
    found = []
    for part in whole_parts(steps):
        for label in range(len(part[0][2])):
            found += plain_label(part, label, rules)
    return sorted(found)


def whole_parts(steps: Sequence[Step]) -> list[list[Step]]:
    """Cut where steps are missing."""
    parts: list[list[Step]] = []
    for step in steps:
        if parts and step[0] - parts[-1][-1][1] < 1e-6:
            parts[-1].append(step)
        else:
            parts.append([step])
    return parts


def plain_label(part: Sequence[Step], label: int, rules: Rules) -> list[Found]:
    events: list[list[Step]] = []
    for n, (start, _, scores) in enumerate(part):
        if scores[label] < rules.offset:
            continue
        if n > 0 and part[n - 1][2][label] >= rules.offset:
            events[-1].append(part[n])
        else:
            events.append([(start, part[n][1], scores)])
    events = [event for event in events if max(scores[label] for _, _, scores in event) >= rules.onset]
    joined: list[list[Step]] = []
    for event in events:
        if joined and event[0][0] - joined[-1][-1][1] < rules.gap - 1e-6:
            joined[-1] += event
        else:
            joined.append(event)
    return [
        Found(
            label, event[0][0], event[-1][1], float(np.mean([s[label] for _, _, s in event if s[label] >= rules.onset]))
        )
        for event in joined
        if event[-1][1] - event[0][0] >= rules.minimum - 1e-6
    ]


@st.composite
def recordings(draw: st.DrawFn) -> list[Step]:
    """Steps of uneven length, some missing, with scores that often lie on the thresholds."""
    labels = draw(st.integers(1, 3))
    score = st.one_of(st.sampled_from([0.0, 0.3, 0.45, 0.6, 1.0]), st.floats(0, 1))
    now = draw(st.sampled_from([0.0, 7.3]))
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 40))):
        now += draw(st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7]))
        end = now + draw(st.sampled_from([0.1, 0.25, 0.48, 1.0]))
        steps.append((now, end, draw(st.lists(score, min_size=labels, max_size=labels))))
        now = end
    return steps


seconds = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 2.0])
any_rules = st.builds(Rules, st.sampled_from([0.45, 0.6, 0.9]), st.sampled_from([0.0, 0.3, 0.45]), seconds, seconds)


def assert_same(found: Sequence[Found], expected: Sequence[Found]) -> None:
    assert [event[:3] for event in sorted(found)] == [event[:3] for event in expected]
    np.testing.assert_allclose([e.confidence for e in sorted(found)], [e.confidence for e in expected], rtol=1e-12)


@given(recordings(), any_rules)
@settings(deadline=None)
def test_the_stream_finds_what_the_whole_array_holds(steps: list[Step], rules: Rules) -> None:
    assert_same(tracked(steps, rules), plain(steps, rules))


@given(recordings(), any_rules)
@settings(deadline=None)
def test_each_step_in_two_halves_says_the_same(steps: list[Step], rules: Rules) -> None:
    halves: list[Step] = []
    for start, end, scores in steps:
        middle = (start + end) / 2
        halves += [(start, middle, scores), (middle, end, scores)]
    assert_same(tracked(halves, rules), plain(steps, rules))


@given(recordings(), any_rules)
@settings(deadline=None)
def test_events_of_a_label_are_apart_and_long_enough(steps: list[Step], rules: Rules) -> None:
    found = tracked(steps, rules)
    for label in range(len(steps[0][2])):
        own = sorted(event for event in found if event.label == label)
        assert all(one.end < other.start or one.end == pytest.approx(other.start) for one, other in pairwise(own))
        assert all(event.end - event.start >= rules.minimum - 1e-6 for event in own)
        assert all(rules.onset <= event.confidence + 1e-12 <= 1 + 1e-9 for event in own)


def covered(steps: Sequence[Step], rules: Rules) -> float:
    return sum(event.end - event.start for event in tracked(steps, rules))


@given(recordings(), any_rules)
@settings(deadline=None)
def test_stricter_rules_never_cover_more_time(steps: list[Step], rules: Rules) -> None:
    as_it_is = covered(steps, rules) + 1e-9
    assert covered(steps, rules._replace(onset=rules.onset + 0.1)) <= as_it_is
    assert covered(steps, rules._replace(offset=min(rules.onset, rules.offset + 0.1))) <= as_it_is
    assert covered(steps, rules._replace(minimum=rules.minimum + 0.3)) <= as_it_is
    assert covered(steps, rules._replace(gap=rules.gap / 2)) <= as_it_is


@given(recordings(), any_rules)
@settings(deadline=None)
def test_an_event_is_given_once_it_cannot_grow_and_not_before(steps: list[Step], rules: Rules) -> None:
    # silence of the length of the gap: whatever is still to come would be an event of its own
    labels = len(steps[0][2])
    tracker = Tracker(np.full(labels, rules.onset), np.full(labels, max(rules.offset, 0.1)), rules.minimum, rules.gap)
    for start, end, scores in steps:
        tracker.push(start, end, np.array(scores))
    last = steps[-1][1]
    tracker.push(last, last + rules.gap + 0.5, np.zeros(labels))
    assert tracker.finish() == []
