"""A whole recording, block by block: long ones are never in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import soundfile

from mediaml.data import decode, decode_av, decode_sndfile
from mediaml.data.waveform import AudioInfo

Block: TypeAlias = npt.NDArray[np.float32]
"""float32 [samples, channels]; FFmpeg's are mixed to one channel."""
T = TypeVar("T")
Listener: TypeAlias = Callable[[AudioInfo, int | None, Iterator[Block]], T]
"""Takes the header, how many samples it promises (None: it does not say), and the blocks."""

EXACT_CONTAINERS = ("mov", "matroska", "asf", "flac", "wav", "w64", "aiff", "au", "wv")
"""Those of FFmpeg's formats that say how long they are; of others it guesses that, by bit rate or size."""


MICROSECONDS = 1_000_000  # in which FFmpeg's containers count


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from beginning to end.

    soundfile seeks after each block where it can. That is slow, makes an MP3 stutter at the joints, and breaks off
    where a FLAC is damaged.
    """

    def seekable(self) -> bool:
        return False


def listen(path: str, listener: Listener[T]) -> T:
    """Decode a recording from beginning to end: by libsndfile, else by FFmpeg from the beginning again.

    Raises
    ------
    AudioError
        It cannot be read.
    """

    def by_sndfile(opened: decode.Opened) -> T:
        info = decode_sndfile.info(opened)
        with _Forward(opened) as file:
            promised = int(file.frames) if file.frames <= decode_sndfile.UNKNOWN_FRAMES else None
            return listener(info, promised, decode_sndfile.blocks(file))

    def by_ffmpeg(opened: decode.Opened) -> T:
        info = decode_av.info(opened, path)
        with decode_av.sound_track(opened, path) as (container, stream):
            pieces = decode_av.pieces(decode_av.frames(container, stream, path), stream, 0, None)
            return listener(info, _promised(container, stream), _joined(pieces))

    return decode.first_that_works(path, by_sndfile, by_ffmpeg)


def _promised(container: Any, stream: Any) -> int | None:
    """Give the samples that the track promises, or the container where it holds nothing else."""
    if container.format.name.split(",")[0] not in EXACT_CONTAINERS:
        return None
    if stream.duration:
        return int(stream.duration * stream.time_base * stream.rate)
    if container.duration and len(container.streams) == 1:
        return int(container.duration / MICROSECONDS * stream.rate)
    return None


def _joined(pieces: Iterable[npt.NDArray[np.float32]]) -> Iterator[Block]:
    """Join small pieces to blocks of the usual size."""
    waiting: list[npt.NDArray[np.float32]] = []
    for piece in pieces:
        waiting.append(piece)
        if sum(map(len, waiting)) >= decode_sndfile.BLOCK_FRAMES:
            yield np.concatenate(waiting)[:, None]
            waiting = []
    if waiting:
        yield np.concatenate(waiting)[:, None]
