"""Finds as things to be judged."""

from __future__ import annotations

from mediaml.archive.reviewing import candidates
from mediaml.values.geometry import Box, Segment
from mediaml.values.media import FrameRate, Media
from mediaml.values.reel import Find
from mediaml.values.timeline import Event, Sighting, Track

FILM = Media(duration=9, frame_rate=FrameRate(numerator=25), width=64, height=48, sample_rate=8000, channels=1)
TAPE = Media(duration=9, sample_rate=8000, channels=1)


def track(*seen: tuple[float, float, float]) -> Track:
    """Time, left edge and confidence of each sighting."""
    return Track(
        sightings=tuple(
            Sighting(time=time, box=Box(label="red", left=left, top=0, width=9, height=9, confidence=confidence))
            for time, left, confidence in seen
        )
    )


def find(model: str, media: Media | None, *tracks: Track, end: float = 3.0) -> Find:
    event = Event(label="red", segment=Segment(start=0, end=end), confidence=0.5, model=model, tracks=tracks)
    return Find(source="/a", event=event, media=media)


def test_a_thing_is_shown_as_its_file_is_and_judged_as_its_model_finds_it() -> None:
    finds = [find("ears", TAPE), find("ears", FILM), find("eyes", FILM), find("eyes", None, end=0.0)]

    found = candidates(finds, {"ears"})

    assert [(one.kind, one.sense) for one in found] == [
        ("sound", "heard"),
        ("video", "heard"),
        ("video", "seen"),
        ("picture", "seen"),
    ]
    assert [one.boxes for one in found] == [None] * 4


def test_the_boxes_are_those_of_the_picture_in_which_one_is_surest() -> None:
    one, other = track((0, 1, 0.6), (1, 2, 0.9)), track((1, 30, 0.7), (2, 31, 0.8))

    (found,) = candidates([find("eyes", FILM, one, other)], ())

    assert found.time == 1
    assert found.boxes is not None
    assert [box.left for box in found.boxes] == [2, 30]


def test_the_boxes_of_a_still_picture_have_no_time() -> None:
    (found,) = candidates([find("eyes", None, track((0, 1, 0.6)), end=0.0)], ())

    assert found.time is None
    assert found.boxes is not None
    assert len(found.boxes) == 1
