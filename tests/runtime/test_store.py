"""Arrays and facts in a folder: a reader finds the old state or the new one, never half of one."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediaml.runtime import _mx, params, store
from mediaml.runtime.faults import StoreFault

OLD = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
NEW = {"weight": -np.arange(12, dtype=np.float32).reshape(4, 3), "bias": np.ones(4, np.float32)}


def same(arrays, others) -> bool:
    return arrays.keys() == others.keys() and all(np.array_equal(arrays[name], others[name]) for name in arrays)


def is_old_or_new(folder: Path) -> str:
    """Read a folder and tell which of the two states it is in; anything else is an error."""
    facts, arrays = store.read(str(folder), "state")
    if facts == {"epoch": 1} and same(arrays, OLD):
        return "old"
    assert facts == {"epoch": 2}
    assert same(arrays, NEW)
    return "new"


@pytest.fixture
def folder(tmp_path) -> str:
    """Give a folder that holds the old state."""
    store.write(str(tmp_path / "kept"), "state", {"epoch": 1}, OLD)
    return str(tmp_path / "kept")


# --- what is written is read


def test_facts_and_arrays_come_back_to_the_bit(tmp_path):
    random = np.random.RandomState(0)
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "a/weight": random.standard_normal((3, 1, 5, 5)).astype(np.float32),
        "odd values": np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], np.float32),
        "double": random.standard_normal(7),
        "numbers": np.array([-(2**62), 0, 2**62]),
        "ä": np.zeros((2, 0), np.float32),
    }
    facts = {"labels": ["dög", "cat"], "deep": {"list": [1, 2.5, None, True]}, "best_epoch": 3}

    store.write(str(tmp_path), "model", facts, arrays)
    facts_again, arrays_again = store.read(str(tmp_path), "model")

    assert facts_again == facts
    assert arrays_again.keys() == arrays.keys()
    for name, array in arrays.items():
        assert arrays_again[name].dtype == array.dtype
        assert arrays_again[name].shape == array.shape
        assert arrays_again[name].tobytes() == array.tobytes()


def test_facts_can_be_read_without_the_arrays(folder):
    assert store.read_facts(folder, "state")["epoch"] == 1


def test_facts_without_any_arrays_come_back(tmp_path):
    store.write(str(tmp_path), "state", {"epoch": 0}, {})

    assert store.read(str(tmp_path), "state") == ({"epoch": 0}, {})


def test_missing_folders_are_made(tmp_path):
    store.write(str(tmp_path / "a" / "b"), "state", {"epoch": 1}, OLD)

    assert is_old_or_new(tmp_path / "a" / "b") == "old"


def test_the_new_state_replaces_the_old_one_and_leaves_nothing_behind(folder):
    store.write(folder, "state", {"epoch": 2}, NEW)

    assert is_old_or_new(Path(folder)) == "new"
    assert sorted(path.suffix for path in Path(folder).iterdir()) == [".json", ".params"]


def test_the_same_state_twice_is_one(folder):
    store.write(folder, "state", {"epoch": 1}, OLD)

    assert is_old_or_new(Path(folder)) == "old"
    assert len(list(Path(folder).iterdir())) == 2


def test_new_facts_may_stand_beside_the_same_arrays(folder):
    store.write(folder, "state", {"epoch": 5}, OLD)

    facts, arrays = store.read(folder, "state")
    assert facts == {"epoch": 5}
    assert same(arrays, OLD)


def test_what_is_written_is_the_same_on_every_machine(tmp_path):
    for name in ("one", "two"):
        store.write(str(tmp_path / name), "state", {"b": 1, "a": 2}, NEW)

    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_others_may_read_the_files(folder):
    # a temporary file is made for its owner alone; the model of a colleague must be readable
    for path in Path(folder).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_facts_that_were_given_stay_as_they_were(tmp_path):
    facts = {"epoch": 1}

    store.write(str(tmp_path), "state", facts, OLD)

    assert facts == {"epoch": 1}


def test_existence_means_that_the_facts_are_there(folder, tmp_path):
    assert store.exists(folder, "state")
    assert not store.exists(folder, "stat")
    assert not store.exists(str(tmp_path / "nowhere"), "state")
    assert not store.exists(None, "state")


# --- several names in one folder


@pytest.mark.parametrize("other", ["other", "stat", "states", "state2", "state-best", "state-"])
def test_another_name_in_the_same_folder_is_left_alone(folder, other):
    store.write(folder, other, {"epoch": 9}, OLD)
    store.write(folder, "state", {"epoch": 2}, NEW)

    facts, arrays = store.read(folder, other)
    assert facts == {"epoch": 9}
    assert same(arrays, OLD)
    assert is_old_or_new(Path(folder)) == "new"


def test_the_users_own_files_are_left_alone(folder):
    mine = [Path(folder, name) for name in ("notes.txt", "weights.params", ".hidden", "state.txt")]
    for path in mine:
        path.write_text("mine")

    store.write(folder, "state", {"epoch": 2}, NEW)

    assert [path.read_text() for path in mine] == ["mine"] * 4


# --- death at any instant

DRIVER = '''
"""Write the new state over the old one again and again, each time ended a step later, until one run gets through."""
import os, shutil, signal, sys
from mediaml.runtime import params, store

old, new, root, manner = sys.argv[1:]
with open(new, "rb") as file:
    content = file.read()
params.pack = lambda arrays: content
OPERATIONS = {"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.listdir", "os.scandir"}


def end_at(last):
    """End this process before step `last`: a line of the runtime, or anything that the system does to a file."""
    state = {"steps": 0, "ended": False}

    def step():
        if state["ended"]:
            return
        state["steps"] += 1
        if state["steps"] > last:
            state["ended"] = True
            if manner == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(28, "No space left on device")

    def trace(frame, event, argument):
        if os.path.dirname(frame.f_code.co_filename) != os.path.dirname(store.__file__):
            return None
        if event == "line":
            step()
        return trace

    sys.addaudithook(lambda event, arguments: step() if event in OPERATIONS else None)
    sys.settrace(trace)
    return state


last = 0
while True:
    folder = os.path.join(root, str(last))
    shutil.copytree(old, folder)
    child = os.fork()
    if child == 0:
        state = end_at(last)
        try:
            store.write(folder, "state", {"epoch": 2}, {})
        except OSError:
            pass
        os._exit(1 if state["ended"] else 0)
    if os.waitpid(child, 0)[1] == 0:
        break
    last += 1
print(last)
'''


@pytest.mark.parametrize("manner", ["killed", "out of disk space"])
def test_a_writer_that_ends_at_any_step_leaves_the_old_state_or_the_new_one(tmp_path, folder, manner):
    (tmp_path / "new.params").write_bytes(params.pack(NEW))
    ends = tmp_path / "ends"
    arguments = [folder, str(tmp_path / "new.params"), str(ends), manner]

    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    states = [is_old_or_new(ends / str(number)) for number in range(int(done.stdout) + 1)]
    assert len(states) > 20
    assert {"old", "new"} == set(states)
    if manner == "killed":
        assert states == sorted(states, reverse=True)  # old until one step, new from there on


def test_after_a_death_the_next_write_succeeds_and_clears_the_arrays_that_nothing_names(folder):
    # the writer died between the arrays and the facts that name them
    Path(folder, "state-0123456789abcdef.params").write_bytes(b"of the dead")

    store.write(folder, "state", {"epoch": 2}, NEW)

    assert is_old_or_new(Path(folder)) == "new"
    assert len(list(Path(folder).glob("*.params"))) == 1


@pytest.mark.parametrize("operation", ["fsync", "replace", "open"])
def test_a_full_disk_leaves_the_old_state_and_no_rubbish(folder, operation, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, refuse)
        with pytest.raises(OSError, match="No space left"):
            store.write(folder, "state", {"epoch": 2}, NEW)

    assert is_old_or_new(Path(folder)) == "old"
    assert not [path for path in Path(folder).iterdir() if path.suffix == ".tmp"]


def test_facts_that_json_cannot_hold_leave_the_old_state(folder):
    with pytest.raises(TypeError):
        store.write(folder, "state", {"epoch": object()}, NEW)

    assert is_old_or_new(Path(folder)) == "old"


def test_a_reader_who_is_overtaken_by_a_writer_finds_the_new_state(folder, monkeypatch):
    # the reader has the old facts in hand when the writer replaces them and removes the old arrays
    read_facts, overtaken = store.read_facts, list[bool]()

    def overtake(*arguments):
        facts = read_facts(*arguments)
        if not overtaken:
            overtaken.append(True)
            store.write(folder, "state", {"epoch": 2}, NEW)
        return facts

    monkeypatch.setattr(store, "read_facts", overtake)

    assert is_old_or_new(Path(folder)) in ("old", "new")


def test_nothing_is_left_in_the_systems_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "system").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "system"))

    store.write(str(tmp_path / "kept"), "state", {"epoch": 1}, OLD)

    assert is_old_or_new(tmp_path / "kept") == "old"
    assert list((tmp_path / "system").iterdir()) == []


# --- what is missing or damaged


def arrays_of(folder: str) -> Path:
    (path,) = Path(folder).glob("*.params")
    return path


def rename_arrays_in_facts(folder: str, described: object) -> None:
    path = Path(folder, "state.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "arrays": described}))


@pytest.mark.parametrize("place", ["nowhere", "a file", "an empty folder"])
def test_a_folder_without_the_state_is_named(tmp_path, place):
    (tmp_path / "an empty folder").mkdir()
    (tmp_path / "a file").write_text("")

    with pytest.raises(StoreFault, match=place):
        store.read(str(tmp_path / place), "state")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"not json", b"\xff\xfe", b"[]", b'"text"', b"null", b"{}", b'{"arrays": 3}', b'{"arrays": {}}'],
)
def test_damaged_facts_are_refused_with_their_place(folder, content):
    Path(folder, "state.json").write_bytes(content)

    with pytest.raises(StoreFault, match="kept"):
        store.read(folder, "state")


def test_missing_arrays_are_refused_and_named(folder):
    path = arrays_of(folder)
    path.unlink()

    with pytest.raises(StoreFault, match=path.name):
        store.read(folder, "state")


@pytest.mark.parametrize("damage", ["cut off", "a bit", "empty", "longer"])
def test_damaged_arrays_are_refused_and_named(folder, damage):
    path = arrays_of(folder)
    content = bytearray(path.read_bytes())
    if damage == "cut off":
        content = content[:-1]
    elif damage == "a bit":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content.clear()
    else:
        content += b"\0"
    path.write_bytes(content)

    with pytest.raises(StoreFault, match=path.name):
        store.read(folder, "state")


def test_the_arrays_of_another_state_are_refused(folder, tmp_path):
    store.write(str(tmp_path / "other"), "state", {"epoch": 2}, NEW)
    arrays_of(folder).write_bytes(arrays_of(str(tmp_path / "other")).read_bytes())

    with pytest.raises(StoreFault):
        store.read(folder, "state")


def list_of_arrays() -> bytes:
    """Give what MXNet itself saves for a list: arrays without names."""
    if not _mx.available():
        pytest.skip("needs MXNet")
    mx = _mx.load()
    with tempfile.TemporaryDirectory() as scratch:
        mx.nd.save(f"{scratch}/list", [mx.nd.zeros(2)])
        return Path(scratch, "list").read_bytes()


@pytest.mark.parametrize(
    "make",
    [lambda: b"a text", lambda: b"", lambda: bytes(100), list_of_arrays],
    ids=["a text", "nothing", "zeros", "arrays without names"],
)
def test_a_file_with_the_right_hash_that_holds_no_named_arrays_is_refused(folder, make):
    path, content = arrays_of(folder), make()
    path.write_bytes(content)
    rename_arrays_in_facts(folder, {"file": path.name, "sha256": hashlib.sha256(content).hexdigest()})

    with pytest.raises(StoreFault, match=path.name):
        store.read(folder, "state")


@pytest.mark.parametrize("name", ["../secret.params", "/etc/passwd", "sub/secret.params", "..", ".", "", "./x.params"])
def test_facts_that_point_out_of_their_folder_are_refused(folder, name):
    secret = Path(folder).parent / "secret.params"
    secret.write_bytes(arrays_of(folder).read_bytes())
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    rename_arrays_in_facts(folder, {"file": name, "sha256": digest})

    with pytest.raises(StoreFault):
        store.read(folder, "state")


@pytest.mark.parametrize("described", [None, [], "file", {"file": 3}, {"file": None}, {"sha256": "abc"}])
def test_facts_that_do_not_name_their_arrays_are_refused(folder, described):
    rename_arrays_in_facts(folder, described)

    with pytest.raises(StoreFault, match="arrays"):
        store.read(folder, "state")


def test_arrays_without_a_hash_are_not_trusted(folder):
    rename_arrays_in_facts(folder, {"file": arrays_of(folder).name})

    with pytest.raises(StoreFault):
        store.read(folder, "state")
