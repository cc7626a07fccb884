"""One labelled stretch of a recording, as every annotation format gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Annotation:
    """A labelled stretch of a recording.

    Parameters
    ----------
    start, end
        Seconds from the start of the recording, ``0 <= start <= end``.
    label
        None where the format has no label in that row.
    extra
        The other columns of the row, by name (frequencies, channel, notes, speaker...).
    recording
        The name of the recording where the table itself tells it (RTTM does), or its path on the machine where the
        table was made (Raven's Begin Path), else None.
    """

    start: float
    end: float
    label: str | None
    extra: Mapping[str, object] = field(default_factory=dict)
    recording: str | None = None
