"""One recording and all models that suit it: its picture is watched, its sound is heard, each decoded once."""

from __future__ import annotations

from collections.abc import Sequence

from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.examined import Found, in_time, reason_of
from mediaml.backends.detection import Heard, Listening
from mediaml.backends.pictures.watching import Watch, batches
from mediaml.backends.tracing import Trace, Tracer
from mediaml.data import video
from mediaml.errors import DataError
from mediaml.features.items import open_sound
from mediaml.features.shared_sound import SharedSound
from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.timeline import Event

ALIKE = 0.8  # cosine: a picture that is less like the first one of a shot belongs to another (docs/decisions/0013)


def found_in(path: str, media: Media, entrants: Sequence[Entrant], settings: Settings) -> tuple[Found, ...]:
    """Watch and hear a recording; where one of both cannot be done, the other still counts.

    Raises
    ------
    DataError
        Nothing of it can be read.
    """
    by_key = {one.key: Found(one.key) for one in entrants}
    errors: list[DataError] = []
    parts = (
        (media.has_picture, [one for one in entrants if one.kind == "picture"], _watched),
        (media.has_sound, [one for one in entrants if one.kind == "sound"], _heard),
    )
    wanted = [(some, work) for there, some, work in parts if there and some]
    for some, work in wanted:
        try:
            found = work(path, media, some, settings)
        except DataError as error:
            errors.append(error)
            found = [Found(one.key, (), (reason_of(error),)) for one in some]
        by_key.update({one.key: one for one in found})
    if errors and len(errors) == len(wanted):
        raise errors[0]
    return tuple(by_key[one.key] for one in entrants)


# -- videos -----------------------------------------------------------------------------------------------------------


def _watched(path: str, media: Media, entrants: Sequence[Entrant], settings: Settings) -> list[Found]:
    """Show each picture of a video to all models."""
    watchers = [one.model.watcher() for one in entrants]
    watches = [Watch(one, settings.watching, Tracer(ALIKE)) for one in watchers]
    last = 0.0
    for some in batches(video.frames(path, settings.sampling, _largest([one.at_least for one in watchers]))):
        for watch in watches:
            watch.take(some)
        last = some[-1].time
    found = [watch.finish(max(media.duration, last)) for watch in watches]
    return [
        Found(one.key, *_sorted(seen.events, seen.problems, seen.traces), seen.moments)
        for one, seen in zip(entrants, found, strict=True)
    ]


def _sorted(
    events: Sequence[Event], problems: tuple[str, ...], traces: Sequence[Trace]
) -> tuple[tuple[Event, ...], tuple[str, ...], tuple[Trace, ...]]:
    by_time, their_traces = in_time(events, traces)
    return by_time, problems, their_traces


def _largest(sides: Sequence[int | None]) -> int | None:
    known = [side for side in sides if side is not None]
    return max(known) if len(known) == len(sides) else None


# -- sounds -----------------------------------------------------------------------------------------------------------


def _heard(path: str, media: Media, entrants: Sequence[Entrant], settings: Settings) -> list[Found]:
    """Let all models hear a recording side by side."""
    sound = open_sound(path)
    if len(entrants) > 1:
        sound = SharedSound(sound.name, path, sound.offset, sound.duration)
    hearers = [
        Listening(one.model.hearer(), sound, settings.listening, one.model.batch_size, Tracer()) for one in entrants
    ]
    try:
        while (next_one := min(hearers, key=lambda one: one.reached)).reached < float("inf"):
            next_one.advance()
    finally:
        for one in hearers:
            one.close()
    found = [one.finish() for one in hearers]
    return [_in_time(one.key, heard, media.sound_start) for one, heard in zip(entrants, found, strict=True)]


def _in_time(key: str, heard: Heard, sound_start: float) -> Found:
    events = [_shifted(event, sound_start) for event in heard.events]
    moments = tuple(
        one._replace(start=max(0.0, one.start + sound_start), end=max(0.0, one.end + sound_start))
        for one in heard.moments
    )
    return Found(key, *_sorted(events, heard.problems, heard.traces), moments)


def _shifted(event: Event, by: float) -> Event:
    """Put an event of the sound where it is in the video, whose first picture may come earlier or later."""
    if by == 0:
        return event
    start, end = max(0.0, event.segment.start + by), max(0.0, event.segment.end + by)
    return event.model_copy(update={"segment": Segment(start=start, end=end)})
