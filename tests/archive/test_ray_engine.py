"""A cluster gives the same rows, whoever is lost on the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

import mediaml as mm
from mediaml.archive.engines.ray import pack, unpack

ray = pytest.importorskip("ray")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_rows_are_the_same_as_of_threads(cluster, archive, sounds, tmp_path):
    local = mm.scan(archive, sounds, tmp_path / "local.sqlite", progress=False)

    spread = mm.scan(archive, sounds, tmp_path / "ray.sqlite", engine="ray", workers=2, progress=False)

    assert spread.segments().equals(local.segments())
    assert spread.files.equals(local.files)
    assert len(local.segments()) >= 3


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_files_of_a_lost_worker_are_examined_by_another(cluster, archive, sounds, tmp_path):
    import shutil

    for number in range(40):
        shutil.copy(archive / "tapes" / "hum.wav", archive / f"hum-{number}.wav")
    local = mm.scan(archive, sounds, tmp_path / "local.sqlite", progress=False)
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            for process in psutil.Process().children(recursive=True):  # of this cluster: there may be others
                if "Worker.examine" in " ".join(command_of(process)):
                    os.kill(process.pid, signal.SIGKILL)
                    killed.append(process.pid)
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    spread = mm.scan(archive, sounds, tmp_path / "ray.sqlite", engine="ray", workers=2, progress=False)

    assert killed
    assert spread.segments().equals(local.segments())
    assert spread.files.equals(local.files)


def test_a_model_travels_as_its_saved_files_and_is_the_same_there(sounds):
    packed = pack(sounds)

    assert packed.files
    assert all(isinstance(content, bytes) for content in packed.files.values())
    assert unpack(packed).hearer().identity == sounds.hearer().identity


def test_a_deployment_does_not_travel(sounds):
    with sounds.deploy() as deployed, pytest.raises(TypeError, match="give the scan the model itself"):
        pack(deployed)


def test_credentials_are_not_sent(archive, sounds, tmp_path):
    import boto3

    with pytest.raises(ValueError, match="credentials are not sent"):
        mm.scan(
            archive,
            sounds,
            tmp_path / "c.sqlite",
            engine="ray",
            session=boto3.Session(region_name="eu-west-1"),
            progress=False,
        )
    assert not (tmp_path / "c.sqlite").exists()
