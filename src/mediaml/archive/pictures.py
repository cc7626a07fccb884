"""Still pictures and all models of pictures: some files at a time, which a network looks at in less time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Found
from mediaml.backends.local_image import Looker
from mediaml.backends.tracing import Moment, Trace
from mediaml.errors import DataError, ImageError
from mediaml.values.geometry import Segment
from mediaml.values.prediction import ImagePrediction
from mediaml.values.timeline import Event, Sighting, Track


def seen_in(paths: Sequence[str], entrants: Sequence[Entrant]) -> list[tuple[Found, ...] | DataError]:
    """Look at pictures: what each model found in each, or why it cannot be read."""
    lookers = [one for one in entrants if one.kind == "picture"]
    verdicts = [_looked(one.model, paths) for one in lookers]
    found: list[tuple[Found, ...] | DataError] = []
    for number, _ in enumerate(paths):
        seen = {one.key: of_one[number] for one, of_one in zip(lookers, verdicts, strict=True)}
        refused = [one.error for one, _ in seen.values() if one.error is not None]
        if refused and len(refused) == len(seen):
            found.append(DataError(refused[0].removeprefix(f"{paths[number]}: ")))
            continue
        found.append(tuple(_found(one.key, seen.get(one.key)) for one in entrants))
    return found


def _looked(model: Any, paths: Sequence[str]) -> list[tuple[ImagePrediction, Trace]]:
    """Look at pictures; a model on this machine tells what they are like, too."""
    if not isinstance(model, Looker):
        return [(one, Trace()) for one in model.predict(list(paths), on_error="skip")]
    return [
        (ImagePrediction(error=str(one), source=one.source) if isinstance(one, ImageError) else one, trace)
        for one, trace in model.looker().traced(paths)
    ]


def _found(key: str, seen: tuple[ImagePrediction, Trace] | None) -> Found:
    if seen is None:
        return Found(key)
    verdict, trace = seen
    if verdict.error is not None:
        return Found(key, (), (verdict.error,))
    events = events_of(verdict)
    moments = () if trace.embedding is None else (Moment(0.0, 0.0, trace.embedding),)
    return Found(key, events, (), (trace,) * len(events), moments)


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
