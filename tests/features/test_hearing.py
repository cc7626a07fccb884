"""Items become spectrograms in order, a few at a time, and bad ones do not stop the others."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import AudioError
from mediaml.features.hearing import hear, ordered
from mediaml.features.items import Item, is_single, open_sound
from tests.sounds import RATE, SPEC, tone

BUILDER = mm.SpectrogramBuilder(**SPEC)


class Pipe(io.RawIOBase):
    """A binary stream that cannot seek, like a download."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self.content.read(size)

    def seekable(self) -> bool:
        return False


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "hum.wav", tone("hum", 0, 2.0), RATE)
    return tmp_path / "hum.wav"


def test_every_kind_of_item_is_the_same_sound(wav: Path) -> None:
    content = wav.read_bytes()
    waveform, rate = soundfile.read(wav, dtype="float32")
    items: list[Item] = [
        wav,
        str(wav),
        content,
        bytearray(content),
        memoryview(content),
        io.BytesIO(content),
        Pipe(content),
    ]
    with wav.open("rb") as file:
        pieces = list(hear([*items, file, (waveform, rate), mm.Clip(path=wav)], BUILDER))
    assert [piece.item for piece in pieces] == list(range(len(items) + 3))
    for piece in pieces[1:]:
        assert np.array_equal(piece.spectrograms, pieces[0].spectrograms)
        assert piece.segment == mm.Segment(start=0, end=2)


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        ("gone.wav", "no such file"),
        (".", "a folder"),
        (b"", "no bytes"),
        (b"RIFF????", "libsndfile"),
        (7, "nothing to listen to"),
        (None, "nothing to listen to"),
        (io.StringIO("text"), "text mode"),
        ((np.zeros(10), 0), "whole number"),
        ((np.zeros(10), 22050.5), "whole number"),
        ((np.zeros(10), "22050"), "array, sample_rate"),
    ],
)
def test_a_bad_item_is_an_error_with_a_reason(item: object, complaint: str) -> None:
    with pytest.raises(AudioError, match=complaint):
        open_sound(item)  # type: ignore[arg-type]


def test_a_bad_item_does_not_stop_the_others(wav: Path) -> None:
    pieces = list(hear([wav, b"junk", wav, "gone.wav", wav], BUILDER))
    assert [piece.error is None for piece in pieces] == [True, False, True, False, True]
    assert [piece.item for piece in pieces] == [0, 1, 2, 3, 4]


def test_one_item_or_a_list_of_them() -> None:
    waveform = np.zeros(10)
    assert all(
        is_single(item) for item in ("a", Path("a"), b"a", io.BytesIO(), (waveform, 8000), (waveform, 8000.0), 7)
    )
    assert is_single(([0.0, 0.1], 8000))
    assert not any(is_single(items) for items in (["a"], [], ("a", "b"), (Path("a"), Path("b")), iter("ab"), ("a",)))


def test_a_long_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    def peak(minutes: int) -> int:
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", RATE, 1) as file:
            for number in range(minutes):
                file.write(tone("hiss", number, 60.0))
        tracemalloc.start()
        windows = sum(len(piece.spectrograms) for piece in hear([path], BUILDER))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert windows == 2 * 60 * minutes - 1
        return used

    peak(1)
    whole = 40 * 60 * RATE * np.dtype(np.float32).itemsize
    assert peak(40) < 0.25 * whole


def test_ordered_keeps_order_and_does_not_run_ahead() -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    with ThreadPoolExecutor(3) as pool:
        results = ordered(pool, lambda number: number * number, endless(), ahead=5)
        assert [next(results) for _ in range(10)] == [number * number for number in range(1, 11)]
        assert taken <= 10 + 6
        results.close()  # type: ignore[attr-defined]
