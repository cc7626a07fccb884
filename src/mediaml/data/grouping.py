"""Which rows of a dataset must stay together: those of one recording, of one group, and of identical files."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

CHUNK = 1 << 20


def connected(rows: Sequence[Sequence[Hashable]]) -> list[int]:
    """Number the rows so that two rows with any key in common, directly or over others, have one number.

    Parameters
    ----------
    rows
        The keys of each row.

    Returns
    -------
    A number a row, counted in order of first appearance.
    """
    parent: dict[Hashable, Hashable] = {}

    def root(key: Hashable) -> Hashable:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for keys in rows:
        first = root(keys[0])
        for key in keys[1:]:
            parent[root(key)] = first
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(root(keys[0]), len(numbers)) for keys in rows]


def content_hash(path: str | Path) -> str:
    """Give the SHA-256 of a file's bytes; of its path where it cannot be read, so that it equals no other file."""
    try:
        return hash_of_bytes(path)
    except OSError:
        return "unreadable:" + hashlib.sha256(str(path).encode()).hexdigest()


def hash_of_bytes(path: str | Path) -> str:
    """Give the SHA-256 of a file's bytes.

    Raises
    ------
    OSError
        It cannot be read.
    """
    status = Path(path).stat()
    return _content_hash(str(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1 << 17)
def _content_hash(path: str, size: int, modified: int) -> str:
    """Hash a file once for each state that it was seen in."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def identical_files(paths: Iterable[str]) -> dict[str, str]:
    """Find the files whose bytes another one has too.

    Only files of equal size are read: the others cannot be identical.

    Returns
    -------
    The content's hash by path, for the files that are not unique.
    """
    by_size: dict[int, list[str]] = defaultdict(list)
    for path in dict.fromkeys(paths):
        try:
            by_size[Path(path).stat().st_size].append(path)
        except OSError:  # missing: check() reports it, and it equals no other file
            continue
    hashes = {path: content_hash(path) for same in by_size.values() if len(same) > 1 for path in same}
    counts: dict[str, int] = defaultdict(int)
    for digest in hashes.values():
        counts[digest] += 1
    return {path: digest for path, digest in hashes.items() if counts[digest] > 1}
