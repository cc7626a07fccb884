"""Sounds as requests: WAV at the model's rate, a long one in pieces that an endpoint of its kind takes."""

from __future__ import annotations

from collections.abc import Iterator

from mediaml.errors import PayloadTooLarge
from mediaml.features.items import Sound
from mediaml.runtime import wav
from mediaml.runtime.spec import Spec
from mediaml.runtime.windows import covering_windows

WAV = "audio/wav"
IMPRESSION = "application/json; detail=impression"
EVENTS = "application/json; detail=events"
LONGEST = 3000.0  # seconds; the server takes an hour
HEADER_BYTES, SAMPLE_BYTES = 100, 4
MEGABYTE = 1 << 20
LIMITS = {"serverless": 4 * MEGABYTE, "realtime": 6 * MEGABYTE, "async": 100 * MEGABYTE}


def bodies(sound: Sound, spec: Spec, limit: int) -> Iterator[bytes]:
    """Give the requests that a sound is sent in.

    Parameters
    ----------
    sound
        Opened.
    spec
        The model's front end.
    limit
        Bytes of a request.

    Raises
    ------
    PayloadTooLarge
        Not even one window fits.
    AudioError
        The sound cannot be read.
    """
    most = min(LONGEST, (limit - HEADER_BYTES) // SAMPLE_BYTES / spec.sample_rate)
    windows = covering_windows(sound.duration, spec.clip_seconds)
    if windows[0][1] - windows[0][0] > most:
        raise PayloadTooLarge(
            f"{sound.name}: one window of {spec.clip_seconds:g} s at {spec.sample_rate} Hz is more than the "
            f"{limit / MEGABYTE:.0f} MB that this endpoint takes: deploy(kind='async'), or transform(...)"
        )
    for begin, end in _pieces(windows, most):
        yield wav.write(sound.read(begin, end, spec.sample_rate), spec.sample_rate)


def _pieces(windows: list[tuple[float, float]], most: float) -> Iterator[tuple[float, float]]:
    """Join neighbouring windows to stretches of at most so many seconds."""
    begin, end = windows[0]
    for start, stop in windows[1:]:
        if stop - begin > most:
            yield begin, end
            begin = start
        end = stop
    yield begin, end
