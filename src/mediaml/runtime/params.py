"""MXNet's files of arrays, read and written in numpy alone: saved models need no MXNet, and never reach its reader.

That reader takes shapes and lengths from the file before it looks whether the file holds so much, and a wrong file may
end the process. This one reads what MXNet 1.x writes (`NDArray::Save`, versions 2 and 3), nothing older, and holds
every count against the bytes that are left.
"""

from __future__ import annotations

import struct
from typing import Dict, List, Mapping

import numpy as np

from .faults import StoreFault

LIST = 0x112
DENSE = (0xF993FAC9, 0xF993FACA)  # versions 2 and 3 of an array; the kind of storage follows: 0 is dense
KINDS = {0: "<f4", 1: "<f8", 2: "<f2", 3: "|u1", 4: "<i4", 5: "|i1", 6: "<i8"}
NUMBERS = {np.dtype(kind): number for number, kind in KINDS.items()}
CPU = (1, 0)
MOST_DIMENSIONS = 32
MOST_ARRAYS = 1 << 16


def unpack(content: bytes) -> Dict[str, np.ndarray]:
    """Read named arrays; they are copies.

    Raises
    ------
    StoreFault
        The content is damaged, or is something else.
    """
    cursor = _Cursor(content)
    if cursor.number("<Q") != LIST:
        raise StoreFault("these are no arrays: they do not begin as MXNet's files do")
    cursor.number("<Q")
    arrays = [_array(cursor) for _ in range(cursor.count(MOST_ARRAYS))]
    names = _names(cursor)
    if cursor.left:
        raise StoreFault("these are no arrays: {} bytes follow them".format(cursor.left))
    if len(names) != len(arrays):
        raise StoreFault("the arrays have no names: {} for {} arrays".format(len(names), len(arrays)))
    if len(set(names)) != len(names):
        raise StoreFault("two arrays have the same name")
    return dict(zip(names, arrays))


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Write named arrays as ``mx.nd.save`` does, byte for byte.

    Raises
    ------
    StoreFault
        An array is a single number, or of a type that MXNet's files do not have.
    """
    parts = [struct.pack("<QQQ", LIST, 0, len(arrays))]
    for name, array in arrays.items():
        kind = NUMBERS.get(array.dtype)
        if kind is None or not 0 < array.ndim <= MOST_DIMENSIONS:
            raise StoreFault("{}: {} {} cannot be kept".format(name, array.shape, array.dtype))
        parts.append(struct.pack("<Iii", DENSE[0], 0, array.ndim))
        parts.append(struct.pack("<{}q".format(array.ndim), *array.shape))
        parts += [struct.pack("<iii", CPU[0], CPU[1], kind), np.ascontiguousarray(array).tobytes()]
    parts.append(struct.pack("<Q", len(arrays)))
    for name in arrays:
        text = name.encode("utf-8")
        parts += [struct.pack("<Q", len(text)), text]
    return b"".join(parts)


class _Cursor:
    """A place in the content."""

    def __init__(self, content: bytes) -> None:
        self.content = memoryview(content)
        self.place = 0

    @property
    def left(self) -> int:
        return len(self.content) - self.place

    def take(self, length: int) -> memoryview:
        if not 0 <= length <= self.left:
            raise StoreFault("the arrays are cut off: {} bytes were expected, {} are left".format(length, self.left))
        self.place += length
        return self.content[self.place - length : self.place]

    def number(self, kind: str) -> int:
        found: int = struct.unpack(kind, self.take(struct.calcsize(kind)))[0]
        return found

    def count(self, most: int) -> int:
        found = self.number("<Q")
        if found > most:
            raise StoreFault("{} are more than the {} that a file of arrays holds".format(found, most))
        return found


def _array(cursor: _Cursor) -> np.ndarray:
    if cursor.number("<I") not in DENSE or cursor.number("<i") != 0:
        raise StoreFault("one of the arrays is of a kind that mediaml does not write")
    dimensions = cursor.number("<i")
    if not 0 < dimensions <= MOST_DIMENSIONS:
        raise StoreFault("an array of {} dimensions".format(dimensions))
    shape = [cursor.number("<q") for _ in range(dimensions)]
    cursor.take(8)  # on which device it was
    kind = cursor.number("<i")
    if kind not in KINDS:
        raise StoreFault("an array of numbers of the kind {}".format(kind))
    size = np.dtype(KINDS[kind]).itemsize
    for length in shape:
        if length < 0:
            raise StoreFault("an array of the shape {}".format(shape))
        size *= length  # Python's numbers do not overflow
    return np.frombuffer(cursor.take(size), KINDS[kind]).reshape(shape).copy()


def _names(cursor: _Cursor) -> List[str]:
    names = []
    for _ in range(cursor.count(MOST_ARRAYS)):
        try:
            names.append(str(cursor.take(cursor.number("<Q")), "utf-8"))
        except UnicodeDecodeError:
            raise StoreFault("the name of an array is no text")
    return names
