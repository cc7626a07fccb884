"""Arrays of .npy files, after a look at what they claim."""

from __future__ import annotations

import io
import struct
import tracemalloc

import numpy as np
import pytest

from mediaml.runtime import npy
from mediaml.runtime.faults import SoundFault


def saved(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def made(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """A file with a header of one's own."""
    kind = "<H" if version == 1 else "<I"
    return npy.START + bytes([version, 0]) + struct.pack(kind, len(header)) + header.encode("latin-1") + data


@pytest.mark.parametrize(
    "array",
    [
        np.arange(5, dtype=np.float32),
        np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        np.arange(3, dtype=">f8"),
        np.zeros((0, 2), np.uint8),
        np.array(["a", "längste"]),
        np.array(3.0),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_what_numpy_writes_is_read(array: np.ndarray) -> None:
    found = npy.read(saved(array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape) and (found == array).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (made("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"), "should have"),
        (made("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4), }"), "should have"),
        (made("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 10000000000000000000000), }"), "lengths that no"),
        (made("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", b"cos\nsystem\n"), "else than numbers"),
        (made("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", bytes(4)), "else than numbers"),
        (made("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"), "else than numbers"),
        (made("{'descr': '<f4', 'fortran_order': False, 'shape': (True,), }", bytes(4)), "else than numbers"),
        (made("__import__('os').system('touch /tmp/owned')"), "header"),
        (made("(" * 4000), "header"),
        (made("{" * 50000), "far too long"),
        (made("", version=2)[:8] + struct.pack("<I", 1 << 31), "cut off"),
        (saved(np.arange(4))[:-1], "should have"),
        (saved(np.arange(4)) + b"x", "should have"),
        (b"PK\x03\x04" + bytes(60), "no .npy"),
        (b"", "no .npy"),
    ],
)
def test_what_claims_more_than_it_has_is_refused_without_memory(content: bytes, reason: str) -> None:
    tracemalloc.start()
    with pytest.raises(SoundFault, match=reason):
        npy.read(content)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
