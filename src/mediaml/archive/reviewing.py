"""What a scan found, as things to be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mediaml.review.items import Candidate
from mediaml.values.reel import Find


def candidates(finds: Iterable[Find], hearing: Collection[str]) -> list[Candidate]:
    """Give each find as a thing to be judged.

    Parameters
    ----------
    finds
        What was found.
    hearing
        The names of the models that hear; the others see.
    """
    return [_candidate(one, one.event.model in hearing) for one in finds]


def _candidate(find: Find, heard: bool) -> Candidate:
    event = find.event
    surest = max((track.surest for track in event.tracks), key=lambda one: one.box.confidence or 0.0, default=None)
    time = None if surest is None else surest.time
    still = find.media is None and not heard
    return Candidate(
        source=find.source,
        kind="picture" if still else "video" if find.media is not None and find.media.has_picture else "sound",
        sense="heard" if heard else "seen",
        start=event.segment.start,
        end=event.segment.end,
        label=event.label,
        confidence=event.confidence,
        value=find.value,
        parts=find.parts,
        model=event.model,
        # all boxes of the label in the picture in which one is surest
        boxes=None
        if time is None
        else tuple(one.box for track in event.tracks for one in track.sightings if one.time == time),
        time=None if still else time,
    )
