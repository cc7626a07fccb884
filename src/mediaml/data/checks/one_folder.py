"""Data without a label that was read from one folder too deep."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def in_one_folder(paths: Iterable[str]) -> str:
    """Tell of files that all lie right in one folder, and of the folder above; nothing where they lie in several.

    `from_folder` takes the folders in a folder as labels: of a label's own folder it makes clips without a label.

    Parameters
    ----------
    paths
        Of files without a label. Those on S3 were read from no folder.
    """
    folders = {"" if "://" in path else str(Path(path).absolute().parent) for path in paths}
    if len(folders) != 1 or "" in folders:
        return ""
    (folder,) = folders
    return f"no folder per label in {folder}; did you mean its parent, {Path(folder).parent}?"
