"""AWS's training and serving toolkits in environments of their own, made once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
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
    cache = Path(user_cache_dir("mediaml-tests", appauthor=False))
    place = cache / f"toolkits-{version}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs do not build at once
        if not place.exists():
            _build(python, version, place)
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


def _build(python: str, version: str, place: Path) -> None:
    """Make both environments; venvs cannot be moved, so a mark says which are whole."""
    shutil.rmtree(f"{place}.d", ignore_errors=True)
    place.unlink(missing_ok=True)  # a link to what somebody has swept away
    for name, packages in (("train", (*NUMPY[version], *TRAIN)), ("serve", (*WITHOUT_SCIPY[version], *SERVE))):
        folder = Path(f"{place}.d") / name
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        # setuptools first: the toolkits' own build needs this one
        for step in (packages[:2], (*COMMON, *packages[2:])):
            done = subprocess.run(
                [str(folder / "bin/python"), "-m", "pip", "install", "-q", *step],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                shutil.rmtree(f"{place}.d", ignore_errors=True)
                pytest.skip(f"AWS's toolkits cannot be installed here: {done.stderr[-500:]}")
        if version != "3.8":
            packages_folder = folder / f"lib/python{version}/site-packages"
            (packages_folder / "numpy_bool_fix.py").write_text(BOOL_FIX)
            (packages_folder / "numpy_bool_fix.pth").write_text("import numpy_bool_fix\n")
    place.symlink_to(f"{place}.d")
