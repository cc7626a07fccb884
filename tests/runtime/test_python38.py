"""The runtime ships alone to AWS's container: Python 3.8, numpy, nothing else of mediaml."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mediaml.runtime

RUNTIME = Path(mediaml.runtime.__file__).parent
SOURCES = sorted(RUNTIME.rglob("*.py"))
NAMES = [path.relative_to(RUNTIME).as_posix() for path in SOURCES]
ALLOWED = {"numpy", "scipy", "mxnet", "sagemaker_inference"}  # the last is AWS's serving toolkit, where it runs


def python38() -> str:
    """Find a real Python 3.8, or skip and say where one is looked for."""
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), Path("/root/.pyenv")]
    installed = [str(path) for root in roots for path in sorted(root.glob("versions/3.8*/bin/python"))]
    for candidate in [*installed, shutil.which("python3.8")]:
        if candidate and run(candidate, "-c", "import sys; print(*sys.version_info[:2])").stdout.split() == ["3", "8"]:
            return candidate
    pytest.skip("needs a real Python 3.8: none in ~/.pyenv/versions, and no python3.8 on the PATH that runs")


def run(*command: str, **options) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=clean, check=False, **options)


def copy_of_runtime(folder: Path) -> Path:
    """Copy the folder alone, as it is copied to AWS, as a package of its own."""
    shutil.copytree(RUNTIME, folder / "runtime", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


def test_there_is_something_to_look_at():
    assert {"spec.py", "dsp.py", "store.py", "loop.py", "network.py", "networks/cnn.py"} <= set(NAMES)


# --- Python 3.8


def test_every_file_compiles_under_a_real_python_38(tmp_path):
    copy = copy_of_runtime(tmp_path)

    done = run(python38(), "-W", "error", "-m", "compileall", "-q", "-f", str(copy))

    assert done.returncode == 0, done.stdout + done.stderr


def test_what_needs_no_numpy_runs_under_a_real_python_38(tmp_path):
    program = """
import importlib, json
from runtime import faults
from runtime.spec import Spec
spec = Spec(fmax=8000.0)
assert Spec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
print(spec.digest)
"""
    done = run(python38(), "-W", "error", "-c", program, cwd=copy_of_runtime(tmp_path))

    from mediaml.runtime.spec import Spec

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == Spec(fmax=8000.0).digest


def test_everything_imports_under_a_real_python_38_but_for_numpy(tmp_path):
    # numpy is stood in for: what runs at import (decorators, base classes, annotations, defaults) is our own
    program = """
import importlib, pkgutil, sys
from unittest.mock import MagicMock
for name in ("numpy", "scipy", "scipy.fft", "scipy.sparse"):
    sys.modules[name] = MagicMock(name=name)
import runtime
names = sorted(module.name for module in pkgutil.walk_packages(runtime.__path__, "runtime."))
for name in names:
    importlib.import_module(name)
assert "mxnet" not in sys.modules
print(len(names))
"""
    done = run(python38(), "-W", "error", "-c", program, cwd=copy_of_runtime(tmp_path))

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= len(NAMES) - 1


def test_nothing_newer_than_python_38_is_used():
    pytest.importorskip("vermin")
    options = ["-t=3.8-", "--no-tips", "--eval-annotations", "--feature", "union-types", "--violations"]

    done = run(sys.executable, "-c", "import vermin; vermin.main()", *options, *map(str, SOURCES))

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_the_grammar_is_that_of_python_38(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


# --- alone


def imported(path: Path) -> set[str]:
    """Give what a file imports, anywhere in it: absolute names, and relative ones with their dots."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_a_file_imports_the_standard_library_numpy_and_its_neighbours_only(path):
    depth = len(path.relative_to(RUNTIME).parts)

    for name in imported(path):
        if name.startswith("."):
            assert len(name) - len(name.lstrip(".")) <= depth, f"{name} reaches out of the runtime"
        else:
            assert name.split(".")[0] in sys.stdlib_module_names | ALLOWED, f"{name} is not in AWS's container"


def test_the_folder_works_as_a_package_of_its_own(tmp_path):
    program = """
import importlib, pkgutil, sys
import numpy as np
import runtime
for module in pkgutil.walk_packages(runtime.__path__, "runtime."):
    importlib.import_module(module.name)
from runtime import dsp, networks
spec = networks.default_spec("cnn")
picture = dsp.log_mel(np.zeros(spec.clip_samples, np.float32), spec)
assert picture.shape == (spec.mel_bands, spec.clip_frames)
loaded = {name.split(".")[0] for name in sys.modules}
print(*sorted(loaded & {"mediaml", "mxnet", "pydantic", "pandas", "soundfile", "soxr", "boto3", "matplotlib", "tqdm"}))
"""
    folder = copy_of_runtime(tmp_path)

    done = run(sys.executable, "-W", "error", "-c", program, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_nothing_but_python_files_ships():
    caches = ("__pycache__", ".ruff_cache", ".mypy_cache")
    shipped = [path for path in RUNTIME.rglob("*") if path.is_file() and not set(path.parts) & set(caches)]

    assert {path.name for path in shipped if path.suffix != ".py"} == {"ruff.toml"}
