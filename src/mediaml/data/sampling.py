"""Which pictures of a video are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite


@dataclass(frozen=True)
class Sampling:
    """Which pictures of a video are looked at.

    Parameters
    ----------
    every
        Seconds from one picture to the next; 0: every picture; None: only `scenes`.
    scenes
        The first picture after each cut, and the very first one, too.
    skip_similar
        Do not look again at what is nearly the same as the last picture that was looked at: what was seen there still
        holds.

    Raises
    ------
    ValueError
        Neither is asked for, or `every` is no number of seconds.
    """

    every: float | None = 1.0
    scenes: bool = False
    skip_similar: bool = False

    def __post_init__(self) -> None:
        if self.every is None and not self.scenes:
            raise ValueError("which pictures? every=1.0 takes one a second, scenes=True one a scene; or both")
        if self.every is not None:
            wrong = isinstance(self.every, bool) or not isinstance(self.every, int | float)
            if wrong or not (isfinite(self.every) and self.every >= 0):
                raise ValueError(f"every is a number of seconds, 0 or more, not {self.every!r}")

    def at_most(self, duration: float, frame_rate: float | None) -> int | None:
        """Tell how many pictures of a video are looked at, at most; None: it depends on its cuts, or is not known."""
        if self.scenes or self.every is None:
            return None
        rate = frame_rate or 0.0
        if self.every == 0 or (rate and self.every < 1 / rate):
            return ceil(duration * rate) if rate else None
        return max(1, ceil(duration / self.every))
