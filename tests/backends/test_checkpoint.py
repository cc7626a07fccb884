"""A training that was killed goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.errors import CheckpointError
from mediaml.runtime import store
from tests.sounds import small_model, write_tones

PROGRAM = """
import sys
import mediaml as mm
from tests.sounds import small_model
train, validation = mm.AudioDataset.from_folder(sys.argv[1]).split(0.5, 0.5, seed=1)
print("go", flush=True)
small_model(epochs=8).fit(train, validation, checkpoint=sys.argv[2], progress=False).save(sys.argv[3])
"""


def weights(folder: Path) -> dict[str, np.ndarray]:
    return store.read(str(folder), "model")[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def unbroken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    train, validation = mm.AudioDataset.from_folder(folder).split(0.5, 0.5, seed=1)
    return small_model(epochs=8).fit(train, validation, progress=False).save(tmp_path_factory.mktemp("unbroken"))


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_weights(folder: Path, unbroken: Path, tmp_path: Path) -> None:
    checkpoint, saved = tmp_path / "checkpoint", tmp_path / "model"
    arguments = [sys.executable, "-c", PROGRAM, str(folder), str(checkpoint), str(saved)]
    kills, seen = 0, 0
    while kills < 4:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # killed at an arbitrary moment after some new epoch was kept
        while process.poll() is None and epochs_kept(checkpoint) <= seen:
            time.sleep(0.005)
        time.sleep(0.013 * kills)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills, seen = kills + 1, epochs_kept(checkpoint)
        assert seen >= 1
        if seen >= 8:
            break
    assert kills >= 2, "the training was over before it could be killed twice: this proves nothing"
    subprocess.run(arguments, check=True, capture_output=True)
    expected, got = weights(unbroken), weights(saved)
    assert expected.keys() == got.keys()
    assert all(np.array_equal(expected[name], got[name]) for name in expected)


def epochs_kept(checkpoint: Path) -> int:
    if not store.exists(str(checkpoint), "checkpoint"):
        return 0
    return len(store.read_facts(str(checkpoint), "checkpoint")["history"])


def test_a_checkpoint_of_other_data_is_refused(folder: Path, tmp_path: Path) -> None:
    sounds = mm.AudioDataset.from_folder(folder)
    train, validation = sounds.split(0.5, 0.5, seed=1)
    small_model(epochs=1).fit(train, validation, checkpoint=tmp_path, progress=False)
    other, others_validation = sounds.split(0.5, 0.5, seed=2)
    with pytest.raises(CheckpointError, match="another folder"):
        small_model(epochs=1).fit(other, others_validation, checkpoint=tmp_path, progress=False)
    with pytest.raises(CheckpointError, match="another folder"):
        small_model(epochs=2).fit(train, validation, checkpoint=tmp_path, progress=False)


def test_a_finished_training_is_not_done_again(folder: Path, tmp_path: Path) -> None:
    train, validation = mm.AudioDataset.from_folder(folder).split(0.5, 0.5, seed=1)
    first = small_model(epochs=2).fit(train, validation, checkpoint=tmp_path, progress=False)
    stamp = (tmp_path / "checkpoint.json").stat().st_mtime_ns
    second = small_model(epochs=2).fit(train, validation, checkpoint=tmp_path, progress=False)
    assert (tmp_path / "checkpoint.json").stat().st_mtime_ns == stamp
    assert second.history == first.history
    assert second.predict(train) == first.predict(train)
