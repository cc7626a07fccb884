"""The wheel, in an empty environment: what a user gets from `pip install mediaml`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import importlib.util, sys
import mediaml as mm
folder = mm.samples.write_recordings(sys.argv[1], per_label=4, labels=["siren", "bell"], seconds=(2.0, 3.0))
sounds = mm.AudioDataset.from_folder(folder)
train, test = sounds.split(0.5, 0.5, seed=1)
model = mm.LocalAudioModel(mm.SpectrogramBuilder(clip_seconds=2.0), epochs=1).fit(train, progress=False)
model.evaluate(test).save(sys.argv[1] + "/report.html")
sounds.check().save(sys.argv[1] + "/check.html")
mm.load(model.save(sys.argv[1] + "/model")).predict(test)
for extra in ("av", "pyarrow", "pytest", "moto", "sagemaker"):
    assert importlib.util.find_spec(extra) is None, extra
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


def run(*command: object) -> str:
    answer = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd="/")
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-3000:]
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
    return next(folder.glob("mediaml-*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"mediaml"}
    for needed in ("mediaml/py.typed", "mediaml/reports/templates/report.html.j2", "mediaml/runtime/dsp.py"):
        assert needed in names


@pytest.mark.slow
def test_it_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel)
    assert run(python, "-c", PROGRAM, tmp_path / "sounds").endswith("all well\n")
