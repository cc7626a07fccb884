"""A recording that several models hear is decoded once, and is the same to each."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from mediaml.data import decode
from mediaml.features.items import open_sound
from mediaml.features.shared_sound import CHUNK, KEPT, SharedSound


@pytest.fixture
def path(tmp_path):
    soundfile.write(tmp_path / "long.wav", np.random.RandomState(0).uniform(-1, 1, int(3.5 * CHUNK * 8000)), 8000)
    return tmp_path / "long.wav"


@pytest.mark.parametrize(("start", "end"), [(0, 1), (29.5, 30.5), (10, 100), (104.2, 105), (30, 60)])
def test_a_stretch_is_what_a_sound_of_its_own_would_give(path, start, end):
    alone = open_sound(path)
    shared = SharedSound(alone.name, str(path), 0.0, alone.duration)

    assert np.array_equal(shared.read(start, end, 8000), alone.read(start, end, 8000))
    assert shared.read(start, end, 16000) == pytest.approx(alone.read(start, end, 16000), abs=1e-5)


def test_each_stretch_is_decoded_once_and_the_memory_is_bounded(path, monkeypatch):
    whole, stretches = decode.read, []

    def counting(source, start, end):
        stretches.append(start)
        return whole(source, start, end)

    monkeypatch.setattr(decode, "read", counting)
    shared = SharedSound("x", str(path), 0.0, 3.5 * CHUNK)
    for start in range(0, 100, 5):
        shared.read(start, start + 5, 8000)
        shared.read(start, start + 5, 16000)

    assert stretches == [0, CHUNK, 2 * CHUNK, 3 * CHUNK]
    assert len(shared._chunks) <= KEPT
