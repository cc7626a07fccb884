"""Pictures that look alike: copies that were saved again, bursts, frames of one film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mediaml._warnings import warn
from mediaml.aws.s3 import is_uri
from mediaml.data.checks.check import below, common_folder
from mediaml.data.grouping import identical_files
from mediaml.data.pictures.measure import measure_all

BITS = 64
DISTANCE = 4
"""Bits of the hash in which two pictures that look alike differ at most.

Of 653 real pictures (cells, street scenes, logos, hands, faces), copies that were saved as JPEG of quality 40, halved,
blurred or turned to grey all stay within 4 bits; made a fifth brighter, 91 % or more. Of 65,671 pairs of different
pictures 29 do: faces of one person and hands that show one sign. From 6 bits on hands that show different signs do too.
"""
SHOWN = 3  # sizes of families, in a warning

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


def families(hashes: Sequence[int | None]) -> list[tuple[int, ...]]:
    """Group pictures that look alike, directly or over others between them.

    Two hashes that differ in at most 4 bits are equal in at least one of five pieces: only those that share a piece are
    compared, 100,000 pictures in a few seconds.

    Parameters
    ----------
    hashes
        Of 64 bits; None: like nothing else.

    Returns
    -------
    Places in `hashes`: two or more a family, ascending; families by their first.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places = np.array([place for place, value in enumerate(hashes) if value is not None], np.int64)
    if len(places) < 2:
        return []
    values, of_place = np.unique(np.array([hashes[place] for place in places], np.uint64), return_inverse=True)
    one, other = _pairs(values)
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(values), len(values)))
    family = connected_components(graph, directed=False)[1][of_place]
    order = np.argsort(family, kind="stable")
    cuts = np.flatnonzero(np.diff(family[order])) + 1
    found = [tuple(places[members].tolist()) for members in np.split(order, cuts) if len(members) > 1]
    return sorted(found)


def _pairs(values: Words) -> tuple[Numbers, Numbers]:
    """Find the pairs of hashes, each once by value, that differ in few bits."""
    pieces = DISTANCE + 1
    edges = [round(BITS * number / pieces) for number in range(pieces + 1)]
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start, end in pairwise(edges):
        piece = (values >> np.uint64(start)) & np.uint64((1 << (end - start)) - 1)
        order = np.argsort(piece, kind="stable")
        for one, other in _neighbours(piece[order]):
            left, right = order[one], order[other]
            close = _differing_bits(values[left] ^ values[right]) <= DISTANCE
            ones.append(left[close])
            others.append(right[close])
    return np.concatenate(ones), np.concatenate(others)


def _neighbours(piece: Words) -> Iterator[tuple[Numbers, Numbers]]:
    """Give all pairs of places with an equal piece, of sorted pieces, by how far they stand apart."""
    step, places = 1, np.flatnonzero(piece[:-1] == piece[1:])
    while len(places):
        yield places, places + step
        step += 1
        places = places[places + step < len(piece)]
        places = places[piece[places] == piece[places + step]]


_BITS_OF = np.array([number.bit_count() for number in range(1 << 16)], np.uint8)


def _differing_bits(values: Words) -> npt.NDArray[np.int64]:
    bits: npt.NDArray[np.int64] = _BITS_OF[values.view(np.uint16).reshape(-1, 4)].sum(axis=1, dtype=np.int64)
    return bits


def warn_of_families(parts: Sequence[Sequence[str]]) -> None:
    """Warn where pictures that look alike, and are not the same file, stand in different parts of a split.

    Parameters
    ----------
    parts
        The paths of each part. Pictures on S3, and those that cannot be read, are passed over.
    """
    placed = [(path, number) for number, part in enumerate(parts) for path in dict.fromkeys(part) if not is_uri(path)]
    if len({number for _, number in placed}) < 2:
        return
    seen = measure_all([path for path, _ in placed], "comparing")
    groups = families([seen[path].hash for path, _ in placed])
    apart = [group for group in groups if len({placed[place][1] for place in group}) > 1]
    bytes_of = identical_files(placed[place][0] for group in apart for place in group)
    told = [group for group in apart if len({bytes_of.get(placed[place][0], placed[place][0]) for place in group}) > 1]
    if told:
        folder = common_folder([path for path, _ in placed])
        warn(_told([[placed[place] for place in group] for group in told], folder))


def _told(groups: list[list[tuple[str, int]]], folder: str) -> str:
    groups = sorted(groups, key=len, reverse=True)
    first, part = groups[0][0]
    second = next(path for path, number in groups[0] if number != part)
    many = len(groups) > 1
    sizes = ", ".join(str(len(group)) for group in groups[:SHOWN])
    largest = "the largest: " if len(groups) > SHOWN else ""
    return (
        f"{len(groups):,} {'families' if many else 'family'} of pictures that look alike ({largest}{sizes} pictures) "
        f"{'stand' if many else 'stands'} in more than one part of the split, for example "
        f"{below(first, folder)} and {below(second, folder)}. "
        f"They need not be copies, but where they show one moment, one person or one film, results are too good: say "
        f"what belongs together in a column of a table, from_table(..., group_column=...), and split again. "
        f"split(near_duplicates=False) does not look"
    )
