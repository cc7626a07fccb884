"""Folders and files of the user's that nobody else may look into."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_folder(path: Path) -> Path:
    """Make a folder and those above it where they are missing, for the user alone; what is there stays as it is."""
    missing = []
    above = path
    while not above.exists():
        missing.append(above)
        above = above.parent
    for one in reversed(missing):
        one.mkdir(mode=FOLDER, exist_ok=True)
    path.mkdir(exist_ok=True)  # where it is a file, this says so
    return path


def make_file(path: Path) -> Path:
    """Make an empty file where there is none, for the user alone: what is written to it later was never open."""
    make_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE))
    return path
