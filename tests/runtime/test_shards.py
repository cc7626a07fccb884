"""The data of a job: what is written is what is read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.runtime import shards
from mediaml.runtime.faults import JobFault
from mediaml.runtime.shards import Entry, Shards


def entry(part="train", labels=(0,), seconds=1.0, fold=None):
    return Entry(part, labels, 3, fold, False, seconds)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.floats(1e-6, 8.0), st.integers(1, 64))
def test_samples_come_back_within_a_16_bit_step_of_their_own_peak(tmp_path_factory, lengths, peak, together):
    folder = str(tmp_path_factory.mktemp("shards"))
    random = np.random.RandomState(1)
    waveforms = [(peak * random.uniform(-1, 1, length)).astype(np.float32) for length in lengths]
    size = shards.write(folder, ((entry(), one) for one in waveforms), together)
    found = Shards(folder)
    assert len(found.entries) == len(waveforms)
    for number, waveform in enumerate(waveforms):
        step = max(np.abs(waveform).max() if len(waveform) else 0, 1e-9) / 32767
        np.testing.assert_allclose(found.waveform(number), waveform, atol=0.51 * step)
    assert size >= 2 * sum(lengths)


def test_what_is_known_of_a_clip_comes_back(tmp_path):
    entries = [entry(), entry("validation", (), 2.5), Entry("background", (), 9, None, True, 0.25), entry(fold=4)]
    shards.write(str(tmp_path), ((one, np.zeros(3, np.float32)) for one in entries))
    found = Shards(str(tmp_path))
    assert found.entries == entries
    assert [found.of(part) for part in ("train", "validation", "background")] == [[0, 3], [1], [2]]


def test_a_large_shard_is_followed_by_another(tmp_path):
    shards.write(str(tmp_path), ((entry(), np.ones(6, np.float32)) for _ in range(4)), 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "index.json", *(f"shard-0000{n}.pcm" for n in range(4)),
    ]  # fmt: skip


@pytest.mark.parametrize("damage", ["nothing", "text", "format", "missing"])
def test_another_folder_is_refused(tmp_path, damage):
    index = tmp_path / "index.json"
    documents = {"text": "{", "format": json.dumps({"format": 99, "clips": []}), "missing": '{"format": 1}'}
    if damage != "nothing":
        index.write_text(documents[damage])
    with pytest.raises(JobFault):
        Shards(str(tmp_path))


def test_a_shard_that_is_too_short_is_named(tmp_path):
    shards.write(str(tmp_path), [(entry(), np.ones(6, np.float32))])
    (tmp_path / "shard-00000.pcm").write_bytes(b"ab")
    with pytest.raises(JobFault, match=r"shard-00000\.pcm ends before clip 0"):
        Shards(str(tmp_path)).waveform(0)
