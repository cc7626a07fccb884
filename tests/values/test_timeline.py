"""Timelines as values."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mediaml.errors import LabelError
from mediaml.values.geometry import Segment
from mediaml.values.timeline import SHOWN, Event, Timeline, clock

LABELS = ("owl", "wren", "robin")


def event(start: float, end: float, label: str = "owl", confidence: float = 0.9) -> Event:
    return Event(label=label, segment=Segment(start=start, end=end), confidence=confidence)


def timeline(*events: Event, duration: float = 60.0, problems: tuple[str, ...] = ()) -> Timeline:
    return Timeline(source="day.wav", duration=duration, events=events, labels=LABELS, problems=problems)


NIGHT = timeline(event(1, 3), event(2, 2.5, "wren", 0.4), event(10, 11, confidence=0.6), event(20, 28, "wren", 0.8))


def test_it_is_a_sequence_of_events_in_the_order_of_time() -> None:
    assert len(NIGHT) == 4
    assert [one.segment.start for one in NIGHT] == [1, 2, 10, 20]


@given(st.randoms())
def test_events_are_sorted_by_start_end_and_label(shuffled: random.Random) -> None:
    events = [event(1, 2, "wren"), event(1, 2, "owl"), event(1, 1.5, "wren"), event(0, 9, "wren")]
    shuffled.shuffle(events)
    found = [(one.segment.start, one.segment.end, one.label) for one in timeline(*events)]
    assert found == [(0, 9, "wren"), (1, 1.5, "wren"), (1, 2, "owl"), (1, 2, "wren")]


def test_a_recording_in_which_nothing_is_heard_has_a_timeline() -> None:
    silence = timeline()
    assert len(silence) == 0
    assert silence
    assert silence.frame.empty
    assert str(silence) == "day.wav: 0 events in 0:01:00"


def test_values_are_frozen() -> None:
    with pytest.raises(ValidationError):
        NIGHT.duration = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        NIGHT.events[0].confidence = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("confidence", [1.01, -0.1, float("nan")])
def test_an_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(ValidationError):
        event(1, 2, confidence=confidence)


@pytest.mark.parametrize("duration", [-1.0, float("inf"), float("nan")])
def test_an_impossible_duration_is_refused(duration: float) -> None:
    with pytest.raises(ValidationError):
        timeline(duration=duration)


def test_an_event_of_a_label_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not have: cat"):
        timeline(event(1, 2, "cat"))


def test_json_round_trip() -> None:
    one = timeline(event(1, 2), problems=("0:00:05.0-0:00:06.0: damaged",))
    one = one.model_copy(update={"model": {"hop": 0.48, "onset": {"owl": 0.5}, "loss": float("inf")}})
    assert Timeline.model_validate_json(one.model_dump_json()) == one


# --- as a table


def test_the_frame_has_a_row_an_event() -> None:
    frame = NIGHT.frame
    assert list(frame.columns) == ["start", "end", "label", "confidence"]
    assert frame.iloc[3].to_list() == [20.0, 28.0, "wren", 0.8]
    assert [frame[name].dtype for name in ("start", "end", "confidence")] == [np.float64] * 3


def test_the_columns_of_an_empty_frame_are_of_the_same_kinds() -> None:
    assert (timeline().frame.dtypes == NIGHT.frame.dtypes).all()


# --- chosen events


def starts(chosen: Timeline) -> list[float]:
    return [one.segment.start for one in chosen]


def test_events_are_chosen_by_label() -> None:
    assert starts(NIGHT.where("wren")) == [2, 20]
    assert starts(NIGHT.where(["wren", "owl"])) == [1, 2, 10, 20]
    assert starts(NIGHT.where(label="robin")) == []
    assert starts(NIGHT.where([])) == []


def test_events_are_chosen_by_confidence_and_length() -> None:
    assert starts(NIGHT.where(confidence=0.6)) == [1, 10, 20]
    assert starts(NIGHT.where(seconds=1)) == [1, 10, 20]
    assert starts(NIGHT.where("owl", confidence=0.7, seconds=2)) == [1]


def test_all_else_stays_as_it_is() -> None:
    assert NIGHT.where() == NIGHT
    assert NIGHT.where("wren").model_copy(update={"events": NIGHT.events}) == NIGHT


@pytest.mark.parametrize("label", ["Owl", ["owl", "Owl"]])
def test_an_unknown_label_is_an_error_that_names_those_that_there_are(label: str | list[str]) -> None:
    with pytest.raises(LabelError, match=r"day\.wav: nothing listens for 'Owl'; there are: owl, wren, robin"):
        NIGHT.where(label)


def test_how_long_a_label_is_heard() -> None:
    assert NIGHT.seconds("owl") == 3.0
    assert NIGHT.seconds("robin") == 0.0
    with pytest.raises(LabelError, match="'cat'"):
        NIGHT.seconds("cat")


def test_where_events_overlap_time_counts_once() -> None:
    assert timeline(event(0, 10), event(2, 3), event(5, 12), event(12, 13)).seconds("owl") == 13.0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=12))
def test_the_time_is_that_of_the_seconds_that_any_event_holds(stretches: list[tuple[int, int]]) -> None:
    one = timeline(*(event(start, start + length) for start, length in stretches))
    assert one.seconds("owl") == len({n for start, length in stretches for n in range(start, start + length)})


def test_labels_that_are_heard_are_counted_in_the_order_of_the_model() -> None:
    assert NIGHT.where().counts == (("owl", 2), ("wren", 2))


# --- as text


def test_prints_as_a_table() -> None:
    assert str(NIGHT).splitlines() == [
        "day.wav: 4 events in 0:01:00",
        "   0:00:01.0   0:00:03.0  owl   90 %",
        "   0:00:02.0   0:00:02.5  wren  40 %",
        "   0:00:10.0   0:00:11.0  owl   60 %",
        "   0:00:20.0   0:00:28.0  wren  80 %",
        "owl: 2 events, 0:00:03.0",
        "wren: 2 events, 0:00:08.5",
    ]


def test_where_several_models_found_something_each_is_named() -> None:
    seen = [event(1, 3).model_copy(update={"model": name}) for name in ("eyes", "ears")]
    assert not NIGHT.of_several_models
    assert timeline(*seen).of_several_models
    assert str(timeline(*seen)).splitlines()[1:3] == [
        "   0:00:01.0   0:00:03.0  owl  90 %  by eyes",
        "   0:00:01.0   0:00:03.0  owl  90 %  by ears",
    ]
    assert list(timeline(*seen).frame["model"]) == ["eyes", "ears"]
    assert "by eyes" not in str(timeline(seen[0]))


def test_a_long_one_is_cut_and_says_so() -> None:
    text = str(timeline(*(event(n, n + 0.5) for n in range(SHOWN + 30))))
    assert f"and {30} more" in text
    assert len(text.splitlines()) == SHOWN + 3


def test_what_could_not_be_read_is_said() -> None:
    assert "! not read: 0:00:05.0: damaged" in str(timeline(problems=("0:00:05.0: damaged",)))


def test_an_event_prints_on_one_line() -> None:
    assert str(event(3661.24, 3662.96, confidence=0.974)) == "1:01:01.2-1:01:03.0 owl 97 %"


@pytest.mark.parametrize(
    ("seconds", "digits", "text"),
    [
        (0, 1, "0:00:00.0"),
        (59.96, 1, "0:01:00.0"),
        (3599.6, 0, "1:00:00"),
        (86400.25, 2, "24:00:00.25"),
        (5, 0, "0:00:05"),
    ],
)
def test_times_are_written_as_a_clock_shows_them(seconds: float, digits: int, text: str) -> None:
    assert clock(seconds, digits) == text


@given(st.lists(st.floats(0, 1e5), min_size=2, max_size=5))
def test_later_times_never_print_as_earlier_ones(times: list[float]) -> None:
    written = [tuple(map(float, clock(time).split(":"))) for time in sorted(times)]
    assert all(one <= other for one, other in pairwise(written))
    assert all(
        abs(h * 3600 + m * 60 + s - time) < 0.051 for (h, m, s), time in zip(written, sorted(times), strict=True)
    )


def test_in_a_notebook_it_shows_itself() -> None:
    assert "<svg" in NIGHT._repr_html_()


def test_its_representation_is_short() -> None:
    assert repr(timeline(*(event(n, n + 1) for n in range(50)))).count("\n") == 0
    assert len(repr(timeline(*(event(n, n + 1) for n in range(50))))) < 200
