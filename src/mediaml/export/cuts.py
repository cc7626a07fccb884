"""Finds as cuts in a sequence: from where to where in the file, and at which rate the sequence runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mediaml.errors import DataError, ExportError
from mediaml.export.rates import Clock, Frames, clock_of
from mediaml.values.media import FrameRate, Media
from mediaml.values.reel import Find
from mediaml.values.timeline import Event, Timeline

UNKNOWN_RATE = 48000  # Hz, of a sound that is not at hand any more


class Cut(NamedTuple):
    """A stretch of a file with the events to be marked in it.

    Parameters
    ----------
    source
        The file.
    media, clock
        Its streams, and how its frames are counted.
    frames
        The stretch.
    events
        To be marked.
    """

    source: str
    media: Media
    clock: Clock
    frames: Frames
    events: tuple[Event, ...]


def whole(timeline: Timeline) -> Cut:
    """Give all of a file, with all of its events."""
    media = media_for(timeline)
    clock = clock_of(media, timeline.source)
    return Cut(timeline.source, media, clock, Frames(0, clock.length), timeline.events)


def cuts(finds: Sequence[Find]) -> list[Cut]:
    """Give a cut a find.

    Raises
    ------
    ExportError
        There are none.
    """
    if not finds:
        raise ExportError("there is nothing to cut together: no finds")
    return [_cut(find) for find in finds]


def _cut(find: Find) -> Cut:
    media = find.media or Media(duration=find.event.segment.end, sample_rate=UNKNOWN_RATE, channels=1)
    clock = clock_of(media, find.source)
    return Cut(find.source, media, clock, clock.frames(find.event.segment), (find.event,))


def events_of(timeline: Timeline) -> list[Cut]:
    """Give a cut an event; none where nothing was found."""
    one = whole(timeline)
    return [one._replace(frames=one.clock.frames(event.segment), events=(event,)) for event in timeline.events]


def sequence_rate(some: Sequence[Cut]) -> FrameRate:
    """Give the rate of most pictures; of the sounds where there is no picture."""
    pictures = [one.clock.rate for one in some if one.media.has_picture] or [one.clock.rate for one in some]
    return Counter(pictures).most_common(1)[0][0]


def in_sequence(cut: Cut, rate: FrameRate) -> int:
    """Give the length of a cut in frames of the sequence, at least 1."""
    return max(1, round(cut.frames.length / cut.clock.rate.fps * rate.fps))


def media_for(timeline: Timeline) -> Media:
    """Give a file's streams: those that the timeline knows, or that the file has; else those of a sound so long."""
    if timeline.media is not None:
        return timeline.media
    from mediaml.data.video import media_of

    try:
        return media_of(timeline.source)
    except DataError:
        return Media(duration=timeline.duration, sample_rate=UNKNOWN_RATE, channels=1)
