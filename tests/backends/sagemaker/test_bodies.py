"""Sounds as requests: whole where they fit, in pieces of whole windows where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.backends.sagemaker.bodies import HEADER_BYTES, bodies
from mediaml.errors import PayloadTooLarge
from mediaml.features.items import Sound
from mediaml.runtime import wav
from mediaml.runtime.spec import Spec
from mediaml.runtime.windows import covering_windows

RATE = 1000
SPEC = Spec(sample_rate=RATE, n_fft=64, hop_length=32, mel_bands=8, clip_seconds=2.0)


def sound(seconds: float) -> Sound:
    waveform = np.arange(round(seconds * RATE), dtype=np.float32)
    return Sound("array", (waveform, RATE), 0.0, len(waveform) / RATE)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 60.0), st.floats(2.2, 30.0))
def test_the_pieces_have_the_windows_of_the_whole(seconds: float, most: float) -> None:
    limit = HEADER_BYTES + round(4 * most * RATE)
    whole = sound(seconds)
    starts: list[int] = []
    for body in bodies(whole, SPEC, limit):
        assert len(body) <= limit
        samples, rate = wav.read(body)
        assert rate == RATE
        first = round(float(samples[0])) if len(samples) else 0
        starts.extend(first + round(start * RATE) for start, _ in covering_windows(len(samples) / RATE, 2.0))
    assert starts == [round(start * RATE) for start, _ in covering_windows(whole.duration, 2.0)]


def test_a_window_that_does_not_fit_names_the_way_out() -> None:
    with pytest.raises(PayloadTooLarge, match=r"one window of 2 s at 1000 Hz.*deploy\(kind='async'\), or transform"):
        list(bodies(sound(5.0), SPEC, 4 * RATE))
