"""From items to embeddings: the network's body hears full batches across items; what is known already is not heard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mediaml.backends import mxnet_thread
from mediaml.data.grouping import content_hash
from mediaml.errors import AudioError
from mediaml.features import cache
from mediaml.features.hearing import Piece, hear
from mediaml.features.items import Item
from mediaml.runtime.hearer import Hearer
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

Floats = npt.NDArray[np.float32]
KEPT_TOGETHER = 64  # clips: what was heard is on disk after so many, should the process die
VERSION = 1  # of all that lies between a file and its embedding, and is in no digest


@dataclass(frozen=True, slots=True)
class Heard:
    """Neighbouring windows of one item.

    Parameters
    ----------
    item
        The number of the item.
    name
        Of the item, as a person would say it.
    segment
        The part of its source that the whole item is; None where it could not be read.
    level
        dB of full scale of the loudest 50 ms.
    embeddings
        float32 [windows, numbers].
    last
        Whether the item ends here.
    error
        Why it could not be read.
    """

    item: int
    name: str
    segment: Segment | None
    level: float
    embeddings: Floats
    last: bool
    error: AudioError | None


def embed(network: Hearer, items: Iterable[Item], batch_size: int) -> Iterator[Heard]:
    """Hear items one after another, in order; a memory that does not grow with them."""
    waiting: list[Piece] = []
    windows = 0
    for piece in hear(items, network.spec):
        waiting.append(piece)
        windows += len(piece.spectrograms)
        if windows >= batch_size or len(waiting) > batch_size:
            yield from _run(network, waiting, batch_size)
            waiting, windows = [], 0
    yield from _run(network, waiting, batch_size)


def _run(network: Hearer, pieces: Sequence[Piece], batch_size: int) -> Iterator[Heard]:
    spectrograms = [piece.spectrograms for piece in pieces if len(piece.spectrograms)]
    stacked = np.concatenate(spectrograms) if spectrograms else None
    embeddings = mxnet_thread.run(lambda: network.embed(stacked, batch_size)) if stacked is not None else None
    first = 0
    for piece in pieces:
        count = len(piece.spectrograms)
        own = np.zeros((0, network.module.EMBEDDING), np.float32)
        if embeddings is not None and count:
            own = embeddings[first : first + count]
        first += count
        yield Heard(piece.item, piece.name, piece.segment, piece.level, own, piece.last, piece.error)


def embed_clips(
    network: Hearer,
    clips: Sequence[Clip],
    batch_size: int,
    known_as: str | None = None,
    on_clip: Callable[[], object] = lambda: None,
) -> list[Heard]:
    """Hear clips of a dataset, each as a whole.

    Parameters
    ----------
    network
        With the weights of its body in place.
    clips
        Of a dataset.
    batch_size
        Spectrograms at once.
    known_as
        The digest of a pretrained body's weights: what it heard is kept on disk. None: nothing is kept.
    on_clip
        Called after each clip.
    """
    keys = [None if known_as is None else _key(clip, network, known_as) for clip in clips]
    known = cache.get(key for key in keys if key is not None)
    out: dict[int, Heard] = {}
    for number, (clip, key) in enumerate(zip(clips, keys, strict=True)):
        if key in known:
            one = known[key]
            part = Segment(start=one.start, end=one.end)
            out[number] = Heard(number, str(clip.path), part, one.level, one.embeddings, True, None)
            on_clip()
    rest = [number for number in range(len(clips)) if number not in out]
    fresh: dict[str, cache.Kept] = {}
    for heard in _whole(embed(network, (clips[number] for number in rest), batch_size)):
        number = rest[heard.item]
        out[number], key = replace(heard, item=number), keys[number]
        if key is not None and heard.error is None and heard.segment is not None:
            fresh[key] = cache.Kept(heard.segment.start, heard.segment.end, heard.level, heard.embeddings)
        if len(fresh) >= KEPT_TOGETHER:
            cache.put(fresh)
            fresh = {}
        on_clip()
    cache.put(fresh)
    return [out[number] for number in range(len(clips))]


def _key(clip: Clip, network: Hearer, weights: str) -> str:
    part = "" if clip.segment is None else f"{clip.segment.start!r}-{clip.segment.end!r}"
    parts = (content_hash(clip.path), part, network.name, network.spec.digest, weights, str(VERSION))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _whole(heard: Iterable[Heard]) -> Iterator[Heard]:
    """Put the pieces of each item together."""
    pieces: list[Heard] = []
    for piece in heard:
        pieces.append(piece)
        if piece.last:
            yield Heard(
                piece.item,
                piece.name,
                next((one.segment for one in pieces if one.segment is not None), None),
                max(one.level for one in pieces),
                np.concatenate([one.embeddings for one in pieces]),
                True,
                next((one.error for one in pieces if one.error is not None), None),
            )
            pieces = []
