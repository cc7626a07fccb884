"""Empty environments, of any Python that there is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDEST, NEWEST = 12, 30  # of Python 3, of those that MXNet has no wheel for
ASKED = "import sys; print(*sys.version_info[:2], sys.version_info.releaselevel, sys.executable)"


def run(*command: object, code: int = 0) -> str:
    """Run a command outside of the repository, expect an exit code, and give what it prints."""
    words = [str(part) for part in command]
    answer = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    assert answer.returncode == code, answer.stdout[-2000:] + answer.stderr[-3000:]
    return answer.stdout


class Environment:
    """A virtual environment that holds what a user's ``pip install`` brings, and nothing else.

    Parameters
    ----------
    folder
        Where it is made.
    python
        Of which Python.
    """

    def __init__(self, folder: Path, python: str) -> None:
        # pip works from outside: it would take seconds to bring one in
        run(python, "-m", "venv", "--without-pip", folder)
        self.scripts = folder / "bin"
        self.python = self.scripts / "python"

    def install(self, wheel: Path, *extras: str) -> None:
        """Install the wheel with extras, in the versions that the repository pins."""
        asked = f"{wheel}[{','.join(extras)}]" if extras else wheel
        pip = (sys.executable, "-m", "pip", "--python", self.python, "install", "-q", "--no-compile")
        run(*pip, "-c", ROOT / "constraints.txt", asked)

    def says(self, program: str, *arguments: object) -> str:
        """Run a program in it, warnings and all, and give what it prints."""
        return run(self.python, "-c", program, *arguments)

    def holds(self, module: str) -> bool:
        """Whether a module can be imported in it."""
        found = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]) is not None)"
        return self.says(found, module).strip() == "True"


@cache
def newest_python() -> str | None:
    """The newest Python here that MXNet has no wheel for: on the PATH, or of pyenv's; None: there is none."""
    found = []
    for candidate in _candidates():
        answer = subprocess.run([candidate, "-c", ASKED], capture_output=True, text=True, check=False)
        if answer.returncode == 0:  # pyenv's names on the PATH fail where their Python is not chosen
            major, minor, level, executable = answer.stdout.split(maxsplit=3)
            if level == "final":
                found.append((int(major), int(minor), executable.strip()))
    return max(found)[2] if found else None


def _candidates() -> Iterator[str]:
    names = [f"python3.{minor}" for minor in range(OLDEST, NEWEST)]
    yield from filter(None, map(shutil.which, names))
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(one) for name in names for one in root.glob(f"versions/*/bin/{name}"))
