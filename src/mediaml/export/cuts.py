"""Finds as cuts in a sequence: from where to where in the file, and at which rate the sequence runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from mediaml.errors import DataError, ExportError
from mediaml.export.rates import SOUND_RATE, Clock, Frames, clock_of
from mediaml.export.stills import SECONDS, SIZE, is_still, still_media
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
    still
        Whether it is a still picture: all of it is shown for some seconds, counted at the rate of the sequence.
    """

    source: str
    media: Media
    clock: Clock
    frames: Frames
    events: tuple[Event, ...]
    still: bool = False


def whole(timeline: Timeline) -> Cut:
    """Give all of a file, with all of its events."""
    if timeline.duration == 0 and is_still(timeline.source, timeline.media):
        return _still(timeline.source, still_media(timeline.source), timeline.events, SOUND_RATE)
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
    known, shown = _streams(finds), cache(still_media)
    timed = {n: _cut(find, known[find.source]) for n, find in enumerate(finds) if find.source in known}
    rate = sequence_rate(list(timed.values())) if timed else SOUND_RATE
    return [
        timed[n] if n in timed else _still(find.source, shown(find.source), (find.event,), rate)
        for n, find in enumerate(finds)
    ]


def _streams(finds: Sequence[Find]) -> dict[str, Media]:
    """Give the streams of every file but still pictures: all finds of a file are in the same ones.

    A file that nobody looked into is taken for a sound up to the last thing that was found in it.
    """
    known = {find.source: find.media for find in finds if find.media is not None}
    ends: dict[str, float] = {}
    for find in finds:
        if find.source not in known and not is_still(find.source, find.media):
            ends[find.source] = max(find.event.segment.end, ends.get(find.source, 0.0))
    sounds = {source: Media(duration=end, sample_rate=UNKNOWN_RATE, channels=1) for source, end in ends.items()}
    return known | sounds


def _cut(find: Find, media: Media) -> Cut:
    clock = clock_of(media, find.source)
    return Cut(find.source, media, clock, clock.frames(find.event.segment), (find.event,))


def _still(source: str, media: Media, events: tuple[Event, ...], rate: FrameRate) -> Cut:
    """Show a picture for some seconds; it has no frames of its own, so that it takes those of the sequence."""
    length = round(SECONDS * rate.fps)
    return Cut(source, media, Clock(rate, 0, length), Frames(0, length), events, still=True)


def events_of(timeline: Timeline) -> list[Cut]:
    """Give a cut an event; none where nothing was found."""
    one = whole(timeline)
    return [one._replace(frames=_frames(one, event), events=(event,)) for event in timeline.events]


def _frames(cut: Cut, event: Event) -> Frames:
    return cut.frames if cut.still else cut.clock.frames(event.segment)


def sequence_rate(some: Sequence[Cut]) -> FrameRate:
    """Give the rate of most pictures; of the sounds where there is no picture."""
    pictures = [one.clock.rate for one in some if one.media.has_picture] or [one.clock.rate for one in some]
    return Counter(pictures).most_common(1)[0][0]


def sequence_size(some: Sequence[Cut]) -> tuple[int, int]:
    """Give the pixels of the first video; those of HD where there is none: stills may be larger than any screen."""
    videos = [(one.media.width, one.media.height) for one in some if one.media.has_picture and not one.still]
    return videos[0] if videos else SIZE


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
