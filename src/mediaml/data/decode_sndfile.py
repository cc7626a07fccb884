"""Recordings to mono waveforms by libsndfile (soundfile): WAV, FLAC, OGG, MP3, AIFF, CAF, AU and more."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mediaml.data.mp3 import varies_uncounted
from mediaml.data.waveform import AudioInfo, Waveform, check_count, mono
from mediaml.errors import AudioError

MPEG_RUN_UP = 0.5  # seconds: at 16 and 22 kHz a packet may need others that lie 0.3 s before it
NO_SEEKING = frozenset(("GSM610", "G721_32", "G723_24", "G723_40", "NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32"))
ENDLESS = 0x7FFFF000  # bytes; what a program writes that cannot know yet (ffmpeg into a pipe): no promise
LOWEST_BYTE_RATE = 1000  # bytes a second; no MP3 has less (8 kbit/s)
# of the chunk of samples (WAV, AIFF) or of a W64 file, which writes "riff" small; a WAV with a wrong RIFF size is whole
_PROMISE = re.compile(r"[* ]*(?:data|SSND|riff)\s*:\s*(\d+) \(should be \d+\)")
UNKNOWN_FRAMES = 1 << 48  # libsndfile reports about 2**63 where a stream does not say how long it is
BLOCK_FRAMES = 1 << 16
NO_FILE = "File does not exist or is not a regular file"


def info(opened: str | BinaryIO) -> AudioInfo:
    """Read the header."""
    import soundfile

    with soundfile.SoundFile(opened) as file:
        frames = file.frames
        if frames > UNKNOWN_FRAMES or _too_good(file, opened):
            frames = sum(len(block) for block in blocks(file))
        return AudioInfo(
            duration=frames / file.samplerate,
            sample_rate=file.samplerate,
            channels=file.channels,
            format=f"{file.format} {file.subtype}",
            truncated=_samples_missing(file.extra_info),
        )


def read(opened: str | BinaryIO, name: str, start: float, end: float | None) -> tuple[Waveform, int]:
    """Decode the stretch from `start` to `end` seconds to mono."""
    import soundfile

    with soundfile.SoundFile(opened) as file:
        rate = int(file.samplerate)
        first = min(round(start * rate), file.frames)
        last = file.frames if end is None else min(round(end * rate), file.frames)
        skip = go_near(file, first)
        if last > UNKNOWN_FRAMES:
            samples = np.concatenate([np.zeros((0, file.channels), np.float32), *_bounded(blocks(file), name)])
        else:
            check_count((skip + max(0, last - first)) * file.channels, name)
            samples = file.read(skip + max(0, last - first), dtype="float32", always_2d=True)
    return mono(samples[skip:]), rate


def go_near(file: Any, first: int) -> int:
    """Seek to where a stretch can be decoded from, and give how many frames there are to skip from there.

    An MP3 needs a few packets to find its feet: right after a seek it begins with garbage, 13 ms at 44 kHz, 0.3 s at
    16 kHz; what lies before the stretch is to be read with it, at once, because soundfile seeks after each reading.
    Some codecs of telephones do not seek at all, or to the wrong place, and are decoded from their start.
    """
    if first == 0:
        return 0
    if not file.seekable() or file.subtype in NO_SEEKING:
        return first
    before = round(MPEG_RUN_UP * file.samplerate) if file.subtype.startswith("MPEG_LAYER") else 0
    file.seek(max(0, first - before))
    return min(first, before)


def blocks(file: Any) -> Iterator[Any]:
    """Decode to the end where nobody knows where that is."""
    while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        yield block


def _bounded(blocks: Iterator[Any], name: str) -> Iterator[Any]:
    """Give up where there is more than can be held."""
    count = 0
    for block in blocks:
        count += block.size
        check_count(count, name)
        yield block


def guesses_its_length(opened: str | BinaryIO) -> bool:
    """Tell whether libsndfile would guess where an MP3 ends, guess wrong, and stop reading there."""
    if isinstance(opened, str):
        with Path(opened).open("rb") as file:
            return varies_uncounted(file)
    try:
        return varies_uncounted(opened)
    finally:
        opened.seek(0)


def _too_good(file: Any, opened: str | BinaryIO) -> bool:
    """Tell whether an MP3 claims to be longer than so few bytes can hold: some headers are another file's."""
    if not file.subtype.startswith("MPEG_LAYER"):
        return False
    size = Path(opened).stat().st_size if isinstance(opened, str) else _size(opened)
    return bool(file.frames > size / LOWEST_BYTE_RATE * file.samplerate)


def _size(opened: BinaryIO) -> int:
    place = opened.tell()
    size = opened.seek(0, io.SEEK_END)
    opened.seek(place)
    return size


def _samples_missing(log: str) -> bool:
    """Tell whether libsndfile's log says that the chunk of samples is shorter than its header promises."""
    for line in log.splitlines():
        promised = _PROMISE.match(line)
        if promised and int(promised[1]) < ENDLESS:
            return True
    return "does not match" in log and "frame count" in log.lower()


def _reason(said: str, name: str) -> str:
    """Give what libsndfile said, but for one sentence that it says of broken MP3s, too."""
    if said.startswith(NO_FILE) and Path(name).is_file():
        return "no sound was recognised in it"
    return said.rstrip(".")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn whatever libsndfile and the system raise into `AudioError`."""
    import soundfile

    try:
        yield
    except AudioError:
        raise
    except soundfile.LibsndfileError as error:
        raise AudioError(name, f"libsndfile: {_reason(error.error_string, name)}") from error
    except (RuntimeError, OSError, TypeError, ValueError) as error:
        # TypeError: a headerless .raw file, of which soundfile wants to be told the rate
        raise AudioError(name, f"libsndfile: {error}") from error
