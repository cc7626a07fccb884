"""An example to search by, and what a network that sifted an archive makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mediaml.archive.places import kind_of
from mediaml.backends import mxnet_thread
from mediaml.backends.embedding import embed
from mediaml.backends.pictures.looking import look
from mediaml.backends.tracing import Embedder
from mediaml.data import video
from mediaml.data.sampling import Sampling
from mediaml.data.video import Pixels
from mediaml.errors import DataError, ModelError, NotFittedError
from mediaml.features import weights
from mediaml.runtime.dsp import SILENCE_DBFS
from mediaml.runtime.network import Network
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.vision import efficientnet
from mediaml.vision.eye import Eye

Floats = npt.NDArray[np.float32]
Kind = Literal["sound", "picture"]
WINDOWS = 32  # that a network hears at once
EVERY = Sampling(1.0)  # seconds from one picture of a video to the next


def kinds_of(example: str | Path) -> tuple[Kind, ...]:
    """Tell what there is in a file to search by, the likelier first.

    Raises
    ------
    DataError
        It cannot be read, or is neither picture nor recording.
    """
    kind = kind_of(str(example))
    if kind is None:
        raise DataError(f"{example}: neither a picture nor a recording, by its ending; an example is one of both")
    if kind == "picture":
        return ("picture",)
    media = video.media_of(example)
    heard: tuple[Kind, ...] = ("sound",) if media.has_sound else ()
    return ("picture", *heard) if media.has_picture else heard


def embedding_of(example: str | Path, segment: Segment | None, embedder: Embedder, by: object = None) -> Floats:
    """Give what a network makes of an example, of unit length.

    Parameters
    ----------
    example
        A picture, a recording or a video.
    segment
        Of a recording or a video: which part of it; None: all.
    embedder
        The network.
    by
        A model that has it; None: the network is one that comes pretrained.

    Raises
    ------
    ModelError
        The network is nowhere to be had, or `by` has another one.
    DataError
        The example cannot be read, or there is nothing to be heard or seen in it.
    """
    network = _published(embedder) if by is None else _given(by, embedder)
    found = (
        _heard(network, example, segment) if embedder.kind == "sound" else _seen(network, example, segment, embedder)
    )
    length = float(np.linalg.norm(found))
    if not length > 0:
        raise DataError(f"{example}: there is nothing in it to search by")
    return found / np.float32(length)


def _given(by: Any, embedder: Embedder) -> Any:
    fitted = by.hearer() if hasattr(by, "hearer") else by.looker() if hasattr(by, "looker") else None
    if fitted is None:
        raise TypeError(f"by is a model that took part in the scan, not {by!r}")
    if fitted.embedder != embedder:
        raise ModelError(
            f"{by!r} compares otherwise than the model of the catalog that hears or looks ({embedder.network}): "
            "give the model that took part in the scan"
        )
    return fitted.network if embedder.kind == "sound" else fitted.eye


@lru_cache(maxsize=4)
def _published(embedder: Embedder) -> Any:
    """Make the network again from the weights that everybody has.

    Raises
    ------
    ModelError
        It was trained: whoever searches must give the model.
    """
    network, digest = _network(embedder) if embedder.kind == "sound" else _eye()
    if digest != embedder.weights:
        raise NotFittedError(
            f"the catalog was made with a {embedder.network} that had been trained: by=model gives the model that took "
            "part in the scan"
        )
    return network


def _network(embedder: Embedder) -> tuple[Any, str]:
    network = mxnet_thread.run(lambda: Network(embedder.network, Spec.from_dict(json.loads(embedder.view)), 1))
    if network.module.PRETRAINED:
        known = weights.load(embedder.network)
        mxnet_thread.run(lambda: network.set_body(known.arrays))
    return network, mxnet_thread.run(network.body_digest)


def _eye() -> tuple[Any, str]:
    eye = mxnet_thread.run(lambda: Eye(efficientnet.pretrained()))
    return eye, eye.digest


def _heard(network: Any, example: str | Path, segment: Segment | None) -> Floats:
    """Take the mean over all windows of a sound; nothing where it is silent throughout."""
    total, count = np.zeros(network.module.SIMILAR, np.float64), 0
    for heard in embed(network, [Clip(path=Path(example), segment=_of_sound(example, segment))], WINDOWS):
        if heard.error is not None:
            raise heard.error
        if heard.level >= SILENCE_DBFS:
            total += heard.embeddings[:, : len(total)].sum(axis=0)
            count += len(heard.embeddings)
    return np.asarray(total / max(1, count), np.float32)


def _of_sound(example: str | Path, segment: Segment | None) -> Segment | None:
    """Find a stretch of a film in its sound track."""
    if segment is None:
        return None
    start, end = video.heard_in(example, segment.start, segment.end)
    return Segment(start=start, end=end)


def _seen(eye: Any, example: str | Path, segment: Segment | None, embedder: Embedder) -> Floats:
    """Take the mean over a picture, or over a video's pictures a second apart."""
    items = [str(example)] if kind_of(str(example)) == "picture" else _frames(example, segment)
    total: Any = 0.0
    for seen in look(eye, items, embedder.view):
        if seen.error is not None:
            raise seen.error
        total = total + seen.embedding.astype(np.float64)
    return np.atleast_1d(np.asarray(total, np.float32))


def _frames(example: str | Path, segment: Segment | None) -> Iterator[Pixels]:
    if segment is not None and segment.duration < (EVERY.every or 0):
        shown = video.frame_at(example, (segment.start + segment.end) / 2).pixels
        if shown is not None:
            yield shown
        return
    for frame in video.frames(example, EVERY):
        if segment is not None and frame.time >= segment.end:
            return
        if frame.pixels is not None and (segment is None or frame.time >= segment.start):
            yield frame.pixels
