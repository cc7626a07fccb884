"""MXNet is called from one thread, whoever asks; and never on the far side of a fork."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.errors import ForkedProcessError
from tests.sounds import small_model, write_tones


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones")))


@pytest.fixture(scope="module")
def model(sounds: mm.AudioDataset) -> mm.LocalAudioModel:
    return small_model(epochs=2).fit(sounds, progress=False)


def test_predict_from_many_threads(model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
    expected = model.predict(sounds)
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda _: model.predict(sounds), range(16)):
            assert answer == expected


def test_two_models_at_once(sounds: mm.AudioDataset) -> None:
    alone = [small_model(epochs=1, seed=seed).fit(sounds, progress=False).predict(sounds) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        together = list(
            pool.map(lambda seed: small_model(epochs=1, seed=seed).fit(sounds, progress=False).predict(sounds), (1, 2))
        )
    assert together == alone


def _predict_in_child(model: mm.LocalAudioModel, path: str, answers: Connection) -> None:
    try:
        model.predict(path)
        answers.send("predicted")
    except ForkedProcessError as error:
        answers.send(str(error))


@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_fork_is_told_so_at_once(model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
    mine, theirs = multiprocessing.Pipe()
    arguments = (model, str(sounds.frame["path"][0]), theirs)
    child = multiprocessing.get_context("fork").Process(target=_predict_in_child, args=arguments)
    child.start()
    assert mine.poll(20), "the forked child hangs"
    assert "spawn" in mine.recv()
    child.join(20)
    assert child.exitcode == 0
    assert model.predict(sounds.frame["path"][0]).alternatives, "the parent goes on"


PROGRAM = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores Ctrl-C
import mediaml as mm
from tests.sounds import small_model
train, validation = mm.AudioDataset.from_folder(sys.argv[1]).split(0.5, 0.5, seed=1)
try:
    small_model(epochs=10000).fit(train, validation, checkpoint=sys.argv[2], progress=False)
except KeyboardInterrupt:
    print("stopped")
"""


def test_ctrl_c_stops_a_training_and_keeps_the_checkpoint(sounds: mm.AudioDataset, tmp_path: Path) -> None:
    folder = str(Path(sounds.frame["path"][0]).parents[1])
    arguments = [sys.executable, "-c", PROGRAM, folder, str(tmp_path)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": ""})
    deadline = time.monotonic() + 60
    while not (tmp_path / "checkpoint.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    try:
        while process.poll() is None and time.monotonic() < deadline + 60:
            # Python loses one that comes while it runs a finalizer: a person presses again
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=8)
    finally:
        process.kill()
        told = process.communicate()[0]
    assert told == "stopped\n"
    assert process.returncode == 0
    assert (tmp_path / "checkpoint.json").exists()


def test_the_callers_thread_does_not_matter(model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(model.predict(sounds.frame["path"][0])))
    thread.start()
    thread.join(30)
    assert answers == [model.predict(sounds.frame["path"][0])]


def test_predicting_during_a_training_does_not_wait_for_its_end(
    model: mm.LocalAudioModel, sounds: mm.AudioDataset
) -> None:
    done = threading.Event()

    def train() -> None:
        small_model(epochs=40).fit(sounds, progress=False)
        done.set()

    thread = threading.Thread(target=train)
    thread.start()
    answered_meanwhile = 0
    while not done.is_set():
        model.predict(sounds.frame["path"][0])
        answered_meanwhile += not done.is_set()
    thread.join()
    assert answered_meanwhile > 10
