"""Looking at pictures through EfficientNet-Lite0: what was seen before is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from mediaml.backends import mxnet_thread
from mediaml.backends.pictures.items import PictureItem, opened
from mediaml.data.grouping import content_hash
from mediaml.data.pictures.sharpness import sharpness
from mediaml.errors import ImageError
from mediaml.features import cache
from mediaml.vision.efficientnet import EMBEDDING, Floats
from mediaml.vision.eye import AnyEye
from mediaml.vision.views import AROUND, VIEWS, Pixels

BOTH = "both"
PARTS = {"crop": ("crop",), "squash": ("squash",), BOTH: ("crop", "squash")}
"""What each way to look at a picture takes: the middle of it, all of it squashed, or both, one after the other."""

SMALLEST = 8  # pixels: what is smaller shows nothing
KEPT_TOGETHER = 256  # what was seen is on disk after so many, should the process die
BLANK = 2  # levels between the darkest and the brightest point, of 255


class Looked(NamedTuple):
    """What was seen of one item.

    Parameters
    ----------
    name, width, height, error
        As of `items.Seen`.
    embedding
        float32 [numbers]; empty where it could not be read.
    contrast
        Levels between the darkest and the brightest point, 0 to 255.
    sharpness
        See `data.pictures.sharpness`; None: it was not asked for.
    """

    name: str
    width: int
    height: int
    error: ImageError | None
    embedding: Floats
    contrast: float
    sharpness: float | None = None

    @property
    def nothing(self) -> Literal["too_small", "blank"] | None:
        """Why nothing can be seen in it; None: something can."""
        if min(self.width, self.height) < SMALLEST:
            return "too_small"
        return "blank" if self.contrast <= BLANK else None


def look(eye: AnyEye, items: Iterable[PictureItem], view: str, measure: bool = False) -> Iterator[Looked]:
    """Look at items, in order, with a memory that does not grow; and measure how sharp they are, where asked for."""
    nothing = np.zeros(0, np.float32)
    for some in opened(items, AROUND):
        readable = [one.pixels for one in some if one.pixels is not None]
        found = iter(embedded(eye, readable, view))
        for one in some:
            if one.pixels is None:
                yield Looked(one.name, 0, 0, one.error, nothing, 0.0)
            else:
                contrast = float(int(one.pixels.max()) - int(one.pixels.min()))
                sharp = sharpness(one.pixels) if measure else None
                yield Looked(one.name, one.width, one.height, None, next(found), contrast, sharp)


def embedded(eye: AnyEye, pictures: Sequence[Pixels], view: str) -> Floats:
    """Look at decoded pictures: float32 [n, numbers of the view]."""
    if not pictures:
        return np.zeros((0, EMBEDDING * len(PARTS[view])), np.float32)
    parts = [np.stack([VIEWS[part](one) for one in pictures]) for part in PARTS[view]]
    return np.concatenate([mxnet_thread.run(partial(eye.embed, part)) for part in parts], axis=1)


def look_at_files(
    eye: AnyEye, paths: Sequence[str], view: str, known_as: str | None, on_picture: Callable[[], object]
) -> Iterator[Looked]:
    """Look at files, in order; where the network is one that came pretrained, what it saw before is known.

    Parameters
    ----------
    eye
        The network.
    paths
        Of pictures.
    view
        One of `PARTS`.
    known_as
        The name of the network's weights, under which what it saw is kept; None: nothing is kept.
    on_picture
        Called after each.
    """
    for first in range(0, len(paths), KEPT_TOGETHER):
        for one in _some(eye, paths[first : first + KEPT_TOGETHER], view, known_as):
            yield one
            on_picture()


def _some(eye: AnyEye, paths: Sequence[str], view: str, known_as: str | None) -> list[Looked]:
    if known_as is None:
        return list(look(eye, paths, view))
    keys = [f"picture|{content_hash(path)}|{view}|{known_as}" for path in paths]
    known = cache.get(keys)
    new = [path for path, key in zip(paths, keys, strict=True) if key not in known]
    seen = dict(zip(new, look(eye, new, view), strict=True)) if new else {}
    cache.put(
        {key: _kept(seen[path]) for path, key in zip(paths, keys, strict=True) if path in seen and not seen[path].error}
    )
    return [_known(path, known[key]) if key in known else seen[path] for path, key in zip(paths, keys, strict=True)]


def _kept(one: Looked) -> cache.Kept:
    return cache.Kept(float(one.width), float(one.height), one.contrast, one.embedding[None])


def _known(path: str, kept: cache.Kept) -> Looked:
    return Looked(path, int(kept.start), int(kept.end), None, kept.embeddings[0], kept.level)
