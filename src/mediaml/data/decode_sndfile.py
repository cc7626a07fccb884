"""Recordings to mono waveforms by libsndfile (soundfile): WAV, FLAC, OGG, MP3, AIFF, CAF, AU and more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from mediaml.data.waveform import AudioInfo, Waveform, mono
from mediaml.errors import AudioError

UNKNOWN_FRAMES = 1 << 48  # libsndfile reports about 2**63 where a stream does not say how long it is
BLOCK_FRAMES = 1 << 16


def info(opened: str | BinaryIO) -> AudioInfo:
    """Read the header."""
    import soundfile

    with soundfile.SoundFile(opened) as file:
        frames = file.frames
        if frames > UNKNOWN_FRAMES:
            frames = sum(len(block) for block in _blocks(file))
        return AudioInfo(
            duration=frames / file.samplerate,
            sample_rate=file.samplerate,
            channels=file.channels,
            format=f"{file.format} {file.subtype}",
            truncated=_samples_missing(file.extra_info),
        )


def read(opened: str | BinaryIO, start: float, end: float | None) -> tuple[Waveform, int]:
    """Decode the stretch from `start` to `end` seconds to mono."""
    import soundfile

    with soundfile.SoundFile(opened) as file:
        rate = int(file.samplerate)
        first = min(round(start * rate), file.frames)
        last = file.frames if end is None else min(round(end * rate), file.frames)
        if first > 0:
            file.seek(first)
        if last > UNKNOWN_FRAMES:
            samples = np.concatenate([np.zeros((0, file.channels), np.float32), *_blocks(file)])
        else:
            samples = file.read(max(0, last - first), dtype="float32", always_2d=True)
    return mono(samples), rate


def _blocks(file: Any) -> Iterator[Any]:
    """Decode to the end where nobody knows where that is."""
    while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        yield block


def _samples_missing(log: str) -> bool:
    """Tell whether libsndfile's log says that the chunk of samples is shorter than its header promises."""
    return any(
        "should be" in line and line.lstrip("* ").lower().startswith(("data", "ssnd")) for line in log.splitlines()
    )


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn whatever libsndfile and the system raise into `AudioError`."""
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as error:
        raise AudioError(name, f"libsndfile: {error.error_string.rstrip('.')}") from error
    except (RuntimeError, OSError, TypeError, ValueError) as error:
        # TypeError: a headerless .raw file, of which soundfile wants to be told the rate
        raise AudioError(name, f"libsndfile: {error}") from error
