"""What a recording sounds like or a video looks like, kept beside what is found in it: in flat memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
LONGEST = 5.0  # seconds of a moment: what a person would call one sound, or one shot
REMEMBERED = 60.0  # seconds: of a longer event its last minute counts
AT_LEAST = 64  # looks that are remembered, though they are older: where pictures are rare, or a stretch is missing


class Embedder(NamedTuple):
    """A network's body that makes embeddings; the same one makes them of an example to search by.

    Parameters
    ----------
    kind
        What it hears or looks at: ``"sound"`` or ``"picture"``.
    network
        Its name.
    weights
        Their digest.
    view
        How it hears or looks: the spectrogram's settings as JSON; which part of a picture.
    """

    kind: str
    network: str
    weights: str
    view: str


class Quality(NamedTuple):
    """How well something was recorded; None: it was not measured, or there is no such thing.

    Parameters
    ----------
    clipped
        Share of samples at full scale, 0 to 1.
    level
        dB of full scale of the loudest 50 ms.
    sharpness
        Of the sharpest picture; see `data.pictures.sharpness`.
    side
        Pixels of the picture's shorter side.
    """

    clipped: float | None = None
    level: float | None = None
    sharpness: float | None = None
    side: int | None = None


class Look(NamedTuple):
    """A window of a sound, or a picture of a video.

    Parameters
    ----------
    start, end
        Seconds that it stands for.
    embedding
        float32 [numbers]; None: the model makes none, or there is nothing to be heard or seen.
    quality
        Of it.
    """

    start: float
    end: float
    embedding: Floats | None
    quality: Quality


class Trace(NamedTuple):
    """What is known of a found event beside its label."""

    embedding: Floats | None = None
    quality: Quality = Quality()


class Moment(NamedTuple):
    """Some seconds of a recording or a video, and the mean of what a network makes of them."""

    start: float
    end: float
    embedding: Floats


class Tracer:
    """Takes looks as they come, and gives moments, and traces of events that have just ended.

    Parameters
    ----------
    least_alike
        A look whose cosine with the moment's first one is below this begins another moment; -1: only its length ends
        a moment.
    """

    def __init__(self, least_alike: float = -1.0) -> None:
        self._least_alike = least_alike
        self._recent: deque[Look] = deque()
        self._open: list[tuple[Look, Floats]] = []
        self._moments: list[Moment] = []

    def push(self, look: Look) -> None:
        """Take the next look."""
        self._recent.append(look)
        while len(self._recent) > AT_LEAST and self._recent[0].end < look.start - REMEMBERED:
            self._recent.popleft()
        if look.embedding is None:
            self._close()
            return
        if self._open and not self._continues(look, look.embedding):
            self._close()
        self._open.append((look, look.embedding))

    def _continues(self, look: Look, embedding: Floats) -> bool:
        first, known = self._open[0]
        alike = self._least_alike <= -1.0 or cosine(known, embedding) >= self._least_alike
        return alike and look.end - first.start <= LONGEST

    def _close(self) -> None:
        if self._open:
            mean = np.mean([embedding for _, embedding in self._open], axis=0, dtype=np.float32)
            self._moments.append(Moment(self._open[0][0].start, self._open[-1][0].end, mean))
            self._open = []

    def trace(self, start: float, end: float) -> Trace:
        """Say what an event that has just ended was like: by the looks whose middle lies in it, else that touch it."""
        inside = [one for one in self._recent if start <= (one.start + one.end) / 2 < end]
        if not inside:
            inside = [one for one in self._recent if one.start < end and one.end > start]
        known = [one.embedding for one in inside if one.embedding is not None]
        mean = np.mean(known, axis=0, dtype=np.float32) if known else None
        return Trace(mean, together([one.quality for one in inside]))

    def finish(self) -> tuple[Moment, ...]:
        """Give all moments, in order."""
        self._close()
        return tuple(self._moments)


def together(several: Sequence[Quality]) -> Quality:
    """Put qualities together: the mean share of clipped samples, the loudest level, the sharpest, largest picture."""
    clipped = [one.clipped for one in several if one.clipped is not None]
    return Quality(
        float(np.mean(clipped)) if clipped else None,
        max((one.level for one in several if one.level is not None), default=None),
        max((one.sharpness for one in several if one.sharpness is not None), default=None),
        max((one.side for one in several if one.side is not None), default=None),
    )


def cosine(one: Floats, other: Floats) -> float:
    """Give the cosine of the angle between two vectors, -1 to 1; 0 where one of them is nothing."""
    lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return float(one @ other) / lengths if lengths > 0 else 0.0
