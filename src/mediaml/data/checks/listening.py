"""A whole recording, block by block: long ones are never in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from .. import decode, decode_av, decode_sndfile
from ..waveform import AudioInfo

Block: TypeAlias = npt.NDArray[np.float32]
"""float32 [samples, channels]; FFmpeg's are mixed to one channel."""
T = TypeVar("T")
Listener: TypeAlias = Callable[[AudioInfo, int | None, Iterator[Block]], T]
"""Takes the header, how many samples it promises (None: it does not say), and the blocks."""

EXACT_CONTAINERS = ("mov", "asf", "flac", "wav", "w64", "aiff", "au", "ape", "wv")
"""Those of FFmpeg's formats that say how long their sound is. It guesses for others, by bit rate or size."""


def listen(path: str, listener: Listener[T]) -> T:
    """Decode a recording from beginning to end: by libsndfile, else by FFmpeg from the beginning again.

    Raises
    ------
    AudioError
        It cannot be read.
    """

    def by_sndfile(opened: decode.Opened) -> T:
        import soundfile

        info = decode_sndfile.info(opened)
        with soundfile.SoundFile(opened) as file:
            promised = int(file.frames) if file.frames <= decode_sndfile.UNKNOWN_FRAMES else None
            return listener(info, promised, decode_sndfile._blocks(file))

    def by_ffmpeg(opened: decode.Opened) -> T:
        info = decode_av.info(opened, path)
        with decode_av._sound_track(opened, path) as (container, stream):
            pieces = decode_av._pieces(decode_av._frames(container, stream, path), stream, 0, None)
            return listener(info, _promised(container, stream), _joined(pieces))

    return decode._first_that_works(path, by_sndfile, by_ffmpeg)


def _promised(container: Any, stream: Any) -> int | None:
    exact = container.format.name.split(",")[0] in EXACT_CONTAINERS
    return round(stream.duration * stream.time_base * stream.rate) if exact and stream.duration else None


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
