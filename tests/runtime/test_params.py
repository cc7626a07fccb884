"""MXNet's files of arrays are read to the bit, without MXNet; a wrong one is refused before anything is made for it."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mediaml.runtime import _mx, params
from mediaml.runtime.faults import StoreFault

ARRAYS = {
    "weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "double": np.array([np.nan, -np.inf, 1e-300]),
    "half": np.arange(3, dtype=np.float16),
    "whole": np.array([[-(2**62)], [2**62]]),
    "bytes": np.arange(4, dtype=np.uint8),
    "ä": np.ones((1, 2, 3, 4), np.int32),
}


@pytest.fixture(scope="module")
def content() -> bytes:
    return params.pack(ARRAYS)


def test_they_are_what_mxnet_reads(content: bytes) -> None:
    theirs = _mx.load().nd.load_frombuffer(content)
    ours = params.unpack(content)
    assert ours.keys() == theirs.keys() == ARRAYS.keys()
    for name, array in ours.items():
        expected = theirs[name].asnumpy()
        assert (array.dtype, array.shape, array.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())
        array[...] = 0  # they are copies: what was read stays as it is
    assert params.unpack(content)["weight"].any()


def test_each_end_that_is_cut_off_is_refused(content: bytes) -> None:
    for length in range(len(content)):
        with pytest.raises(StoreFault):
            params.unpack(content[:length])
    with pytest.raises(StoreFault, match="1 bytes follow"):
        params.unpack(content + b"x")


def array(shape: tuple[int, ...], kind: int = 0, data: bytes = b"", magic: int = 0xF993FAC9, storage: int = 0) -> bytes:
    """An array as MXNet writes it, whatever its header claims."""
    head = struct.pack(f"<Iii{len(shape)}q", magic, storage, len(shape), *shape)
    return head + struct.pack("<iii", 1, 0, kind) + data


def file(*arrays: bytes, names: tuple[bytes, ...] = (b"a",), count: int | None = None) -> bytes:
    told = b"".join(struct.pack("<Q", len(name)) + name for name in names)
    counted = struct.pack("<QQQ", 0x112, 0, len(arrays) if count is None else count)
    return counted + b"".join(arrays) + struct.pack("<Q", len(names)) + told


GOOD = array((2,), data=bytes(8))
WRONG = {
    "a shape of terabytes": (file(array((1 << 40,))), "cut off"),
    "a shape whose product overflows": (file(array((1 << 33, 1 << 33))), "cut off"),
    "a shape whose product overflows to what is there": (file(array((1 << 62, 4), data=bytes(8))), "cut off"),
    "a negative length": (file(array((-1, 4), data=bytes(8))), "shape"),
    "no dimensions": (file(array(())), "0 dimensions"),
    "more dimensions than there are": (file(array((1,) * 33, data=bytes(4))), "33 dimensions"),
    "an unknown kind of numbers": (file(array((2,), kind=99, data=bytes(8))), "kind 99"),
    "a sparse array": (file(array((2,), storage=1, data=bytes(8))), "does not write"),
    "an older version": (file(array((2,), magic=0xF993FAC8, data=bytes(8))), "does not write"),
    "billions of arrays": (file(GOOD, count=1 << 60), "more than"),
    "a name of gigabytes": (file(GOOD)[:-9] + struct.pack("<Q", 1 << 40) + b"a", "cut off"),
    "a name that is no text": (file(GOOD, names=(b"\xff",)), "no text"),
    "no names": (file(GOOD, names=()), "have no names"),
    "the same name twice": (file(GOOD, GOOD, names=(b"a", b"a")), "same name"),
    "something else": (b"PK\x03\x04" + bytes(40), "do not begin"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_file_claims_is_held_against_what_it_has(name: str) -> None:
    content, reason = WRONG[name]
    tracemalloc.start()
    with pytest.raises(StoreFault, match=reason):
        params.unpack(content)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_good_one_of_the_same_making_is_read() -> None:
    assert params.unpack(file(GOOD))["a"].tolist() == [0.0, 0.0]


def test_what_is_written_is_what_mxnet_would_write(tmp_path: Path) -> None:
    arrays = {**ARRAYS, "empty": np.zeros((2, 0), np.float32)}
    mx = _mx.load()
    mx.nd.save(str(tmp_path / "theirs"), {name: _mx.array(array) for name, array in arrays.items()})
    assert params.pack(arrays) == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize(
    "array", [np.float32(1), np.array([True]), np.array(["text"])], ids=["number", "truth", "text"]
)
def test_what_mxnets_files_do_not_have_is_not_written(array: np.ndarray) -> None:
    with pytest.raises(StoreFault, match="cannot be kept"):
        params.pack({"one": array})
