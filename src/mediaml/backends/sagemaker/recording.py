"""What AWS's container answers of a recording that was heard for events, as values."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from mediaml.errors import AwsError
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event


class Recording(NamedTuple):
    """What was heard of a file.

    Parameters
    ----------
    digest
        SHA-256 of its bytes.
    duration
        Seconds.
    sample_rate, channels
        As its header has them.
    events
        By time.
    problems
        Stretches that could not be read, with the reason.
    error
        Why none of it could be read.
    """

    digest: str
    duration: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()
    error: str | None = None


def recording(body: bytes, source: str) -> Recording:
    """Read an answer.

    Raises
    ------
    AwsError
        It is none of a model that mediaml has trained.
    """
    try:
        told: dict[str, Any] = json.loads(body)
        if told["error"] is not None:
            return Recording(str(told["digest"]), error=str(told["error"]))
        events = (
            Event(label=label, segment=Segment(start=start, end=end), confidence=confidence)
            for label, start, end, confidence in told["events"]
        )
        return Recording(
            str(told["digest"]),
            float(told["duration"]),
            int(told["sample_rate"]),
            int(told["channels"]),
            tuple(events),
            tuple(map(str, told["problems"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AwsError(f"{source}: this is no answer with events ({error!r}): {body[:200]!r}") from error
