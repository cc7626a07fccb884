"""Exported folders that are damaged, or somebody else's: an error that says so, and no foreign graph is run."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

import mediaml as mm
from mediaml.backends.onnx import files
from mediaml.errors import MediamlError, SavedModelError
from mediaml.runtime.network import Network
from mediaml.runtime.networks import default_spec
from tests.sounds import RATE, small_model, tone, write_tones


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refused")
    train, validation = mm.AudioDataset.from_folder(write_tones(folder / "tones", 4)).split(0.5, 0.5, seed=1)
    return small_model(epochs=1).fit(train, validation, progress=False).export_onnx(folder / "model")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "model")


def graph_of(folder: Path) -> Path:
    return next(iter(folder.glob("*.onnx")))


def describe(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what model.json says of the network."""
    document = json.loads((folder / "model.json").read_text())
    change(document["onnx"])
    (folder / "model.json").write_text(json.dumps(document))


def put(folder: Path, content: bytes) -> None:
    """Put another graph in place, with a hash that fits."""
    graph_of(folder).write_bytes(content)
    describe(folder, lambda said: said.update(sha256=hashlib.sha256(content).hexdigest()))


def refused(folder: Path, why: str) -> None:
    with pytest.raises(SavedModelError, match=why):
        mm.load(folder)


def test_a_graph_that_is_gone(folder: Path) -> None:
    graph_of(folder).unlink()
    refused(folder, "cannot be read")


def test_a_graph_of_which_a_bit_was_turned(folder: Path) -> None:
    content = bytearray(graph_of(folder).read_bytes())
    content[1000] ^= 1
    graph_of(folder).write_bytes(content)
    refused(folder, "damaged")


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"no graph at all"], ids=["empty", "noise", "text"])
def test_a_file_that_is_no_graph(folder: Path, content: bytes) -> None:
    put(folder, content)
    refused(folder, r"no ONNX file|not those of the weights|what mediaml writes")


def test_a_name_that_points_out_of_the_folder(folder: Path) -> None:
    describe(folder, lambda said: said.update(file="../network.onnx"))
    refused(folder, "points out of the folder")


@pytest.mark.parametrize("name", ["\0", "\ud800", "x" * 5000], ids=["zero", "half a pair", "long"])
def test_a_name_that_no_file_has(folder: Path, name: str) -> None:
    describe(folder, lambda said: said.update(file=name))
    with pytest.raises(SavedModelError):
        mm.load(folder)


def test_a_format_of_the_future(folder: Path) -> None:
    describe(folder, lambda said: said.update(format=2))
    refused(folder, "Install a newer one")


def test_a_folder_that_does_not_name_its_graph(folder: Path) -> None:
    describe(folder, lambda said: said.clear())
    refused(folder, "does not name its network")


def test_a_graph_that_is_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", graph_of(folder).stat().st_size - 1)
    refused(folder, "too large")


def test_weights_that_lie_in_another_file(folder: Path) -> None:
    model = onnx.load(graph_of(folder))
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "/etc/hostname")
    model.graph.initializer[0].ClearField("raw_data")
    put(folder, model.SerializeToString())
    refused(folder, "lies in another file")


def test_weights_of_fewer_bytes_than_their_shape(folder: Path) -> None:
    model = onnx.load(graph_of(folder))
    model.graph.initializer[0].raw_data = b"1234"
    put(folder, model.SerializeToString())
    refused(folder, "cannot be read")


def test_weights_of_another_network(folder: Path) -> None:
    arrays = Network("yamnet", default_spec("yamnet"), 3).arrays()
    stored = [numpy_helper.from_array(one, name) for name, one in arrays.items()]
    put(folder, helper.make_model(helper.make_graph([], "g", [], [], stored)).SerializeToString())
    refused(folder, "weights float32")


def test_another_graph_with_the_same_weights_is_not_run(good: Path, folder: Path) -> None:
    """The graph is for other programs: mediaml builds its own of the weights."""
    model = onnx.load(graph_of(folder))
    del model.graph.node[:]
    model.graph.node.append(helper.make_node("Foreign", ["spectrogram"], ["embedding"], domain="foreign"))
    put(folder, model.SerializeToString())
    heard = tone("hum", 3), RATE
    assert mm.load(folder).predict(heard) == mm.load(good).predict(heard)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_changed_graph_with_a_hash_that_fits_is_refused_or_answers(
    good: Path, folder: Path, at: float, byte: int, cut: bool
) -> None:
    content = bytearray(graph_of(good).read_bytes())
    place = int(at * len(content))
    content[place] = byte
    put(folder, bytes(content[:place] if cut else content))
    try:
        told = mm.load(folder).predict((tone("hum", 3), RATE))
    except MediamlError:
        return
    assert isinstance(told, mm.AudioPrediction)
    assert np.isfinite(told.confidence)
