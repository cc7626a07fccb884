"""Sounds for a review page: an MP3 of the stretch with a second around it, and a picture of its spectrogram."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mediaml.data import decode
from mediaml.data.waveform import Waveform
from mediaml.errors import DataError
from mediaml.features.items import Sound
from mediaml.features.pictures import LOUDEST_DB, Levels, overview, picture, png
from mediaml.review.items import Candidate
from mediaml.review.prepared import Prepared, Shelf
from mediaml.runtime.spec import Spec

CONTEXT = 1.0  # seconds at both sides
LONGEST = 60.0  # seconds of a stretch that are kept
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz that an MP3 can have
COLUMNS = 640
SHADES = 64
LOUDEST_GAIN = 50.0  # dB: the noise of a recorder that hears nothing stays dark
SILENCE_DB = -99.0  # no sound at all: black, whatever the gain


class Part(NamedTuple):
    """Which part of a file is shown, in seconds.

    Parameters
    ----------
    start, end
        The stretch.
    first, last
        With what is around it.
    note
        What is left out.
    """

    start: float
    end: float
    first: float
    last: float
    note: str


def part_of(one: Candidate, length: float) -> Part:
    """Give the part of a file that is shown; a stretch without length is all of it.

    Raises
    ------
    DataError
        The file ends before it.
    """
    if one.start >= length and one.end > one.start:
        raise DataError(f"it ends at {length:.3f} s, before {one.start:.3f} s")
    end = min(one.end, length) if one.end > one.start else length
    shown = min(end, one.start + LONGEST)
    note = f"the first {LONGEST:g} of {end - one.start:.0f} s" if shown < end else ""
    return Part(one.start, shown, max(0.0, one.start - CONTEXT), min(length, shown + CONTEXT), note)


def make(one: Candidate, shelf: Shelf) -> Prepared:
    """Make the files of a sound.

    Raises
    ------
    DataError
        It cannot be read, or ends before the stretch.
    """
    part = part_of(one, decode.info(one.source).duration)
    waveform, rate = decode.read(one.source, part.first, part.last)
    drawn = shelf.write(".png", spectrogram(waveform, rate))
    clip = shelf.fill(".mp3", lambda place: write_mp3(place, waveform, rate))
    length = len(waveform) / rate
    begins = part.start - part.first
    return Prepared(
        thumb=drawn,
        picture=drawn,
        clip=clip,
        begins=begins,
        ends=min(length, begins + part.end - part.start),
        length=length,
        note=part.note,
    )


def write_mp3(place: Path, waveform: Waveform, rate: int) -> None:
    """Write samples as MP3, which every browser plays; what is louder than full scale is turned down as a whole."""
    import soundfile

    best = next((one for one in RATES if one >= rate), RATES[-1])
    samples = decode.resample(waveform, rate, best)
    peak = float(np.abs(samples).max(initial=0.0))
    content = io.BytesIO()
    soundfile.write(content, samples / max(1.0, peak), best, format="MP3", subtype="MPEG_LAYER_III")
    place.write_bytes(content.getvalue())


def spectrogram(waveform: Waveform, rate: int) -> bytes:
    """Draw a spectrogram as PNG: the loudest point has the brightest colour, whatever the microphone's gain."""
    levels = _levels(waveform, rate)
    gain = min(LOUDEST_DB - float(levels.max(initial=-100.0)), LOUDEST_GAIN)
    return png(picture(np.where(levels > SILENCE_DB, levels + gain, SILENCE_DB), SHADES))


def _levels(waveform: Waveform, rate: int) -> Levels:
    """Compute log-mel levels, with as many columns as are looked at."""
    size = 1 << max(6, round(np.log2(0.03 * rate)))  # about 30 ms
    hop = max(1, min(size // 2, -(-len(waveform) // (COLUMNS - 1))))
    spec = Spec(sample_rate=rate, n_fft=size, hop_length=hop, mel_bands=min(96, size // 8))
    return overview(Sound("sound", (waveform, rate), 0.0, len(waveform) / rate), spec, COLUMNS)[0]
