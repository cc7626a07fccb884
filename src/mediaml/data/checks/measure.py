"""What there is to say of one recording, heard once from beginning to end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, isnan, log10
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mediaml.data.checks.clipping import flat_tops
from mediaml.data.checks.listening import Block, listen
from mediaml.data.checks.truncation import missing_end
from mediaml.data.waveform import LARGEST_SAMPLE, AudioInfo, Waveform, mono
from mediaml.errors import AudioError

FRAME_SECONDS = 0.05
NEVER_CLIPPED = ("FLOAT", "DOUBLE", "pcm_f")  # of these, samples beyond full scale are as good as others
SILENCE = float("-inf")


@dataclass(frozen=True, slots=True)
class Measured:
    """One recording.

    Parameters
    ----------
    path
        Its file.
    failure
        Why it cannot be used: ``missing_file``, ``unreadable``, ``empty`` or ``not_numbers``; None: it can.
    reason
        The failure in words.
    info
        Its header; None where it could not be read.
    seconds
        How much could be decoded.
    missing
        What is missing at its end, in words; None: nothing.
    level, channel_level
        dB of full scale: of the loudest 50 ms of the mono mix, and of the loudest second of any channel.
    clip_levels
        dB of full scale of the loudest 50 ms of each clip that was asked for; None where it is behind the end.
    clipped, tops
        Share of the samples that lie on flat tops, and how many flat tops.
    digest
        Equal for recordings that sound the same: of the sample rate and the mono samples, rounded to 16 bits.
    """

    path: str
    failure: str | None = None
    reason: str = ""
    info: AudioInfo | None = None
    seconds: float = 0.0
    missing: str | None = None
    level: float = SILENCE
    channel_level: float = SILENCE
    clip_levels: tuple[float | None, ...] = ()
    clipped: float = 0.0
    tops: int = 0
    digest: str = ""


def measure(path: str, clips: Sequence[tuple[float, float]] = ()) -> Measured:
    """Listen to a recording. Whatever is wrong with it is told, not raised.

    Parameters
    ----------
    path
        The file.
    clips
        Start and end in seconds of the clips whose levels are wanted; ``end`` may be NaN: to the end.
    """
    try:
        size = Path(path).stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return Measured(path, "missing_file", "no such file")
    except (OSError, ValueError) as error:
        return Measured(path, "unreadable", str(error))
    if size == 0:
        return Measured(path, "empty", "the file has no bytes")
    try:
        return listen(path, lambda info, promised, blocks: _heard(path, size, clips, info, promised, blocks))
    except AudioError as error:
        return Measured(path, "unreadable", error.reason)
    except (
        Exception
    ) as error:  # whatever else a decoder makes of damaged bytes: the other files are checked all the same
        return Measured(path, "unreadable", f"{type(error).__name__}: {error}")


def _heard(
    path: str,
    size: int,
    clips: Sequence[tuple[float, float]],
    info: AudioInfo,
    promised: int | None,
    blocks: Iterator[Block],
) -> Measured:
    meter = _Meter(info)
    for block in blocks:
        meter.add(block)
    if meter.samples == 0:
        reason = f"no samples in a file of {size:,} bytes"
        return Measured(path, "empty", reason, info)
    if meter.no_numbers:
        reason = f"{meter.no_numbers:,} of {meter.samples:,} samples"
        return Measured(path, "not_numbers", reason, info)
    levels = meter.levels()
    return Measured(
        path,
        info=info,
        seconds=meter.samples / info.sample_rate,
        missing=missing_end(path, info, promised, meter.samples),
        level=_decibels(levels.max()),
        channel_level=_decibels(meter.loudest_channel),
        clip_levels=tuple(_loudest(levels, start, end, meter.frame / info.sample_rate) for start, end in clips),
        clipped=meter.on_tops / meter.values,
        tops=meter.tops,
        digest=meter.digest(),
    )


class _Meter:
    """Takes a recording block by block and keeps figures only."""

    def __init__(self, info: AudioInfo) -> None:
        self.frame = max(1, round(FRAME_SECONDS * info.sample_rate))
        self.samples = self.values = self.no_numbers = self.on_tops = self.tops = 0
        self.loudest_channel = 0.0
        self._limit = np.inf if any(word in info.format for word in NEVER_CLIPPED) else 1.0
        self._hash = hashlib.blake2b(str(info.sample_rate).encode(), digest_size=16)
        self._powers: list[npt.NDArray[np.float64]] = []
        self._rest: Waveform = np.zeros(0, np.float32)

    def add(self, block: Block) -> None:
        """Hear a block [samples, channels]."""
        self.samples += len(block)
        self.values += block.size
        usable = np.abs(block) < LARGEST_SAMPLE  # False for NaN too
        if not usable.all():
            self.no_numbers += int(np.count_nonzero(~usable.all(axis=1)))
            return
        self.loudest_channel = max(self.loudest_channel, float(block.var(axis=0, dtype=np.float64).max(initial=0.0)))
        for channel in np.clip(block, -self._limit, self._limit).T:
            samples, tops = flat_tops(channel)
            self.on_tops += samples
            self.tops += tops
        self._add_mono(mono(block))

    def _add_mono(self, waveform: Waveform) -> None:
        self._hash.update(np.rint(np.clip(waveform * 32768.0, -32768.0, 32767.0)).astype("<i2").tobytes())
        joined = np.concatenate([self._rest, waveform])
        whole = len(joined) // self.frame * self.frame
        self._powers.append(np.var(joined[:whole].reshape(-1, self.frame), axis=1, dtype=np.float64))
        self._rest = joined[whole:]

    def levels(self) -> npt.NDArray[np.float64]:
        """Give the power of each 50 ms without its constant part; of all where there is less."""
        powers = np.concatenate([np.zeros(0), *self._powers])
        return powers if len(powers) else np.array([np.var(self._rest, dtype=np.float64)])

    def digest(self) -> str:
        """Give the hash of what was heard."""
        return self._hash.hexdigest()


def _loudest(powers: npt.NDArray[np.float64], start: float, end: float, frame: float) -> float | None:
    """Give the level of the loudest frame that lies within a clip, or touches it where none lies within."""
    last = len(powers) * frame if isnan(end) else end
    inside = slice(ceil(start / frame - 1e-6), floor(last / frame + 1e-6))
    if inside.stop <= inside.start:
        inside = slice(floor(start / frame), floor(start / frame) + 1)
    chosen = powers[inside]
    return _decibels(chosen.max()) if len(chosen) else None


def _decibels(power: float) -> float:
    return 10.0 * log10(power) if power > 0 else SILENCE
