"""Models of pictures that are exported: the same labels and boxes from ONNX Runtime, and no MXNet anywhere near."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.backends.onnx.eye import OnnxEye
from mediaml.backends.onnx.finder import OnnxFinder
from mediaml.backends.pictures.fitted_boxes import FittedBoxes
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.errors import BackendError, MissingExtraError
from tests.backends.onnx.examples import box_model, files, told_without_mxnet
from tests.pictures import SHAPES, pretrained, small_image_model, write_shapes

LARGEST = 20_000_000  # bytes
pytestmark = pytest.mark.slow

PREDICTS = """
import json
from collections import Counter
model = mm.load(sys.argv[1])
seen = model.predict(sys.argv[2])
with model.deploy() as endpoint:
    deployed = endpoint.predict(sys.argv[2])
events = model.detect(sys.argv[3], progress=False).events if sys.argv[3:] else ()
print(json.dumps([seen.label, seen.confidence, deployed.label, len(seen.boxes), [one.label for one in events]]))
assert not [name for name in sys.modules if name.startswith("mxnet.")]
"""

FITS = """
try:
    mm.load(sys.argv[1]).fit(mm.ImageDataset.from_folder(sys.argv[2]), progress=False)
except mm.errors.BackendError as error:
    print(error)
"""


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    pretrained()


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("shapes"), 4)


@pytest.fixture(scope="module")
def labels(shapes: Path) -> mm.LocalImageModel:
    return small_image_model().fit(mm.ImageDataset.from_folder(shapes), progress=False)


@pytest.fixture(scope="module", params=["labels", "boxes"])
def model(request: pytest.FixtureRequest) -> mm.LocalImageModel:
    found = request.getfixturevalue("labels") if request.param == "labels" else box_model()
    assert isinstance(found, mm.LocalImageModel)
    return found


@pytest.fixture(scope="module")
def exported(model: mm.LocalImageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model.export_onnx(tmp_path_factory.mktemp("exported") / "model")


@pytest.fixture(scope="module")
def again(exported: Path) -> mm.LocalImageModel:
    found = mm.load(exported)
    assert isinstance(found, mm.LocalImageModel)
    return found


def test_the_folder_holds_facts_arrays_and_a_graph_and_nothing_else(exported: Path) -> None:
    found = files(exported)
    assert {Path(name).suffix for name in found} == {".json", ".onnx", ".params"}
    assert len(found) == 3
    assert sum(map(len, found.values())) < LARGEST
    assert json.loads(found["model.json"])["kind"] == "onnx-image"


def test_verdicts_are_the_same(model: mm.LocalImageModel, again: mm.LocalImageModel, shapes: Path) -> None:
    paths = sorted(shapes.rglob("*.png"))[::3]
    for ours, theirs in zip(again.predict(paths), model.predict(paths), strict=True):
        assert (ours.label, ours.labels, ours.reason) == (theirs.label, theirs.labels, theirs.reason)
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-4)
        assert placed(ours) == pytest.approx(placed(theirs), abs=0.01)


def placed(found: mm.ImagePrediction) -> np.ndarray:
    """Sides and label of each box, by place: looked at in a mirror, too, two may be equally likely."""
    rows = [[box.left, box.top, box.right, box.bottom, SHAPES.index(box.label)] for box in found.boxes]
    return np.array(sorted(rows)).reshape(-1, 5)


def test_the_boxes_that_are_compared_are_some(shapes: Path) -> None:
    assert len(box_model().predict(shapes / "circle" / "0.png").boxes) > 3


def test_onnx_runtime_runs_it_and_a_catalog_takes_both_for_the_same(
    model: mm.LocalImageModel, again: mm.LocalImageModel
) -> None:
    fitted = again._ready()
    if isinstance(fitted, FittedBoxes):
        assert isinstance(fitted.finder, OnnxFinder)
    else:
        assert isinstance(fitted, FittedLabels)
        assert isinstance(fitted.eye, OnnxEye)
    assert fitted.embedder == model._ready().embedder
    assert again.watcher().identity == model.watcher().identity


def test_a_report_is_the_same(labels: mm.LocalImageModel, shapes: Path, tmp_path: Path) -> None:
    loaded = mm.load(labels.export_onnx(tmp_path / "model"))
    assert isinstance(loaded, mm.LocalImageModel)
    data = mm.ImageDataset.from_folder(shapes)
    ours, theirs = (one.evaluate(data, progress=False) for one in (loaded, labels))
    assert isinstance(ours, mm.ImageReport)
    assert isinstance(theirs, mm.ImageReport)
    assert ours.accuracy == theirs.accuracy


def test_a_copy_of_an_exported_model_is_one_with_its_new_thresholds(again: mm.LocalImageModel, tmp_path: Path) -> None:
    again.thresholds = {"circle": 0.25}
    copy = mm.load(again.save(tmp_path / "copy"))
    assert isinstance(copy, mm.LocalImageModel)
    assert copy.thresholds.loc["circle", "threshold"] == 0.25
    assert json.loads((tmp_path / "copy" / "model.json").read_text())["kind"] == "onnx-image"


def test_what_is_saved_over_an_exported_model_leaves_no_graph(model: mm.LocalImageModel, tmp_path: Path) -> None:
    model.export_onnx(tmp_path / "model")
    model.save(tmp_path / "model")
    assert not list((tmp_path / "model").glob("*.onnx"))


@pytest.mark.parametrize("kept", ["exported", pytest.param("saved", marks=pytest.mark.slow)])
def test_without_mxnet_it_predicts_and_is_deployed(
    kept: str, model: mm.LocalImageModel, exported: Path, shapes: Path, tmp_path: Path
) -> None:
    folder = exported if kept == "exported" else model.save(tmp_path / "model")
    path = shapes / "cross" / "0.png"
    label, confidence, deployed, boxes, _ = json.loads(told_without_mxnet(PREDICTS, folder, path))
    expected = model.predict(path)
    assert label == deployed == expected.label
    assert confidence == pytest.approx(expected.confidence, abs=1e-4)
    assert boxes == len(expected.boxes)


@pytest.mark.slow
def test_without_mxnet_it_watches_videos(labels: mm.LocalImageModel, shapes: Path, tmp_path: Path) -> None:
    pytest.importorskip("av", reason="needs the extra 'video'")
    film = tmp_path / "film.mp4"
    mm.samples.film(film, [("siren", 2.0), (None, 2.0)])
    folder = labels.export_onnx(tmp_path / "model")
    *_, events = json.loads(told_without_mxnet(PREDICTS, folder, shapes / "cross" / "0.png", film))
    assert events == [one.label for one in labels.detect(film, progress=False).events]


@pytest.mark.slow
def test_without_mxnet_it_does_not_learn_and_says_why(exported: Path, shapes: Path) -> None:
    assert "To learn, MXNet is needed" in told_without_mxnet(FITS, exported, shapes)


def test_without_onnx_runtime_the_pip_command_is_named(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mediaml\[onnx\]'"):
        mm.load(exported)


def test_a_graph_that_computes_something_else_is_not_written(
    model: mm.LocalImageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed, look = OnnxEye.embed, OnnxFinder.look
    monkeypatch.setattr(OnnxEye, "embed", lambda *given: embed(*given) + np.float32(0.01))
    monkeypatch.setattr(OnnxFinder, "look", lambda *given: (look(*given)[0] * np.float32(1.01), look(*given)[1]))
    with pytest.raises(BackendError, match="than MXNet"):
        model.export_onnx(tmp_path / "model")
    assert not (tmp_path / "model").exists()
