"""A model of sounds that is exported: the same verdicts from ONNX Runtime, and no MXNet anywhere near."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.backends.onnx import agreement
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.errors import BackendError, MissingExtraError
from mediaml.runtime.network import Network
from tests.backends.onnx.examples import agree, files, told_without_mxnet
from tests.sounds import small_model, write_tones

LARGEST = 600_000  # bytes of an exported model of 98,000 weights

PREDICTS = """
import json
model = mm.load(sys.argv[1])
heard = model.predict(sys.argv[2])
events = model.detect(sys.argv[2], progress=False).events
with model.deploy() as endpoint:
    deployed = endpoint.predict(sys.argv[2])
print(json.dumps([heard.label, heard.confidence, deployed.label, [one.label for one in events]]))
assert not [name for name in sys.modules if name.startswith("mxnet.")]
"""

FITS = """
data = mm.AudioDataset.from_folder(sys.argv[2])
try:
    mm.load(sys.argv[1]).fit(data, progress=False)
except mm.errors.BackendError as error:
    print(error)
"""


SIFTS = """
import json
model = mm.load(sys.argv[1])
catalog = mm.scan(sys.argv[2], models=[model], store=sys.argv[3], progress=False)
near = catalog.similar(sys.argv[2] + "/hum/0.wav", by=model)
print(json.dumps([len(catalog.segments()), len(near)]))
"""


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"), per_label=6)


@pytest.fixture(scope="module")
def parts(tones: Path) -> tuple[mm.AudioDataset, ...]:
    return mm.AudioDataset.from_folder(tones).split(0.5, 0.5, seed=1)


@pytest.fixture(scope="module")
def model(parts: tuple[mm.AudioDataset, ...]) -> mm.LocalAudioModel:
    return small_model(epochs=3).fit(parts[0], parts[1], progress=False)


@pytest.fixture(scope="module")
def exported(model: mm.LocalAudioModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model.export_onnx(tmp_path_factory.mktemp("exported") / "model")


@pytest.fixture(scope="module")
def again(exported: Path) -> mm.LocalAudioModel:
    found = mm.load(exported)
    assert isinstance(found, mm.LocalAudioModel)
    return found


def test_the_folder_holds_facts_arrays_and_a_graph_and_nothing_else(exported: Path) -> None:
    found = files(exported)
    assert sorted(Path(name).suffix for name in found) == [".json", ".onnx", ".params"]
    assert sum(map(len, found.values())) < LARGEST
    assert json.loads(found["model.json"])["kind"] == "onnx-audio"


def test_verdicts_are_the_same(
    model: mm.LocalAudioModel, again: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
) -> None:
    assert isinstance(again._ready().network, OnnxNetwork)
    for ours, theirs in zip(again.predict(parts[1]), model.predict(parts[1]), strict=True):
        assert (ours.label, ours.reason) == (theirs.label, theirs.reason)
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-4)
        assert ours.familiarity == pytest.approx(theirs.familiarity, abs=1e-4)


def test_events_and_reports_are_the_same(
    model: mm.LocalAudioModel, again: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tones: Path
) -> None:
    path = tones / "whistle" / "0.wav"
    ours, theirs = (one.detect(path, progress=False).events for one in (again, model))
    assert [one.label for one in ours] == [one.label for one in theirs]
    reports = [one.evaluate(parts[1], progress=False) for one in (again, model)]
    assert reports[0].labels == reports[1].labels
    assert reports[0].coverage == reports[1].coverage
    ran = [{"mxnet", "onnxruntime"} & set(one.model["measured_with"]) for one in reports]
    assert ran == [{"onnxruntime"}, {"mxnet"}], "both are loaded here"


def test_a_catalog_takes_both_for_the_same_model(model: mm.LocalAudioModel, again: mm.LocalAudioModel) -> None:
    assert again._ready().identity == model._ready().identity
    assert again._ready().embedder == model._ready().embedder


def test_a_copy_of_an_exported_model_is_one_with_its_new_thresholds(exported: Path, tmp_path: Path) -> None:
    model = mm.load(exported)
    assert isinstance(model, mm.LocalAudioModel)
    model.thresholds = {"hum": 0.25}
    copy = mm.load(model.save(tmp_path / "copy"))
    assert isinstance(copy, mm.LocalAudioModel)
    assert copy.thresholds.loc["hum", "threshold"] == 0.25
    assert json.loads((tmp_path / "copy" / "model.json").read_text())["kind"] == "onnx-audio"


def test_the_same_model_gives_the_same_files(model: mm.LocalAudioModel, exported: Path, tmp_path: Path) -> None:
    assert files(model.export_onnx(tmp_path / "model")) == files(exported)


def test_what_is_saved_over_an_exported_model_leaves_no_graph(model: mm.LocalAudioModel, tmp_path: Path) -> None:
    model.export_onnx(tmp_path / "model")
    model.save(tmp_path / "model")
    assert not list((tmp_path / "model").glob("*.onnx"))
    loaded = mm.load(tmp_path / "model")
    assert isinstance(loaded, mm.LocalAudioModel)
    assert isinstance(loaded._ready().network, Network)


@pytest.mark.parametrize("kept", ["exported", "saved"])
def test_without_mxnet_it_predicts_detects_and_is_deployed(
    kept: str, model: mm.LocalAudioModel, exported: Path, tones: Path, tmp_path: Path
) -> None:
    folder = exported if kept == "exported" else model.save(tmp_path / "model")
    path = tones / "whistle" / "0.wav"
    label, confidence, deployed, events = json.loads(told_without_mxnet(PREDICTS, folder, path))
    expected = model.predict(path)
    assert label == deployed == expected.label
    assert confidence == pytest.approx(expected.confidence, abs=1e-4)
    assert events == [one.label for one in model.detect(path, progress=False).events]


@pytest.mark.slow
def test_without_mxnet_an_archive_is_sifted_and_searched(
    model: mm.LocalAudioModel, exported: Path, tones: Path, tmp_path: Path
) -> None:
    pytest.importorskip("usearch", reason="needs the extra 'similar'")
    segments, near = json.loads(told_without_mxnet(SIFTS, exported, tones, tmp_path / "theirs.sqlite"))
    catalog = mm.scan(tones, models=[model], store=tmp_path / "ours.sqlite", progress=False)
    assert segments == len(catalog.segments()) > 0
    assert near == len(catalog.similar(tones / "hum" / "0.wav", by=model)) > 0


def test_without_mxnet_it_does_not_learn_and_says_why(exported: Path, tones: Path) -> None:
    assert "To learn, MXNet is needed" in told_without_mxnet(FITS, exported, tones)


def test_without_onnx_runtime_the_pip_command_is_named(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mediaml\[onnx\]'"):
        mm.load(exported)


def test_a_graph_that_computes_something_else_is_not_written(
    model: mm.LocalAudioModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = OnnxNetwork.embed
    monkeypatch.setattr(OnnxNetwork, "embed", lambda *arguments: embed(*arguments) * np.float32(1.01))
    with pytest.raises(BackendError, match="another embedding than MXNet"):
        model.export_onnx(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_what_is_no_number_agrees_with_nothing() -> None:
    right = {"x": np.ones((2, 2), np.float32)}
    assert agreement.check(right, right) == 0
    with pytest.raises(BackendError):
        agreement.check(right, {"x": np.full((2, 2), np.nan, np.float32)})


def test_other_programs_run_the_graph(model: mm.LocalAudioModel, exported: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(next(iter(exported.glob("*.onnx"))), providers=["CPUExecutionProvider"])
    network = model._ready().network
    heard = np.random.RandomState(0).uniform(-60, 0, (3, 32, network.spec.clip_frames)).astype(np.float32)
    embedding, logits = session.run(["embedding", "logits"], {"spectrogram": heard})
    assert agree(embedding, network.embed(heard))
    assert agree(logits, network.logits(heard))
