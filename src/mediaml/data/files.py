"""Names of files: whether there are such, and in signs that every font and encoder knows."""

from __future__ import annotations

import os
from pathlib import Path


def is_there(path: str | Path) -> bool:
    """Tell whether there is such a file or folder; a name that no file can have is none, and no error."""
    return os.path.exists(path)  # noqa: PTH110  Path.exists raises where a name is too long


def printable(text: str) -> str:
    """Replace what is no text by ``?``: names of files may hold control signs, and bytes of another encoding."""
    known = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "?" for sign in known)
