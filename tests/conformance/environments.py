"""AWS's own programs in environments of their own, made once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

# What AWS's MXNet 1.9 images hold, as far as pip still has it; see docs/sagemaker.md.
COMMON = ("mxnet==1.9.1",)
TRAIN = ("sagemaker-training==5.1.4", "sagemaker-mxnet-training==4.3.0")
SERVE = ("multi-model-server==1.1.11", "sagemaker-inference==1.10.1", "sagemaker-mxnet-inference==1.5.5")
NUMPY = {
    "3.8": ("setuptools==65.5.0", "wheel<0.46", "numpy==1.19.5", "scipy==1.7.0"),
    "3.11": ("setuptools==65.5.0", "wheel", "numpy==1.26.4", "scipy==1.11.4"),
}
# Its botocore is of its own, and about as old as ours.
AWSCLI = ("awscli==1.46.3",)
# The training image has scipy, the serving image has not.
WITHOUT_SCIPY = {python: tuple(one for one in pins if not one.startswith("scipy")) for python, pins in NUMPY.items()}
# On newer numpys the model server's workers import mxnet before any code of ours could help it.
BOOL_FIX = """import sys


class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "mxnet":
            import numpy as np

            if "bool" not in np.__dict__:
                np.bool = np.bool_
            sys.meta_path.remove(self)
        return None


sys.meta_path.insert(0, _Finder())
"""


def toolkits(version: str) -> Path:
    """Give the folder with the environments ``train`` and ``serve`` for a Python, made where missing.

    Skips the test aloud where something that is needed is missing.
    """
    python = _python(version)
    if shutil.which("java") is None:
        pytest.skip("needs Java for AWS's model server")
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare: AWS's toolkits want a process namespace of their own")
    told = repr((COMMON, TRAIN, SERVE, NUMPY[version], BOOL_FIX))
    return _kept(f"toolkits-{version}", told, lambda folder: _build_toolkits(python, version, folder))


def awscli() -> Path:
    """Give AWS's command line, ``aws``, installed where missing.

    Skips the test aloud where it cannot be had.
    """
    return (
        _kept("awscli", repr((AWSCLI, sys.version)), lambda folder: _build(sys.executable, folder, AWSCLI)) / "bin/aws"
    )


def _kept(name: str, told: str, build: Callable[[Path], None]) -> Path:
    """Give a folder of the cache, built where it is missing or was built of something else.

    Environments cannot be moved, so a link to the folder says that it is whole.
    """
    cache = Path(user_cache_dir("mediaml-tests", appauthor=False))
    place = cache / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes do not build at once
        if not place.exists():
            folder = Path(f"{place}.d")
            shutil.rmtree(folder, ignore_errors=True)
            place.unlink(missing_ok=True)  # a link to what somebody has swept away
            build(folder)
            place.symlink_to(folder)
    return place


def _python(version: str) -> str:
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), Path("/root/.pyenv")]
    found = [str(one) for root in roots for one in sorted(root.glob(f"versions/{version}.*/bin/python"))]
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        found.append(sys.executable)
    for candidate in [*found, shutil.which(f"python{version}")]:
        if candidate:
            return candidate
    pytest.skip(f"needs a Python {version}: none in ~/.pyenv/versions or on the PATH")


def _build_toolkits(python: str, version: str, place: Path) -> None:
    for name, packages in (("train", (*NUMPY[version], *TRAIN)), ("serve", (*WITHOUT_SCIPY[version], *SERVE))):
        # setuptools first: the toolkits' own build needs this one
        _build(python, place / name, packages[:2], (*COMMON, *packages[2:]))
        if version != "3.8":
            packages_folder = place / name / f"lib/python{version}/site-packages"
            (packages_folder / "numpy_bool_fix.py").write_text(BOOL_FIX)
            (packages_folder / "numpy_bool_fix.pth").write_text("import numpy_bool_fix\n")


def _build(python: str, folder: Path, *steps: tuple[str, ...]) -> None:
    """Make an environment, and install into it step by step; skip the test where that cannot be."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    for step in steps:
        done = subprocess.run(
            [str(folder / "bin/python"), "-m", "pip", "install", "-q", *step],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"{', '.join(step)} cannot be installed here: {done.stderr[-500:]}")
