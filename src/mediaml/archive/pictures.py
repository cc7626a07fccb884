"""Still pictures and all models of pictures: some files at a time, which a network looks at in less time."""

from __future__ import annotations

from collections.abc import Sequence

from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Found
from mediaml.errors import DataError
from mediaml.values.geometry import Segment
from mediaml.values.prediction import ImagePrediction
from mediaml.values.timeline import Event, Sighting, Track


def seen_in(paths: Sequence[str], entrants: Sequence[Entrant]) -> list[tuple[Found, ...] | DataError]:
    """Look at pictures: what each model found in each, or why it cannot be read."""
    lookers = [one for one in entrants if one.kind == "picture"]
    verdicts = [one.model.predict(list(paths), on_error="skip") for one in lookers]
    found: list[tuple[Found, ...] | DataError] = []
    for number, _ in enumerate(paths):
        seen = {one.key: of_one[number] for one, of_one in zip(lookers, verdicts, strict=True)}
        refused = [one.error for one in seen.values() if one.error is not None]
        if refused and len(refused) == len(seen):
            found.append(DataError(refused[0].removeprefix(f"{paths[number]}: ")))
            continue
        found.append(tuple(_found(one.key, seen.get(one.key)) for one in entrants))
    return found


def _found(key: str, seen: ImagePrediction | None) -> Found:
    if seen is None:
        return Found(key)
    return Found(key, events_of(seen)) if seen.error is None else Found(key, (), (seen.error,))


def events_of(seen: ImagePrediction) -> tuple[Event, ...]:
    """Give what is seen in a still picture as events that last no time, one a label; boxes are tracks of one."""
    sure = {one.label: one.confidence for one in seen.alternatives}
    return tuple(
        Event(
            label=label,
            segment=Segment(start=0, end=0),
            confidence=sure.get(label, seen.confidence),
            tracks=tuple(Track(sightings=(Sighting(time=0, box=box),)) for box in seen.boxes if box.label == label),
        )
        for label in seen.labels
    )
