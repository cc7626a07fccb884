"""The windows that a network hears of a recording."""

from __future__ import annotations

from typing import List, Tuple

TOLERANCE = 0.05


def covering_windows(duration: float, seconds: float) -> List[Tuple[float, float]]:
    """Cover a whole recording with windows at half their length; the last one ends where the recording ends.

    A rest of less than a twentieth of a window is not worth a window of its own: files are often a few samples longer
    than they should be.

    Parameters
    ----------
    duration
        Seconds of the recording.
    seconds
        Length of a window.

    Returns
    -------
    Start and end in seconds, at least one window; a recording shorter than a window is one.
    """
    if duration <= seconds * (1 + TOLERANCE):
        return [(0.0, min(duration, seconds))]
    hop, last = seconds / 2, duration - seconds
    starts = [number * hop for number in range(int(last / hop) + 1)]
    if last - starts[-1] > TOLERANCE * seconds:
        starts.append(last)
    return [(start, start + seconds) for start in starts]
