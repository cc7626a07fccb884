"""WAV files in numpy alone: what AWS's container can read, and what is sent to it."""

from __future__ import annotations

import struct
from typing import Iterator, NamedTuple, Tuple, Union

import numpy as np

from .faults import SoundFault

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
HEADER = struct.Struct("<HHIIHH")
MOST_CHANNELS = 64
UNKNOWN_LENGTH = 0xFFFFFFFF  # of a stream that was never closed
Content = Union[bytes, bytearray, memoryview]


class Opened(NamedTuple):
    """A WAV file whose samples are read as they are asked for.

    Parameters
    ----------
    body
        The samples as they stand in the file, whole frames.
    kind, channels, bits
        What they are.
    rate
        Hz.
    """

    body: Content
    kind: int
    channels: int
    bits: int
    rate: int

    @property
    def frames(self) -> int:
        """Samples of each channel."""
        return len(self.body) // (self.channels * self.bits // 8)

    def read(self, first: int, last: int) -> np.ndarray:
        """Give the samples from `first` to `last`, float32, the mean of the channels, full scale 1; unchecked."""
        frame = self.channels * self.bits // 8
        samples = _samples(self.body[first * frame : max(first, last) * frame], self.kind, self.bits)
        if self.channels == 1:
            return samples
        return samples.reshape(-1, self.channels).mean(axis=1, dtype=np.float32)


def opened(content: Content) -> Opened:
    """Open a WAV file: integers of 8 to 32 bits or floats of 32 or 64, any rate, any number of channels.

    Raises
    ------
    SoundFault
        It is no such file, or damaged.
    """
    content = memoryview(content)  # what is cut out of it is no copy
    if len(content) < 12 or bytes(content[:4]) not in (b"RIFF", b"RF64") or bytes(content[8:12]) != b"WAVE":
        raise SoundFault("this is no WAV file")
    described = None
    for name, body in _chunks(content):
        if name == b"fmt ":
            described = _format(body)
        elif name == b"data":
            if described is None:
                raise SoundFault("the WAV file does not say what its samples are")
            kind, channels, rate, bits = described
            frame = channels * bits // 8
            return Opened(body[: len(body) // frame * frame], kind, channels, bits, rate)  # it may be cut off
    raise SoundFault("the WAV file has no samples")


def read(content: Content) -> Tuple[np.ndarray, int]:
    """Read a WAV file as a whole; see `opened`.

    Returns
    -------
    float32 [samples], the mean of the channels, full scale 1; and the rate in Hz.

    Raises
    ------
    SoundFault
        It is no such file, or damaged.
    """
    file = opened(content)
    samples = file.read(0, file.frames)
    if not np.isfinite(samples).all():
        raise SoundFault("the WAV file holds samples that are no numbers")
    return samples, file.rate


def write(waveform: np.ndarray, sample_rate: int) -> bytes:
    """Give float samples [samples] as a WAV file of 32-bit floats: exactly what they were."""
    data = np.ascontiguousarray(waveform, "<f4").tobytes()
    header = HEADER.pack(FLOAT, 1, sample_rate, 4 * sample_rate, 4, 32)
    length = 4 + 8 + len(header) + 8 + len(data)
    return b"".join(
        [
            b"RIFF" + struct.pack("<I", length) + b"WAVE",
            b"fmt " + struct.pack("<I", len(header)) + header,
            b"data" + struct.pack("<I", len(data)) + data,
        ]
    )


def _chunks(content: Content) -> Iterator[Tuple[bytes, Content]]:
    place = 12
    while place + 8 <= len(content):
        name, size = bytes(content[place : place + 4]), struct.unpack_from("<I", content, place + 4)[0]
        if size == UNKNOWN_LENGTH:
            size = len(content) - place - 8
        yield name, content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _format(body: Content) -> Tuple[int, int, int, int]:
    if len(body) < HEADER.size:
        raise SoundFault("the WAV file's description of its samples is cut off")
    kind, channels, rate, _, _, bits = HEADER.unpack_from(body)
    if kind == EXTENSIBLE and len(body) >= 26:
        kind = struct.unpack_from("<H", body, 24)[0]
    allowed = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}
    if kind not in allowed or bits not in allowed[kind]:
        raise SoundFault("WAV samples of kind {} with {} bits cannot be read; send PCM or float".format(kind, bits))
    if not 1 <= channels <= MOST_CHANNELS or rate < 1:
        raise SoundFault("a WAV file with {} channels at {} Hz".format(channels, rate))
    return kind, channels, rate, bits


def _samples(body: Content, kind: int, bits: int) -> np.ndarray:
    if kind == FLOAT:
        return np.frombuffer(body, "<f{}".format(bits // 8)).astype(np.float32)
    if bits == 8:
        return (np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128
    if bits == 24:
        bytes_of = np.frombuffer(body, np.uint8).reshape(-1, 3)
        whole = np.zeros((len(bytes_of), 4), np.uint8)
        whole[:, 1:] = bytes_of  # the highest three bytes of 32 bits
        return (whole.view("<i4")[:, 0] / float(1 << 31)).astype(np.float32)
    return (np.frombuffer(body, "<i{}".format(bits // 8)) / float(1 << (bits - 1))).astype(np.float32)
