"""Stretches of sound files, to the sample, by libsndfile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mediaml.data import decode_sndfile
from mediaml.errors import AudioError
from mediaml.export.cutting.spans import Cut, Span

BLOCK = 1 << 16  # frames
LARGEST = (1 << 32) - (1 << 16)  # bytes of samples in a WAV; RF64 holds more
SAMPLE_BYTES = 8
# whatever libsndfile reads as these types and writes again is the same, bit by bit
EXACT: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("PCM_16", "PCM_S8", "PCM_U8", "ULAW", "ALAW", "ALAC_16"), "int16")
    | dict.fromkeys(("PCM_24", "PCM_32", "ALAC_20", "ALAC_24", "ALAC_32"), "int32")
    | {"FLOAT": "float32", "DOUBLE": "float64"}
)
MOST_OF_FLAC = 8  # channels


def is_exact(subtype: str) -> bool:
    """Tell whether samples of this subtype (of libsndfile) can be cut without a loss."""
    return subtype in EXACT


def copy_samples(source: str, place: Path, span: Span) -> Cut:
    """Write a stretch of a file of PCM, FLAC or ALAC: same container, subtype, channels and rate, same bits.

    Raises
    ------
    AudioError
        It cannot be read, or ends before the stretch starts.
    """
    import soundfile

    with decode_sndfile.translated(source), soundfile.SoundFile(source) as file:
        first, last = _stretch(file, source, span)
        large = (last - first) * file.channels * SAMPLE_BYTES > LARGEST
        file.seek(first)
        with soundfile.SoundFile(
            place,
            "w",
            samplerate=file.samplerate,
            channels=file.channels,
            subtype=file.subtype,
            endian=file.endian,
            format="RF64" if file.format in ("WAV", "WAVEX") and large else file.format,
        ) as target:
            _copy_texts(file, target)
            _copy_blocks(file, target, last - first, EXACT[file.subtype])
        return Cut(first / file.samplerate, copied=True)


def decode_samples(source: str, place: Path, span: Span) -> Cut:
    """Write a stretch of whatever libsndfile reads as FLAC of 24 bits (more than 8 channels: WAV).

    Raises
    ------
    AudioError
        It cannot be read, or ends before the stretch starts.
    """
    import soundfile

    with decode_sndfile.translated(source), soundfile.SoundFile(source) as file:
        first, last = _stretch(file, source, span)
        skip = decode_sndfile.go_near(file, first)
        samples = file.read(skip + last - first, dtype="float32", always_2d=True)[skip:]
        if len(samples) == 0:
            raise ValueError("nothing in the stretch could be read")
        kind = "FLAC" if file.channels <= MOST_OF_FLAC else "WAV"
        with soundfile.SoundFile(place, "w", file.samplerate, file.channels, "PCM_24", format=kind) as target:
            target.write(samples)
        return Cut(first / file.samplerate, copied=False)


def _stretch(file: Any, source: str, span: Span) -> tuple[int, int]:
    """Give the first frame and the one behind the last."""
    first = round(span.start * file.samplerate)
    if first >= file.frames:
        raise AudioError(source, f"it ends at {file.frames / file.samplerate:.3f} s, before {span.start:.3f} s")
    return first, min(file.frames, max(first + 1, math.ceil(span.end * file.samplerate - 1e-6)))


def _copy_texts(file: Any, target: Any) -> None:
    """Copy title, artist, date and the like, as far as the format holds them."""
    for name, text in file.copy_metadata().items():
        with suppress(RuntimeError):
            setattr(target, name, text)


def _copy_blocks(file: Any, target: Any, frames: int, kind: str) -> None:
    left = frames
    while left > 0 and len(block := file.read(min(BLOCK, left), dtype=kind, always_2d=True)):
        target.write(block)
        left -= len(block)
    if left == frames:
        raise ValueError("nothing in the stretch could be read")
