"""The public face: names, and an import that costs nothing."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mediaml as mm

HEAVY = ("mxnet", "boto3", "sagemaker", "matplotlib", "pandas", "scipy", "pydantic", "soundfile", "numpy")


def test_all_names_exist_and_are_sorted() -> None:
    assert list(mm.__all__) == sorted(mm.__all__)
    for name in mm.__all__:
        assert getattr(mm, name) is not None
    assert set(mm.__all__) == {*mm._PUBLIC, *mm._MODULES}
    assert set(mm.__all__) <= set(dir(mm))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="AudioDatasets"):
        mm.AudioDatasets  # noqa: B018


def test_import_is_light() -> None:
    program = f"import sys, json, mediaml; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == []


def test_datasets_and_builders_do_without_mxnet_boto3_and_matplotlib(tmp_path: Path) -> None:
    program = (
        "import sys, json, numpy, mediaml as mm\n"
        "mm.SpectrogramBuilder().transform(numpy.zeros(1000), 22050); mm.AudioDataset; mm.Segment(start=0, end=1)\n"
        "print(json.dumps([m for m in ('mxnet', 'boto3', 'matplotlib') if m in sys.modules]))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == []


def test_every_module_imports() -> None:
    for module in pkgutil.walk_packages(mm.__path__, "mediaml."):
        importlib.import_module(module.name)


def test_version_is_the_one_of_the_package() -> None:
    root = Path(__file__).parents[1]
    assert mm.__version__ == tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]


def test_error_tree_in_the_docstring_is_the_real_one() -> None:
    lines = [line.strip("│├└─ ") for line in (mm.errors.__doc__ or "").splitlines() if line.startswith("    ")]
    drawn = [line.split()[0] for line in lines if line]
    real = [
        name
        for name, value in vars(mm.errors).items()
        if isinstance(value, type) and value.__module__ == mm.errors.__name__
    ]
    assert drawn == real
