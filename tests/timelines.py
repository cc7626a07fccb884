"""Timelines for tests."""

from __future__ import annotations

from collections.abc import Sequence

from mediaml.values.geometry import Box, Segment
from mediaml.values.media import FrameRate, Media
from mediaml.values.reel import Find, Reel
from mediaml.values.timeline import Event, Sighting, Timeline, Track

Rows = list[tuple[float, float, str, float]]
HEARD: Rows = [(0.5, 2.25, "owl", 0.9), (1.0, 1.5, "wren", 0.61), (7.123456, 9.0, "owl", 0.75)]


def timeline(
    rows: Rows, source: str = "/night/day.wav", duration: float = 10.0, labels: tuple[str, ...] = ()
) -> Timeline:
    return Timeline(
        source=source,
        duration=duration,
        events=tuple(
            Event(label=label, segment=Segment(start=start, end=end), confidence=sure)
            for start, end, label, sure in rows
        ),
        labels=labels or tuple(dict.fromkeys(label for _, _, label, _ in rows)),
    )


RATES = {
    "23.976": FrameRate(numerator=24000, denominator=1001),
    "24": FrameRate(numerator=24),
    "25": FrameRate(numerator=25),
    "29.97": FrameRate(numerator=30000, denominator=1001),
    "29.97 drop": FrameRate(numerator=30000, denominator=1001, drop_frame=True),
    "30": FrameRate(numerator=30),
    "50": FrameRate(numerator=50),
    "59.94": FrameRate(numerator=60000, denominator=1001),
    "59.94 drop": FrameRate(numerator=60000, denominator=1001, drop_frame=True),
    "60": FrameRate(numerator=60),
}
SOUND = Media(duration=60.0, sample_rate=16000, channels=1)


def video(rate: str | FrameRate = "25", start: str | None = None, duration: float = 600.0, channels: int = 2) -> Media:
    """The streams of a video; `rate` is a name of `RATES` or a rate."""
    return Media(
        duration=duration,
        frame_rate=RATES[rate] if isinstance(rate, str) else rate,
        start_timecode=start,
        width=1920,
        height=1080,
        sample_rate=48000 if channels else 0,
        channels=channels,
    )


def event(label: str, start: float, end: float, confidence: float = 0.97, model: str = "", tracks: int = 0) -> Event:
    """An event, with as many things followed through it."""
    box = Box(label=label, left=1, top=2, width=3, height=4, confidence=0.5)
    track = Track(sightings=(Sighting(time=start, box=box),))
    segment = Segment(start=start, end=end)
    return Event(label=label, segment=segment, confidence=confidence, model=model, tracks=(track,) * tracks)


def watched(
    events: Sequence[Event], media: Media, source: str = "/archive/news.mov", labels: tuple[str, ...] = ()
) -> Timeline:
    """The timeline of a video, or of what `media` says."""
    names = labels or tuple(dict.fromkeys(one.label for one in events)) or ("dog",)
    return Timeline(source=source, duration=media.duration, events=tuple(events), labels=names, media=media)


def reel(*finds: tuple[str, Event, Media | None], name: str = "best") -> Reel:
    """A reel of files, events and streams."""
    return Reel(name=name, finds=tuple(Find(source=source, event=one, media=media) for source, one, media in finds))
