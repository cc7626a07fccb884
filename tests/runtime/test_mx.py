"""MXNet is loaded in one place, on all cores, without a trace in the user's process, and never across a fork."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

PRELUDE = """
import json, os, sys

def answer(**facts):
    print(json.dumps(facts))

def threads():
    '''How many threads MXNet's OpenMP has taken, asked of the very library that is loaded.'''
    import ctypes
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "libgomp" in line or "libomp" in line or "libiomp" in line}
    return [ctypes.CDLL(path).omp_get_max_threads() for path in paths]
"""

WITHOUT_MXNET = "sys.modules['mxnet'] = None\n"


def run(program: str, timeout: float = 60, **environment: str) -> dict[str, object]:
    """Run a program in a process of its own, without any OMP_NUM_THREADS but the given one, and give its answer."""
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + program],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def has_mxnet() -> bool:
    from importlib.util import find_spec

    return find_spec("mxnet") is not None


needs_mxnet = pytest.mark.skipif(not has_mxnet(), reason="MXNet has no wheel for this platform")
needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks on this platform")


# --- the environment

LOAD = """
import threading, warnings
warnings.simplefilter("error")
before = dict(os.environ)
from mediaml.runtime import _mx
loaded = []
loaders = [threading.Thread(target=lambda: loaded.append(_mx.load())) for _ in range(8)]
for loader in loaders:
    loader.start()
for loader in loaders:
    loader.join()
answer(
    versions=[module.__version__ for module in loaded],
    modules=len({id(module) for module in loaded}),
    unchanged=before == dict(os.environ),
    inherited=os.popen("echo $OMP_NUM_THREADS").read().strip(),
    threads=threads(),
    cores=len(os.sched_getaffinity(0)),
)
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, object]:
    """Load MXNet by eight threads at once, with warnings as errors."""
    return run(LOAD)


@needs_mxnet
@needs_proc
def test_many_threads_at_once_load_mxnet_once_and_without_a_warning(loaded):
    assert loaded["versions"] == ["1.9.1"] * 8
    assert loaded["modules"] == 1


@needs_mxnet
@needs_proc
def test_mxnet_takes_all_cores_and_the_environment_stays_as_it_was(loaded):
    assert loaded["threads"] == [loaded["cores"]]
    assert loaded["unchanged"]
    assert loaded["inherited"] == ""


@needs_mxnet
@needs_proc
def test_a_value_of_the_users_own_wins_and_stays():
    found = run(LOAD, OMP_NUM_THREADS="3")

    assert found["threads"] == [3]
    assert found["unchanged"]
    assert found["inherited"] == "3"


IMPORT_FAILS = """
from mediaml.runtime import _mx, faults
try:
    _mx.load()
except faults.MXNetFault as error:
    answer(message=str(error), set=os.environ.get("OMP_NUM_THREADS"), fault=True)
"""


@pytest.mark.parametrize("given", [{}, {"OMP_NUM_THREADS": "5"}])
def test_where_mxnet_is_missing_the_error_names_the_platforms_and_the_environment_stays(given):
    found = run(WITHOUT_MXNET + IMPORT_FAILS, **given)

    assert "1.9.1" in str(found["message"])
    assert "Linux" in str(found["message"])
    assert found["set"] == given.get("OMP_NUM_THREADS")


def test_a_second_try_says_the_same():
    found = run(WITHOUT_MXNET + IMPORT_FAILS + IMPORT_FAILS)

    assert found["fault"]


def test_nothing_of_the_runtime_loads_mxnet_before_it_is_needed():
    program = """
from mediaml.runtime import _mx, augment, calibration, dsp, loop, network, networks, spec, store
networks.default_spec("cnn")
answer(loaded="mxnet" in sys.modules)
"""
    assert not run(program)["loaded"]


# --- forks

FORKS = """
import multiprocessing, tempfile, time
import numpy as np
from mediaml.runtime import _mx, store
from mediaml.runtime.network import Network
from mediaml.runtime.spec import Spec

SPEC = Spec(sample_rate=8000, n_fft=256, hop_length=128, mel_bands=16, clip_seconds=0.5)
SOUND = np.zeros((2, 16, SPEC.clip_frames), np.float32)
network = Network("cnn", SPEC, labels=2)
expected = network.logits(SOUND)
folder = tempfile.mkdtemp()
store.write(folder, "model", {}, network.arrays())

USES = {
    "load": _mx.load,
    "a network made before the fork": lambda: network.logits(SOUND),
    "its weights": network.arrays,
    "a new network": lambda: Network("cnn", SPEC, labels=2),
    "write": lambda: store.write(folder + "/child", "model", {}, {"a": np.zeros(3, np.float32)}),
    "read": lambda: store.read(folder, "model"),
}


def use(name, connection):
    try:
        USES[name]()
        connection.send("worked")
    except BaseException as error:
        connection.send(f"{type(error).__name__}: {error}")


context, heard, seconds = multiprocessing.get_context("fork"), {}, {}
for name in USES:
    mine, theirs = context.Pipe()
    started = time.monotonic()
    child = context.Process(target=use, args=(name, theirs), daemon=True)
    child.start()
    heard[name] = mine.recv() if mine.poll(8) else "hangs"
    seconds[name] = time.monotonic() - started
    child.join(5)
    if child.is_alive():
        heard[name] += " (does not end)"
        child.kill()
after = network.logits(SOUND)
answer(heard=heard, slowest=max(seconds.values()), parent_goes_on=bool((after == expected).all()))
"""


@pytest.fixture(scope="module")
def forked() -> dict[str, object]:
    return run(FORKS, timeout=150)


@needs_mxnet
@needs_fork
@pytest.mark.parametrize("use", ["load", "a network made before the fork", "its weights", "a new network"])
def test_a_forked_child_is_told_so_and_does_not_hang(forked, use):
    heard = forked["heard"][use]

    assert heard.startswith("ForkFault: "), heard
    assert "spawn" in heard
    assert "does not end" not in heard


@needs_mxnet
@needs_fork
@pytest.mark.parametrize("use", ["read", "write"])
def test_a_forked_child_reads_and_writes_what_is_stored_because_that_needs_no_mxnet(forked, use):
    assert forked["heard"][use] == "worked"


@needs_mxnet
@needs_fork
def test_a_forked_child_is_told_at_once_and_its_parent_goes_on(forked):
    assert forked["slowest"] < 5
    assert forked["parent_goes_on"]


@needs_mxnet
@needs_fork
def test_a_fork_from_before_mxnet_was_loaded_may_use_it():
    program = """
import multiprocessing
import numpy as np
from mediaml.runtime import _mx

def use(connection):
    connection.send(_mx.load().__version__)

context = multiprocessing.get_context("fork")
mine, theirs = context.Pipe()
child = context.Process(target=use, args=(theirs,), daemon=True)
child.start()
heard = mine.recv() if mine.poll(40) else "hangs"
child.join(10)
answer(heard=heard, in_parent="mxnet" in sys.modules)
"""
    assert run(program) == {"heard": "1.9.1", "in_parent": False}
