"""What came of the files of an archive."""

from __future__ import annotations

from dataclasses import dataclass

from mediaml.archive.places import Place
from mediaml.errors import AudioError, ImageError, VideoError
from mediaml.values.media import Media
from mediaml.values.timeline import Event


@dataclass(frozen=True)
class Found:
    """What one model found in one file.

    Parameters
    ----------
    key
        The model's.
    events
        By time.
    problems
        Stretches that could not be read, with the reason.
    """

    key: str
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What came of a file.

    Parameters
    ----------
    place
        The file.
    digest
        Of its content; empty where it could not be read at all.
    media
        Its streams; None: a still picture, or unreadable.
    found
        One a model; empty where the file could not be read.
    error
        Why it could not be read.
    left
        The file was not looked at, because this engine cannot read it: what another one found in it stays.
    """

    place: Place
    digest: str = ""
    media: Media | None = None
    found: tuple[Found, ...] = ()
    error: str | None = None
    left: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return 0.0 if self.media is None else self.media.duration


def reason_of(error: BaseException) -> str:
    """Say why a file could not be read, without its name, which stands beside it."""
    return error.reason if isinstance(error, AudioError | ImageError | VideoError) else str(error)


def by_time(event: Event) -> tuple[float, float, str]:
    """Sort events."""
    return event.segment.start, event.segment.end, event.label
