"""Arrays of ``.npy`` files, read after a look at what they claim: no pickle, no more memory than there are bytes."""

from __future__ import annotations

import ast
import struct
from typing import Any, Tuple, Union

import numpy as np

from .faults import SoundFault

START = b"\x93NUMPY"
LONGEST_HEADER = 4096  # bytes; numpy's own has 118
KINDS = "biufU"


def read(content: Union[bytes, bytearray, memoryview]) -> np.ndarray:
    """Read an array, as a view of the content where it can be.

    Raises
    ------
    SoundFault
        It is none, is damaged, or holds anything else than numbers or texts.
    """
    view = memoryview(content)
    kind, in_columns, shape, place = _header(view)
    size = kind.itemsize
    for length in shape:
        size *= length
    if size != len(view) - place:
        raise SoundFault("the array should have {} bytes, and has {}".format(size, len(view) - place))
    try:
        flat = np.frombuffer(view[place:], kind) if size else np.zeros(0, kind)
        return flat.reshape(shape, order="F" if in_columns else "C")
    except (ValueError, OverflowError):  # lengths that no array has, beside one of 0
        raise SoundFault("the array has lengths that no array has: {}".format(shape))


def _header(view: memoryview) -> Tuple[Any, bool, Tuple[int, ...], int]:
    if len(view) < 12 or bytes(view[:6]) != START or view[6] not in (1, 2, 3):
        raise SoundFault("this is no .npy file")
    kind = "<H" if view[6] == 1 else "<I"
    begin = 8 + struct.calcsize(kind)
    length = struct.unpack_from(kind, view, 8)[0]
    if length > min(LONGEST_HEADER, len(view) - begin):
        raise SoundFault("the header of the .npy file is cut off, or far too long")
    try:
        # a literal of at most 4096 signs: nothing is called, and it cannot be nested too deep for Python's parser
        told = ast.literal_eval(bytes(view[begin : begin + length]).decode("latin-1").strip())
        described, in_columns, shape = told["descr"], told["fortran_order"], told["shape"]
        dtype = np.dtype(described)
    except (ValueError, SyntaxError, TypeError, KeyError, IndexError, MemoryError, RecursionError):
        raise SoundFault("the header of the .npy file is damaged")
    right = isinstance(described, str) and isinstance(in_columns, bool) and isinstance(shape, tuple)
    if not right or dtype.kind not in KINDS or not all(type(one) is int and one >= 0 for one in shape):
        raise SoundFault("the .npy file holds something else than numbers")
    return dtype, in_columns, shape, begin + length
