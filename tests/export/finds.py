"""Timelines and reels to be written."""

from __future__ import annotations

import mediaml as mm
from mediaml.values.geometry import Segment
from mediaml.values.media import FrameRate, Media
from mediaml.values.timeline import Event

RATES = {
    "23.976": (24000, 1001, False),
    "24": (24, 1, False),
    "25": (25, 1, False),
    "29.97 drop-frame": (30000, 1001, True),
    "29.97": (30000, 1001, False),
    "50": (50, 1, False),
    "59.94 drop-frame": (60000, 1001, True),
    "60": (60, 1, False),
}
LABELS = ("dog_bark", "Crowd & <cheer>", "日本 🎉")


def rate(name: str) -> FrameRate:
    numerator, denominator, drop = RATES[name]
    return FrameRate(numerator=numerator, denominator=denominator, drop_frame=drop)


def media(name: str = "25", code: str | None = None, seconds: float = 600.0, sound: bool = True) -> Media:
    heard = {"sample_rate": 48000, "channels": 2} if sound else {}
    return Media(duration=seconds, frame_rate=rate(name), start_timecode=code, width=1920, height=1080, **heard)


SOUND = Media(duration=60.0, sample_rate=44100, channels=1)


def event(label: str = "dog_bark", start: float = 1.0, end: float = 3.0, sure: float = 0.97) -> Event:
    return Event(label=label, segment=Segment(start=start, end=end), confidence=sure, model="sounds")


def timeline(of: Media, *events: Event, source: str = "/arch/Größe & <日本>.mov") -> mm.Timeline:
    labels = tuple(dict.fromkeys([*LABELS, *(one.label for one in events)]))
    return mm.Timeline(source=source, duration=of.duration, events=events, labels=labels, media=of)


USUAL = (event(), event(LABELS[1], 59.9, 62), event(LABELS[2], 599, 600, 0.5))
