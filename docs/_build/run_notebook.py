"""Run a notebook by nbmake, once for each state of the code; `python docs/_build/run_notebook.py NAME` prints where.

The notebooks in git have no outputs. The site shows them with theirs, and the tests want to know that they run: both
take what is made here. What ran is kept in `.cache/notebooks` under a digest of the notebook's code, of mediaml and of
every package that is installed; while none of these changes, nothing runs again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path

import mediaml

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
PACKAGE = Path(mediaml.__file__).resolve().parent
KEPT = ROOT / ".cache" / "notebooks"
SECONDS = 600  # of a cell; those that take longer hang


class NotebookFailedError(Exception):
    """A notebook does not run; the message is what nbmake says of it."""


def executed(name: str) -> Path:
    """Give a notebook of `notebooks/` with its outputs.

    Parameters
    ----------
    name
        Without its ending.

    Raises
    ------
    NotebookFailedError
        A cell failed.
    """
    source = NOTEBOOKS / f"{name}.ipynb"
    kept = KEPT / f"{name}.{_digest(source)}.ipynb"
    KEPT.mkdir(parents=True, exist_ok=True)
    with _alone(name):
        if not kept.exists():
            ran = _run(source)
            for old in KEPT.glob(f"{name}.*.ipynb"):
                old.unlink()
            kept.write_bytes(ran)
    return kept


def _run(source: Path) -> bytes:
    """Run it in an empty folder: what it writes is not kept."""
    with tempfile.TemporaryDirectory(prefix="notebook-") as folder:
        place = Path(shutil.copy(source, folder))
        nbmake = ["pytest", "--nbmake", "--overwrite", f"--nbmake-timeout={SECONDS}", "-q", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", *nbmake, "-p", "no:xdist", place.name]
        answer = subprocess.run(  # noqa: S603  ours
            command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
        )
        if answer.returncode:
            raise NotebookFailedError(f"{source.name} does not run:\n{answer.stdout}{answer.stderr}")
        if strays := _strays(place):
            raise NotebookFailedError(f"{source.name} writes outside of work/{source.stem}: {', '.join(strays)}")
        return place.read_bytes()


def _strays(place: Path) -> list[str]:
    """Name what lies beside a notebook that ran, and is not in the folder that is its own: others would find it there."""
    work = place.parent / "work"
    beside = [one for one in place.parent.iterdir() if one not in (place, work)]
    inside = [one for one in work.iterdir() if one.name != place.stem] if work.exists() else []
    return sorted(str(one.relative_to(place.parent)) for one in (*beside, *inside))


def _environment() -> dict[str, str]:
    """Let the notebook import the mediaml that the digest is of, wherever it runs."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time runs a notebook; another waits, and takes what came of it."""
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(source: Path) -> str:
    files = [one for one in PACKAGE.rglob("*") if one.is_file() and "__pycache__" not in one.parts]
    code = [cell["source"] for cell in json.loads(source.read_text())["cells"] if cell["cell_type"] == "code"]
    packages = sorted(f"{one.name}=={one.version}" for one in distributions())
    digest = hashlib.sha256(json.dumps([code, packages, sys.version]).encode())
    for path in (Path(__file__), *sorted(files)):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{executed(sys.argv[1])}\n")
    except NotebookFailedError as error:
        sys.exit(str(error))
