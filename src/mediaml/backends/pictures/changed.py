"""Changed copies of files of pictures, made in threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mediaml.backends.pictures.items import AT_ONCE
from mediaml.data.pictures import decode
from mediaml.data.progress import bar
from mediaml.runtime.cores import available_cores
from mediaml.vision.changed import changed_picture
from mediaml.vision.views import AROUND, Pixels


def changed_copies(paths: Sequence[str], copies: int, seed: int, progress: bool) -> Iterator[list[Pixels]]:
    """Give a changed copy of every file, then another one of each, and so on: some at a time, in order.

    Parameters
    ----------
    paths
        That can be read.
    copies
        Of each.
    seed
        The same seed, the same changes.
    progress
        Show a bar.
    """
    with (
        bar(len(paths) * copies, "changing", "picture", progress) as done,
        ThreadPoolExecutor(available_cores(), "mediaml-changed") as pool,
    ):

        def make(number: int, copy: int) -> Pixels:
            random = np.random.RandomState([seed, copy, number])
            made = changed_picture(decode.read(paths[number], AROUND), random)
            done()
            return made

        for copy in range(copies):
            for first in range(0, len(paths), AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, len(paths)))
                yield list(pool.map(make, numbers, [copy] * len(numbers)))
