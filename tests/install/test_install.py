"""What `pip install mediaml` brings into empty environments: with MXNet, and on the newest Python without it."""

from __future__ import annotations

import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from tests.backends.onnx.examples import box_model
from tests.install.environments import ROOT, Environment, newest_python, run
from tests.pictures import pretrained, small_image_model, write_shapes
from tests.sounds import small_model, write_tones

pytestmark = pytest.mark.slow

LEARN = """
import sys
import mediaml as mm
folder = mm.samples.write_recordings(sys.argv[1], per_label=4, labels=["siren", "bell"], seconds=(2.0, 3.0))
sounds = mm.AudioDataset.from_folder(folder)
train, test = sounds.split(0.5, 0.5, seed=1)
model = mm.LocalAudioModel(mm.SpectrogramBuilder(clip_seconds=2.0), epochs=1).fit(train, progress=False)
model.evaluate(test).save(sys.argv[1] + "/report.html")
sounds.check().save(sys.argv[1] + "/check.html")
mm.load(model.save(sys.argv[1] + "/model")).predict(test)
try:
    model.predict(b"neither fish nor flesh")
except mm.errors.AudioError as error:
    assert "pip install 'mediaml[video]'" in str(error), error
try:
    mm.AudioDataset.from_table(sys.argv[1] + "/clips.parquet")
except mm.errors.MissingExtraError as error:
    assert "pip install 'mediaml[parquet]'" in str(error), error
print("all well")
"""

# What cannot be done there is said by errors of ours; each as a line of JSON: its class and its message.
CANNOT = """
import json, sys
import mediaml as mm
from mediaml.backends.provenance import versions
saved, exported, tones = sys.argv[1:]
sounds = mm.AudioDataset.from_folder(tones)
assert sounds.check().ok
assert "mxnet" not in versions()  # what starts a training on AWS from here
train, test = sounds.split(0.5, 0.5, seed=1)
for attempt in (
    lambda: mm.LocalAudioModel().fit(train, progress=False),
    lambda: mm.load(saved).predict(next(iter(test.frame["path"]))),
    lambda: mm.load(exported),
):
    try:
        attempt()
    except mm.errors.MediamlError as error:
        print(json.dumps([type(error).__name__, str(error)]))
    else:
        print(json.dumps(["nothing", "it worked"]))
"""

# Every model is asked for all of its items: a JSON document of predictions.
ASK = """
import json, sys
import mediaml as mm
for folder, *items in json.loads(sys.argv[1]):
    print(json.dumps([one.model_dump(mode="json") for one in mm.load(folder).predict(items)]))
"""

EXTRAS = (
    "av",
    "scenedetect",
    "opentimelineio",
    "onnxruntime",
    "usearch",
    "ray",
    "pyarrow",
    "sagemaker",
    "moto",
    "fastapi",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist, and of the wheel that is built from it and not from the repository."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("mediaml-*.whl"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that MXNet made here, saved and exported: of sounds, of labels and of boxes; and what they are asked."""
    folder = tmp_path_factory.mktemp("models")
    pretrained()
    sounds = mm.AudioDataset.from_folder(write_tones(folder / "tones"))
    pictures = mm.ImageDataset.from_folder(write_shapes(folder / "shapes"))
    made: dict[str, Any] = {
        "sounds": small_model().fit(sounds, progress=False),
        "labels": small_image_model().fit(pictures, progress=False),
        "boxes": box_model(),
    }
    for name, model in made.items():
        model.save(folder / name)
        model.export_onnx(folder / f"{name}-exported")
    return folder


def test_the_sdist_holds_what_it_takes_to_build_and_test(built: Path) -> None:
    with tarfile.open(next(built.glob("mediaml-*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "src/mediaml/py.typed",
        "tests/conftest.py",
        "LICENSE",
        "CONTRIBUTING.md",
        "Makefile",
        "docs/index.md",
    ):
        assert needed in names
    assert [name for name in names if ".venv" in name or "__pycache__" in name] == []


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"mediaml"}
    for needed in ("mediaml/py.typed", "mediaml/reports/templates/report.html.j2", "mediaml/runtime/dsp.py"):
        assert needed in names


def test_a_python_that_has_mxnet(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv", sys.executable)
    environment.install(wheel)
    assert [one for one in (*EXTRAS, "pytest") if environment.holds(one)] == []
    assert environment.says(LEARN, tmp_path / "sounds").endswith("all well\n")


def test_the_newest_python_without_mxnet(wheel: Path, models: Path, tmp_path: Path) -> None:
    """What the same models say on both Pythons; and before the extra is there, what is missing."""
    python = newest_python()
    if python is None:
        pytest.skip("no Python 3.12 or newer here, on the PATH or below ~/.pyenv: nothing is known of newer ones")
    environment = Environment(tmp_path / "venv", python)
    environment.install(wheel)
    assert [one for one in (*EXTRAS, "mxnet") if environment.holds(one)] == []
    assert environment.says("import numpy; print(numpy.__version__)") >= "2"

    told = environment.says(CANNOT, models / "sounds", models / "sounds-exported", models / "tones").splitlines()
    learning, saved, exported = map(json.loads, told)
    assert learning[0] == "BackendError"
    assert "needs Python 3.11 or older" in learning[1]
    assert saved[0] == exported[0] == "MissingExtraError"
    assert "pip install 'mediaml[onnx]'" in saved[1]
    assert "pip install 'mediaml[onnx]'" in exported[1]

    environment.install(wheel, "onnx")
    asked = _asked(models)
    there, here = (one.splitlines() for one in (environment.says(ASK, asked), run(sys.executable, "-c", ASK, asked)))
    assert len(there) == len(here) == 5
    for said, expected in zip(there, here, strict=True):
        assert json.loads(said) == _about(json.loads(expected))
    shown = run(environment.scripts / "mediaml", "sounds", "predict", models / "sounds-exported", _sounds(models)[0])
    assert shown.startswith(str(_sounds(models)[0]))


def _sounds(models: Path) -> list[Path]:
    return sorted((models / "tones").rglob("*.wav"))[::5]


def _asked(models: Path) -> str:
    """Which folders are asked for what.

    Saved ones are run by MXNet on one Python and by ONNX Runtime on the other; not those of boxes: a network that has
    learned nothing finds many boxes that are as good as each other, and which is kept hangs on the last digit.
    """
    pictures = sorted((models / "shapes").rglob("*.png"))[::5]
    folders = {"sounds": _sounds(models), "labels": pictures}
    folders |= {f"{name}-exported": items for name, items in folders.items()} | {"boxes-exported": pictures}
    return json.dumps([[str(models / name), *map(str, items)] for name, items in folders.items()])


def _about(value: Any) -> Any:
    """The same, its numbers within 1e-4."""
    if isinstance(value, dict):
        return {name: _about(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_about(one) for one in value]
    return pytest.approx(value, abs=1e-4) if isinstance(value, float) else value
