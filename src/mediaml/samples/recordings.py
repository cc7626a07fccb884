"""Recordings to try things with: made by arithmetic, the same ones every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias
from zlib import crc32

import numpy as np

from mediaml.samples.bells import bell
from mediaml.samples.birds import bird
from mediaml.samples.engines import engine
from mediaml.samples.rain import rain
from mediaml.samples.signals import Floats, Samples, coloured_noise, sample_count
from mediaml.samples.sirens import siren
from mediaml.samples.surroundings import in_its_surroundings
from mediaml.samples.voices import voice

Synthesis: TypeAlias = Callable[[np.random.RandomState, float, int], Floats]

KINDS: Mapping[str, Synthesis] = MappingProxyType(
    {"bell": bell, "bird": bird, "engine": engine, "rain": rain, "siren": siren, "voice": voice}
)
LABELS: tuple[str, ...] = tuple(sorted(KINDS))
LOWEST_RATE = 8000  # hertz
SHORTEST = 0.1  # seconds
# how the files of a folder are written, in turn: suffix, libsndfile's format and subtype
FORMATS = (("wav", "WAV", "PCM_16"), ("flac", "FLAC", "PCM_16"), ("ogg", "OGG", "VORBIS"))


def write_recordings(
    folder: str | Path,
    *,
    per_label: int = 8,
    seconds: tuple[float, float] = (6.0, 12.0),
    sample_rate: int = 22050,
    labels: Sequence[str] | None = None,
    seed: int = 7,
) -> Path:
    """Write synthetic recordings, a folder a label: ``bird/bird-00.wav``, ``bird/bird-01.flac``, ...

    Parameters
    ----------
    folder
        Where to; made if need be. Files of the same names are replaced, others are left alone.
    per_label
        How many recordings of each label, each of another individual.
    seconds
        The shortest and the longest a recording may be, from 0.1 up.
    sample_rate
        In hertz, at least 8000.
    labels
        Some of `LABELS`; all of them if None.
    seed
        The same seed gives the same samples, whatever other labels and however many recordings are asked for.
        WAV and FLAC files come out equal byte for byte; an OGG file has a random serial number in it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        A label that is not known, or a length or a sample rate that makes no sense.
    """
    wanted = LABELS if labels is None else tuple(labels)
    for label, edge in product(wanted, seconds):
        check(label, edge, sample_rate)
    for label in wanted:
        for index in range(per_label):
            length = generator(label, index, seed, "length").uniform(min(seconds), max(seconds))
            samples = recording(label, index, seed, length, sample_rate)
            write(Path(folder) / label / f"{label}-{index:02d}", samples, sample_rate, FORMATS[index % len(FORMATS)])
    return Path(folder)


def recording(label: str, index: int, seed: int = 7, seconds: float = 8.0, sample_rate: int = 22050) -> Samples:
    """Return one synthetic recording.

    Parameters
    ----------
    label
        One of `LABELS`.
    index
        Which individual of that label: another bird, another siren, in another place.
    seed
        Another seed gives other individuals.
    seconds
        Its length, at least 0.1.
    sample_rate
        In hertz, at least 8000.

    Returns
    -------
    Samples
        One channel, with a background, peak between 0.15 and 0.9.

    Raises
    ------
    ValueError
        A label that is not known, or a length or a sample rate that makes no sense.
    """
    check(label, seconds, sample_rate)
    random = generator(label, index, seed, "sound")
    return in_its_surroundings(random, KINDS[label](random, seconds, sample_rate), sample_rate)


def silence(seconds: float, sample_rate: int = 22050) -> Samples:
    """Return digital silence: zeros, so many seconds at so many hertz."""
    return np.zeros(sample_count(seconds, sample_rate), dtype=np.float32)


def noise(
    seconds: float, sample_rate: int = 22050, seed: int = 7, *, colour: Literal["pink", "white"] = "pink"
) -> Samples:
    """Return steady noise in which there is nothing to recognise.

    Parameters
    ----------
    seconds
        Its length.
    sample_rate
        In hertz.
    seed
        Another seed gives another noise.
    colour
        Pink (3 dB less an octave, like a quiet room) or white.

    Returns
    -------
    Samples
        One channel, RMS 0.1, peak at most 0.9.
    """
    slope = 1.0 if colour == "pink" else 0.0
    steady = coloured_noise(generator(colour, 0, seed, "noise"), sample_count(seconds, sample_rate), slope, sample_rate)
    return np.clip(0.1 * steady, -0.9, 0.9).astype(np.float32)


def check(label: str, seconds: float, sample_rate: int) -> None:
    """Raise a ValueError unless there can be such a recording."""
    if label not in KINDS:
        raise ValueError(f"no sample recordings of {label!r}; there are {', '.join(LABELS)}")
    if not SHORTEST <= seconds < float("inf"):
        raise ValueError(f"a recording cannot last {seconds} seconds; the shortest lasts {SHORTEST}")
    if sample_rate < LOWEST_RATE:
        raise ValueError(f"a sample rate of {sample_rate} Hz is too low; the lowest is {LOWEST_RATE}")


def generator(label: str, index: int, seed: int, purpose: str) -> np.random.RandomState:
    """Return the random numbers of one recording, which depend on nothing else."""
    return np.random.RandomState(crc32(f"{seed}/{label}/{index}/{purpose}".encode()))


def write(stem: Path, samples: Samples, sample_rate: int, how: tuple[str, str, str]) -> None:
    """Write a file beside its place and move it there, so that nobody meets half of one."""
    import soundfile

    suffix, format_name, subtype = how
    stem.parent.mkdir(parents=True, exist_ok=True)
    part = stem.with_name(f".{stem.name}.{suffix}.part")
    try:
        soundfile.write(part, samples, sample_rate, format=format_name, subtype=subtype)
        part.replace(stem.with_name(f"{stem.name}.{suffix}"))
    finally:
        part.unlink(missing_ok=True)
