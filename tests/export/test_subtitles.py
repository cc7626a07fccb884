"""Subtitles, read by webvtt-py and pysrt."""

from __future__ import annotations

import html
from pathlib import Path

import pysrt
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.values.timeline import Event, Timeline
from tests.timelines import event, video, watched

Cue = tuple[int, int, str]


def vtt(one: Timeline, folder: Path) -> list[Cue]:
    read = webvtt.read(str(one.save(folder / "day.vtt"))).captions
    return [
        (
            round(1000 * cue.start_in_seconds) + _rest(cue.start),
            round(1000 * cue.end_in_seconds) + _rest(cue.end),
            cue.raw_text,
        )
        for cue in read
    ]


def _rest(clock: str) -> int:
    """The reader gives whole seconds only."""
    return int(clock[-3:])


def srt(one: Timeline, folder: Path) -> list[Cue]:
    read = pysrt.open(str(one.save(folder / "day.srt")), encoding="utf-8", error_handling=pysrt.ERROR_RAISE)
    return [(cue.start.ordinal, cue.end.ordinal, cue.text) for cue in read]


FOUND = [event("dog <bark> & -->", 1.5, 2.25), event("犬 🐕", 2, 4), event("ünï", 3600.0005, 3600.0005, 0.5)]


def test_webvtt_holds_a_cue_an_event_and_escapes_what_is_markup(tmp_path: Path) -> None:
    assert vtt(watched(FOUND, video(duration=4000.0)), tmp_path) == [
        (1500, 2250, "dog &lt;bark&gt; &amp; --&gt; 97 %"),
        (2000, 4000, "犬 🐕 97 %"),
        (3600000, 3600001, "ünï 50 %"),
    ]


def test_subrip_holds_a_cue_an_event(tmp_path: Path) -> None:
    assert srt(watched(FOUND, video(duration=4000.0)), tmp_path) == [
        (1500, 2250, "dog <bark> & --> 97 %"),
        (2000, 4000, "犬 🐕 97 %"),
        (3600000, 3600001, "ünï 50 %"),
    ]


def test_nothing_found_is_a_file_without_cues(tmp_path: Path) -> None:
    assert vtt(watched([], video()), tmp_path) == []
    assert (tmp_path / "day.vtt").read_text().startswith("WEBVTT\n")
    assert srt(watched([], video()), tmp_path) == []


EVENTS = st.lists(
    st.builds(
        lambda label, start, length: event(label, start, start + length),
        st.text(min_size=1, max_size=300),
        st.floats(0, 350_000),
        st.floats(0, 1000),
    ),
    min_size=1,
    max_size=5,
)


@given(EVENTS)
@settings(deadline=None)
def test_whatever_is_found_is_shown_while_it_is_there(
    tmp_path_factory: pytest.TempPathFactory, found: list[Event]
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    one = watched(found, video(duration=400_000.0))
    plain, escaped = srt(one, folder), vtt(one, folder)
    assert [(start, end, html.unescape(text)) for start, end, text in escaped] == [
        (start, end, html.unescape(text.replace("&", "&amp;"))) for start, end, text in plain
    ]
    for (start, end, text), one_event in zip(plain, one, strict=True):
        assert start < end
        assert start - 1e-3 <= 1000 * one_event.segment.start < start + 1.001
        assert 1000 * one_event.segment.end - 1e-3 <= end
        assert text.endswith(" 97 %")
