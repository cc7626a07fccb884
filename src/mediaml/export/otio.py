"""OpenTimelineIO: a file with a marker an event, or finds cut together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediaml._extras import require
from mediaml.export.cuts import Cut, cuts, whole
from mediaml.export.notes import address_of, clean, colours, name_of, note, title
from mediaml.values.reel import Reel
from mediaml.values.timeline import Event, Timeline


def otio_of(timeline: Timeline) -> str:
    """Write a file as one clip with a marker an event, as OpenTimelineIO's JSON."""
    cut = whole(timeline)
    made = _sequence(name_of(timeline.source), [cut], timeline.labels)
    made.global_start_time = cut.clock.time(cut.clock.start)
    return _json(made)


def otio_of_reel(reel: Reel) -> str:
    """Write finds as clips, one after another, as OpenTimelineIO's JSON."""
    labels = tuple(find.event.label for find in reel)
    return _json(_sequence(clean(reel.name), cuts(reel.finds), labels))


def _sequence(name: str, some: Sequence[Cut], labels: tuple[str, ...]) -> Any:
    """Make a timeline of clips, one after another: pictures on a video track, sound on an audio track beside it.

    Parameters
    ----------
    name
        Of the sequence.
    some
        The clips.
    labels
        All that may be found: each has its colour.
    """
    otio = _library()
    made = otio.schema.Timeline(name)
    paint = colours(labels)
    tracks = (
        ("Video", "V1", [one.media.has_picture for one in some]),
        ("Audio", "A1", [one.media.has_sound or not one.media.has_picture for one in some]),
    )
    for kind, short, there in tracks:
        if not any(there):
            continue
        track = otio.schema.Track(short, kind=kind)
        first = kind == "Video" or not any(tracks[0][2])
        for cut, has in zip(some, there, strict=True):
            marked = first or not cut.media.has_picture
            track.append(_clip(cut, paint, marked) if has else _gap(cut))
        made.tracks.append(track)
    return made


def _clip(cut: Cut, paint: dict[str, str], marked: bool) -> Any:
    """Make a clip of a cut, with a marker an event."""
    otio = _library()
    clock, offset = cut.clock, cut.clock.start
    stretch = otio.opentime.TimeRange
    reference = otio.schema.ExternalReference(
        address_of(cut.source), stretch(clock.time(offset), clock.time(clock.length))
    )
    reference.name = name_of(cut.source)
    whole_file = cut.frames.length == clock.length and len(cut.events) != 1
    made = otio.schema.Clip(
        name_of(cut.source) if whole_file else title(cut.events[0]),
        reference,
        stretch(clock.time(offset + cut.frames.start), clock.time(cut.frames.length)),
    )
    if marked:
        made.markers.extend(_marker(event, cut, paint.get(event.label, "RED"), offset) for event in cut.events)
    return made


def _marker(event: Event, cut: Cut, colour: str, offset: int) -> Any:
    otio = _library()
    frames = cut.clock.frames(event.segment)
    marker = otio.schema.Marker(
        title(event),
        otio.opentime.TimeRange(cut.clock.time(offset + frames.start), cut.clock.time(frames.length)),
        colour,
        {
            "mediaml": {
                "label": clean(event.label),
                "confidence": event.confidence,
                "model": clean(event.model),
                "start": event.segment.start,
                "end": event.segment.end,
                "tracks": len(event.tracks),
                "note": note(event),
            }
        },
    )
    marker.comment = note(event)
    return marker


def _gap(cut: Cut) -> Any:
    """Make a gap exactly as long as the clip beside it: rounded to the sequence's frames, many would add up."""
    otio = _library()
    return otio.schema.Gap(source_range=otio.opentime.TimeRange(duration=cut.clock.time(cut.frames.length)))


def _json(made: Any) -> str:
    text: str = _library().adapters.write_to_string(made, "otio_json")
    return text


def _library() -> Any:
    """Give OpenTimelineIO.

    Raises
    ------
    MissingExtraError
        The extra ``editors`` is not installed.
    """
    return require("opentimelineio", "editors", "writing timelines for editors")
